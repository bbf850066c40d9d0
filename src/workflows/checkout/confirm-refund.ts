import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { applyEvent } from '../../domain/payments/apply-event.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import { transactionEvents, transactions } from '../../domain/payments/transaction.table.ts'
import { actorLabel, type PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import { withRetry } from '../../platform/db-error.ts'
import { enqueue } from '../../platform/outbox.ts'
import { lockOrderOf } from './lock-order.ts'

/**
 * A second member of staff confirms a large refund; only then is anything sent, or given to a person to send. Saying it twice changes
 * nothing. Refuses with not_found, second_person for whoever asked for it, conflict when it waits for nobody.
 */
export async function confirmRefund(context: Context, actor: PersonActor, refundId: string): Promise<void> {
  if (!isUuid(refundId)) throw new Refusal('not_found')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        await lockOrderOf(tx, refundId)
        const [found] = await tx
          .select({ parentId: transactions.parentId, kind: transactions.kind })
          .from(transactions)
          .where(eq(transactions.id, refundId))
        if (found?.kind !== 'refund' || found.parentId === null) throw new Refusal('not_found')
        await lockTransaction(tx, found.parentId)
        const refund = await lockTransaction(tx, refundId)
        const [asked] = await tx
          .select({ data: transactionEvents.data })
          .from(transactionEvents)
          .where(and(eq(transactionEvents.transactionId, refundId), sql`${transactionEvents.data} ->> 'needsSecond' = 'true'`))
        if (asked === undefined) throw new Refusal('conflict')
        if (asked.data['actor'] === actorLabel(actor)) throw new Refusal('second_person')
        const confirmed = await applyEvent(tx, stamp, refund, {
          transactionId: refundId,
          effect: 'refund_confirmed',
          effectRef: refundId,
          source: 'staff',
        })
        if (confirmed.eventId === undefined) return
        if (refund.state !== 'created') throw new Refusal('conflict')
        await audit(tx, stamp, { action: 'refund.confirmed', target: refundId, data: { amountMinor: refund.amountMinor.toString() } })
        if (context.providers.get(refund.provider)?.canRefund === true)
          await enqueue(tx, stamp, { topic: 'refund.start', payload: { transactionId: refundId }, dedupeKey: `refund.start:${refundId}` })
        else
          await applyEvent(tx, stamp, confirmed.row, {
            transactionId: refundId,
            effect: 'refund_manual',
            effectRef: refundId,
            source: 'staff',
            ...(refund.stateReason === null ? {} : { reason: refund.stateReason }),
          })
      }),
  )
  context.outbox.wake()
}
