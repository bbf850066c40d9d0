import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid, parseOrderNumber } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { orderLines, orders } from '../orders/order.table.ts'
import { reviews } from './review.table.ts'

/** A review as the database holds it. */
export type ReviewRow = typeof reviews.$inferSelect

/** What a buyer says. */
export interface ReviewWish {
  readonly stars: number
  readonly fit?: 'small' | 'true' | 'large' | undefined
  readonly body?: string | undefined
}

/**
 * A buyer says what they think of what they bought: once a line, after it was delivered, by account or by the order's link. Staff
 * look at it before anybody else does. Refuses with not_found for a line that is not one's own, review_early before the delivery,
 * conflict for a second one.
 */
export async function writeReview(
  context: Context,
  actor: Actor,
  number: string,
  token: string | undefined,
  lineId: string,
  wish: ReviewWish,
): Promise<ReviewRow> {
  const parsed = parseOrderNumber(number)
  if (parsed === undefined || !isUuid(lineId)) throw new Refusal('not_found')
  const [bought] = await context.db
    .select({ line: orderLines, order: orders })
    .from(orderLines)
    .innerJoin(orders, eq(orders.id, orderLines.orderId))
    .where(eq(orderLines.id, lineId))
  const isOwner = bought !== undefined && actor.kind === 'person' && bought.order.accountId === actor.accountId
  const hasLink = bought !== undefined && token !== undefined && bought.order.tokenHash === sha256Hex(token)
  if (bought?.order.number !== parsed || (!isOwner && !hasLink)) throw new Refusal('not_found')
  if (bought.order.state !== 'delivered' && bought.order.state !== 'returned') throw new Refusal('review_early')
  const [written] = await context.db
    .insert(reviews)
    .values({
      id: context.ids.next(),
      orderLineId: lineId,
      productId: bought.line.productId,
      accountId: bought.order.accountId,
      stars: wish.stars,
      fit: wish.fit ?? null,
      size: bought.line.size,
      body: wish.body?.trim() ?? '',
      authorName: firstName(bought.order.contactName),
      createdAt: context.clock.now(),
    })
    .onConflictDoNothing({ target: reviews.orderLineId })
    .returning()
  if (written === undefined) throw new Refusal('conflict', { detail: 'You have reviewed this already.' })
  return written
}

/** What the public sees of a name. */
const firstName = (name: string): string => name.trim().split(/\s+/)[0]?.slice(0, 40) ?? ''
