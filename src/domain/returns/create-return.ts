import { count, eq } from 'drizzle-orm'
import { actorLabel } from '../../lib/actor.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { ReturnRow } from './move-return.ts'
import { returnLines, returns } from './return.table.ts'

/** Why goods come back. */
export const returnReasons = ['too_small', 'too_large', 'not_as_shown', 'damaged', 'wrong_item', 'changed_mind', 'other'] as const

/** So many of a line, and why. */
export interface ReturnWish {
  readonly lineId: string
  readonly quantity: number
  readonly reason: (typeof returnReasons)[number]
}

/** Writes a return in `requested` with its lines. The order is locked, so its number is the next. A step. */
export async function createReturn(
  tx: Tx,
  stamp: Stamp,
  order: { readonly id: string; readonly number: string; readonly currency: string },
  wish: { readonly lines: readonly ReturnWish[]; readonly comment: string },
): Promise<ReturnRow> {
  const [earlier] = await tx.select({ count: count() }).from(returns).where(eq(returns.orderId, order.id))
  const [row] = await tx
    .insert(returns)
    .values({
      id: stamp.ids.next(),
      orderId: order.id,
      number: `${order.number}-R${(earlier?.count ?? 0) + 1}`,
      requestedBy: actorLabel(stamp.actor),
      comment: wish.comment,
      currency: order.currency,
      createdAt: stamp.now,
    })
    .returning()
  if (row === undefined) throw new Error('the return was not written')
  await tx
    .insert(returnLines)
    .values(
      wish.lines.map(({ lineId, quantity, reason }) => ({ id: stamp.ids.next(), returnId: row.id, orderLineId: lineId, quantity, reason })),
    )
  return row
}
