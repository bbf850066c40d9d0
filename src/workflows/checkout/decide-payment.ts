import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import { nameOrder } from '../../domain/payments/open-paybill.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { lockOrder } from './lock-order.ts'
import { audit } from '../../platform/audit.ts'
import { settlePayment, type SettleOutcome } from './settle-payment.ts'

/** What a member of staff found out about a payment or refund that waits for a person. */
export type Decision =
  /** The money is there, in full; `receipt` is the provider's proof. */
  | { readonly kind: 'accept'; readonly reason: string; readonly receipt?: string | undefined; readonly order?: string | undefined }
  /** There is no money for this order. */
  | { readonly kind: 'reject'; readonly reason: string }
  /** A refund was sent by hand; `receipt` is the proof. */
  | { readonly kind: 'sent'; readonly receipt: string }

async function nameOrderOf(context: Context, actor: PersonActor, transactionId: string, number: string): Promise<void> {
  await context.payDb.transaction(async (tx) => {
    const order = await lockOrder(tx, actor, number, undefined)
    await nameOrder(tx, transactionId, order.id)
    await audit(
      tx,
      { now: context.clock.now(), ids: context.ids, actor },
      { action: 'payment.order_named', target: transactionId, data: { order: order.number } },
    )
  })
}

/**
 * A member of staff closes a review, or marks a refund as sent by hand, with everything that follows from it in one commit: the order,
 * the goods, the books, the audit row. Refuses with not_found, conflict when nothing waits for a person there.
 */
export async function decidePayment(
  context: Context,
  actor: PersonActor,
  transactionId: string,
  decision: Decision,
): Promise<SettleOutcome> {
  const [row] = isUuid(transactionId) ? await context.payDb.select().from(transactions).where(eq(transactions.id, transactionId)) : []
  if (row === undefined) throw new Refusal('not_found')
  const told = { transactionId, source: 'staff' } as const
  if (decision.kind === 'sent') {
    if (row.kind !== 'refund' || (row.state !== 'manual' && row.state !== 'failed'))
      throw new Refusal(row.state === 'succeeded' ? 'conflict' : 'not_found')
    return await settlePayment(
      context,
      {
        ...told,
        effect: 'refund_succeeded',
        effectRef: decision.receipt,
        receipt: decision.receipt,
        data: { reference: decision.receipt },
      },
      actor,
    )
  }
  if (row.kind !== 'charge' || row.state !== 'review') throw new Refusal('conflict')
  const reason = decision.reason
  // Money typed by hand is here, whatever is wrong with it; it can be given an order and then pays it, or goes back.
  if (row.method === 'paybill' && (decision.kind === 'reject' || (row.orderId === null && decision.order === undefined)))
    throw new Refusal('conflict')
  if (row.orderId === null && decision.kind === 'accept') await nameOrderOf(context, actor, transactionId, decision.order ?? '')
  if (decision.kind === 'reject')
    return await settlePayment(
      context,
      { ...told, effect: 'failed', effectRef: `${transactionId}:rejected`, reason, nextCheckAt: null },
      actor,
    )
  const outcome = await settlePayment(
    context,
    {
      ...told,
      effect: 'captured',
      effectRef: `${transactionId}:accepted`,
      reason,
      provenAmountMinor: row.providerAmountMinor,
      provenCurrency: row.providerCurrency,
      data: { reason },
      ...(decision.receipt === undefined ? {} : { receipt: decision.receipt }),
    },
    actor,
  )
  // The receipt paid for something else already: the review stays.
  if (outcome === 'ignored') throw new Refusal('conflict')
  return outcome
}
