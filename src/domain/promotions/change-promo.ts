import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import { badTerm, checkPeriod, type PromoChange, termsFrom } from './make-promo.ts'
import type { PromoRow } from './promo.queries.ts'
import { promos } from './promo.table.ts'

/**
 * Staff change the terms of a code, or end it (`isActive: false`). Orders placed before keep what they were given. What it gives never
 * changes: make another code. Refuses with not_found, invalid_input for a limit below what was used already.
 */
export async function changePromo(
  context: Context,
  actor: PersonActor,
  id: string,
  change: PromoChange & { readonly isActive?: boolean | undefined },
): Promise<PromoRow> {
  if (!isUuid(id)) throw new Refusal('not_found')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  return await context.db.transaction(async (tx) => {
    const [before] = await tx.select().from(promos).where(eq(promos.id, id)).for('update')
    if (before === undefined) throw new Refusal('not_found')
    const terms = termsFrom(change)
    checkPeriod(terms.startsAt ?? before.startsAt, terms.endsAt === undefined ? before.endsAt : terms.endsAt)
    if (terms.totalLimit != null && terms.totalLimit < before.usedCount)
      throw badTerm('totalLimit', `It was used ${before.usedCount} times already.`)
    if (terms.mostDiscountMinor != null && before.kind !== 'percent')
      throw badTerm('mostDiscountMinor', 'Only a percentage has a largest discount.')
    const [after] = await tx
      .update(promos)
      .set({ ...terms, ...(change.isActive === undefined ? {} : { isActive: change.isActive }), updatedAt: stamp.now })
      .where(eq(promos.id, id))
      .returning()
    if (after === undefined) throw new Error('the code just locked is gone')
    await audit(tx, stamp, { action: 'promo.changed', target: id, data: { code: before.code, ...change } })
    return after
  })
}
