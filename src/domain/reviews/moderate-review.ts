import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { actorLabel, type PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import { reviews } from './review.table.ts'
import type { ReviewRow } from './write-review.ts'

/** Staff publish a review or reject it, and may change their mind; the product's stars follow by themselves. Refuses with not_found. */
export async function moderateReview(
  context: Context,
  actor: PersonActor,
  id: string,
  verdict: { readonly state: 'published' | 'rejected'; readonly note?: string | undefined },
): Promise<ReviewRow> {
  if (!isUuid(id)) throw new Refusal('not_found')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  return await context.db.transaction(async (tx) => {
    const [row] = await tx
      .update(reviews)
      .set({ state: verdict.state, moderatedBy: actorLabel(actor), moderatedAt: stamp.now, moderationNote: verdict.note?.trim() ?? '' })
      .where(eq(reviews.id, id))
      .returning()
    if (row === undefined) throw new Refusal('not_found')
    await audit(tx, stamp, { action: `review.${verdict.state}`, target: id, data: { note: verdict.note } })
    return row
  })
}
