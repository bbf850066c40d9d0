import type { Context } from '../../context.ts'
import { isWholeShillings } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'

/** Refuses with payment_method_unavailable when a method is switched off or cannot take this amount. */
export function checkPaymentMethod(context: Context, method: 'mpesa', totalMinor: bigint): void {
  if (context.providers.get(method) === undefined) throw new Refusal('payment_method_unavailable')
  const mostMinor = BigInt(context.config.mpesa?.maxKes ?? 0) * 100n
  if (totalMinor > mostMinor || !isWholeShillings(totalMinor)) {
    throw new Refusal('payment_method_unavailable', { detail: `M-Pesa takes at most KSh ${(mostMinor / 100n).toString()} at once.` })
  }
}
