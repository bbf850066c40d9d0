import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { type Actor, actorLabel } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { after, days } from '../../lib/time.ts'
import { deliveryChannel } from './delivery.facts.ts'
import { deliveryShares } from './delivery.table.ts'

/** A shared link, as its maker sees it again. */
export interface DeliveryShare {
  readonly id: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
}

// A delivery lasts hours; a link that outlives a week was forgotten.
const keepMs = days(7)

/** Makes a link by which anybody may follow one delivery until two hours after its end. The token is told this once. */
export async function shareDelivery(context: Context, actor: Actor, deliveryId: string): Promise<DeliveryShare & { token: string }> {
  const now = context.clock.now()
  const token = context.ids.token()
  const share = { id: context.ids.next(), createdAt: now, expiresAt: after(now, keepMs), revokedAt: null }
  await context.db.insert(deliveryShares).values({ ...share, deliveryId, tokenHash: sha256Hex(token), createdBy: actorLabel(actor) })
  return { ...share, token }
}

/** The shared links of a delivery, newest first. */
export const sharesOf = (context: Context, deliveryId: string): Promise<DeliveryShare[]> =>
  context.db
    .select({
      id: deliveryShares.id,
      createdAt: deliveryShares.createdAt,
      expiresAt: deliveryShares.expiresAt,
      revokedAt: deliveryShares.revokedAt,
    })
    .from(deliveryShares)
    .where(eq(deliveryShares.deliveryId, deliveryId))
    .orderBy(desc(deliveryShares.id))
    .limit(100)

/** Takes a link back; whoever follows by it is cut at once, in every process. Refuses with not_found. Taking it back twice is no mistake. */
export async function revokeShare(context: Context, deliveryId: string, shareId: string): Promise<void> {
  const which = and(eq(deliveryShares.id, shareId), eq(deliveryShares.deliveryId, deliveryId))
  const revoked = await context.db
    .update(deliveryShares)
    .set({ revokedAt: context.clock.now() })
    .where(and(which, isNull(deliveryShares.revokedAt)))
    .returning({ id: deliveryShares.id })
  if (revoked.length === 0) {
    const [known] = await context.db.select({ id: deliveryShares.id }).from(deliveryShares).where(which)
    if (known === undefined) throw new Refusal('not_found')
  }
  context.hub.recheck({ channel: deliveryChannel(deliveryId) })
}
