import type { Context } from '../../context.ts'
import { type PaymentMethod, providerOf } from '../../domain/payments/payment.methods.ts'
import type { PaymentProvider } from '../../domain/payments/provider.port.ts'
import { formatMoney, isWholeShillings } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'

const words: Record<PaymentMethod, string> = {
  mpesa: 'M-Pesa',
  card: 'Card',
  paystack: 'Paystack',
  paypal: 'PayPal',
  cod: 'Pay on delivery',
}

/** The provider behind a method. Refuses with payment_method_unavailable when it is switched off or cannot take this amount. */
export function checkPaymentMethod(context: Context, method: PaymentMethod, totalMinor: bigint): PaymentProvider {
  const provider = providerOf(context.providers, method)
  if (provider === undefined) throw new Refusal('payment_method_unavailable')
  const { leastMinor, mostMinor, isWholeShillings: isWhole } = provider.limits
  if (totalMinor > mostMinor || (isWhole && !isWholeShillings(totalMinor)))
    throw new Refusal('payment_method_unavailable', { detail: `${words[method]} takes at most ${plain(mostMinor)} at once.` })
  if (totalMinor < leastMinor)
    throw new Refusal('payment_method_unavailable', { detail: `${words[method]} takes no less than ${plain(leastMinor)}.` })
  return provider
}

const plain = (amountMinor: bigint): string => formatMoney(amountMinor).replace('\u00a0', ' ').replaceAll(',', '')
