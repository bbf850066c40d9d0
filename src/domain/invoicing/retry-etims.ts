import { and, eq, inArray } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import { etimsSubmissions, invoices } from './invoice.table.ts'

/** Sends a rejected or stuck document again. Refuses with not_found, conflict when it is neither. */
export async function retryEtims(context: Context, actor: PersonActor, number: string): Promise<void> {
  const now = context.clock.now()
  await context.payDb.transaction(async (tx) => {
    const [found] = await tx.select({ id: invoices.id }).from(invoices).where(eq(invoices.number, number))
    if (found === undefined) throw new Refusal('not_found')
    const moved = await tx
      .update(etimsSubmissions)
      .set({ state: 'queued', attempts: 0, nextAt: now, lockedUntil: null, decidedAt: null })
      .where(and(eq(etimsSubmissions.invoiceId, found.id), inArray(etimsSubmissions.state, ['rejected', 'stuck'])))
      .returning({ id: etimsSubmissions.invoiceId })
    if (moved.length === 0) throw new Refusal('conflict')
    await audit(tx, { now, ids: context.ids, actor }, { action: 'etims.retried', target: found.id, data: { number } })
  })
  context.outbox.wake('etims')
}
