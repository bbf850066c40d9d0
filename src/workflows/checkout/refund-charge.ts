import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import { aloneMinor, stageRefund } from '../../domain/payments/stage-refund.ts'
import { holdsMoney } from '../../domain/payments/transaction.projection.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { isWholeShillings } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import { withRetry } from '../../platform/db-error.ts'
import { lockOrderOf } from './lock-order.ts'

/** A refund somebody asks for. Without an amount: all that is left. */
export interface RefundWish {
  readonly chargeId: string
  readonly amountMinor: bigint | undefined
  readonly reason: string
  /** Makes the wish one, so that a double click is one refund. */
  readonly key: string
}

/** The refund that was opened, and whether a second person has to confirm it before anything is sent. */
export interface OpenedRefund {
  readonly refundId: string
  readonly needsSecond: boolean
}

/**
 * Staff send money back: opens the refund, and lets the provider call follow the commit. What goes back from one charge beyond
 * KES 20,000, in one refund or several, waits for a second member of staff. Refuses with not_found, refund_exceeds.
 */
export async function refundCharge(context: Context, actor: PersonActor, wish: RefundWish): Promise<OpenedRefund> {
  if (!isUuid(wish.chargeId)) throw new Refusal('not_found')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  const opened = await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        await lockOrderOf(tx, wish.chargeId)
        const [found] = await tx.select({ kind: transactions.kind }).from(transactions).where(eq(transactions.id, wish.chargeId))
        if (found?.kind !== 'charge') throw new Refusal('not_found')
        const charge = await lockTransaction(tx, wish.chargeId)
        const gone = charge.refundedMinor + charge.refundPendingMinor
        const amountMinor = wish.amountMinor ?? charge.capturedMinor - gone
        if (!holdsMoney(charge.state) || amountMinor <= 0n) throw new Refusal('refund_exceeds')
        if (charge.provider === 'mpesa' && !isWholeShillings(amountMinor))
          throw new Refusal('invalid_input', { detail: 'M-Pesa moves whole shillings.' })
        const needsSecond = gone + amountMinor > aloneMinor
        const canRefund = context.providers.get(charge.provider)?.canRefund === true
        const refundId = await stageRefund(tx, stamp, charge, {
          amountMinor,
          reason: wish.reason,
          canRefund,
          needsSecond,
          key: `S-${wish.key}`,
        })
        await audit(tx, stamp, {
          action: 'refund.requested',
          target: refundId,
          data: { chargeId: charge.id, amountMinor: amountMinor.toString(), reason: wish.reason, needsSecond },
        })
        return { refundId, needsSecond }
      }),
  )
  context.outbox.wake()
  return opened
}
