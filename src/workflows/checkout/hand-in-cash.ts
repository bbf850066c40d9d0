import type { Context } from '../../context.ts'
import { applyEvent } from '../../domain/payments/apply-event.ts'
import { cashInHand } from '../../domain/payments/door-payment.queries.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { formatMoney } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import { withRetry } from '../../platform/db-error.ts'

/** What was counted at the desk, and the number of the bank slip or receipt. */
export interface HandIn {
  readonly driverId: string
  readonly amountMinor: bigint
  readonly reference: string
}

/**
 * A rider hands in all the cash they hold; it is booked charge by charge. Staff count it: what is counted must be what the books say,
 * so that a difference is talked about while the rider stands there. Nobody counts their own. Refuses with not_found when the rider holds
 * nothing, second_person, invalid_input for another amount.
 */
export async function handInCash(context: Context, actor: PersonActor, handIn: HandIn): Promise<{ charges: number }> {
  if (!isUuid(handIn.driverId)) throw new Refusal('not_found')
  if (actor.accountId === handIn.driverId) throw new Refusal('second_person')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  return await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        for (const { transactionId } of await cashInHand(tx, handIn.driverId)) await lockTransaction(tx, transactionId)
        // Read again under the locks: somebody may have booked it a moment ago.
        const held = await cashInHand(tx, handIn.driverId)
        const sum = held.reduce((total, each) => total + each.amountMinor, 0n)
        if (held.length === 0) throw new Refusal('not_found')
        if (sum !== handIn.amountMinor)
          throw new Refusal('invalid_input', {
            fields: [{ path: '/body/amountMinor', code: 'amount', message: `The books say ${formatMoney(sum)}.` }],
          })
        for (const { transactionId, amountMinor } of held)
          await applyEvent(tx, stamp, await lockTransaction(tx, transactionId), {
            transactionId,
            effect: 'cash_handed_in',
            effectRef: transactionId,
            source: 'staff',
            provenAmountMinor: amountMinor,
            provenCurrency: 'KES',
            data: { holderId: handIn.driverId, reference: handIn.reference },
          })
        await audit(tx, stamp, {
          action: 'cash.handed_in',
          target: handIn.driverId,
          data: { amountMinor: sum.toString(), charges: held.length, reference: handIn.reference },
        })
        return { charges: held.length }
      }),
  )
}
