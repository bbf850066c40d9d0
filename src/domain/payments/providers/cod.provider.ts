import { Refusal } from '../../../lib/refusal.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { PaymentFact, PaymentProvider, TransactionRef } from '../provider.port.ts'

// What a rider may safely carry, and what a shopper has in the house.
const mostMinor = 5_000_000n

/**
 * Pay on delivery: the provider is our own rider. Nothing is called; the charge waits until the money is counted at the door (or paid
 * there by M-Pesa, which is a charge of its own). Cash goes back by hand.
 */
export function createCod({ clock }: { clock: Clock }): PaymentProvider {
  const waiting = (transaction: TransactionRef): PaymentFact => ({
    transactionId: transaction.id,
    effect: 'checked',
    effectRef: `checked-${clock.now().toISOString()}`,
    source: 'poll',
    nextCheckAt: null,
  })
  const noMessages = (): never => {
    throw new Refusal('signature_invalid')
  }
  return {
    name: 'cod',
    isStartRepeatable: true,
    canRefund: false,
    isRefundRepeatable: true,
    limits: { leastMinor: 100n, mostMinor, isWholeShillings: true },
    // Nobody is asked, so no time is up: the order waits for its rider.
    timing: { silentAtS: [], expireAfterS: Infinity, doubtNoUntilS: 0, claimedGapsS: [], laterGapS: Infinity, laterTries: 0, lookBackS: 0 },
    price: (amountMinor) => ({ amountMinor, currency: 'KES' }),
    start: async (transaction) => ({
      transactionId: transaction.id,
      effect: 'accepted',
      effectRef: transaction.id,
      source: 'system',
      nextAction: { kind: 'none' },
      nextCheckAt: null,
    }),
    ask: async (transaction) => waiting(transaction),
    refund: async (refund) => ({ transactionId: refund.id, effect: 'refund_manual', effectRef: refund.id, source: 'system' }),
    askRefund: async (refund) => ({ transactionId: refund.id, effect: 'refund_manual', effectRef: refund.id, source: 'system' }),
    verifyWebhook: async () => noMessages(),
    readWebhook: noMessages,
  }
}
