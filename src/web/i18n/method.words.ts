import type { PaymentMethod } from '../../domain/payments/payment.methods.ts'
import { defineWords } from './words.ts'

/** The ways of paying: as they are offered, what is said of them, and what an order was paid with. */
const words = defineWords({
  en: {
    mpesa: 'M-Pesa',
    mpesaNote: 'We send a request to your phone. You enter your PIN there, never here.',
    mpesaPaid: 'M-Pesa',
    card: 'Card',
    cardNote: 'Visa or Mastercard, on the secure page of Stripe. We never see your card number.',
    cardPaid: 'a card',
    paystack: 'Card, Airtel Money or bank',
    paystackNote: 'On the secure page of Paystack.',
    paystackPaid: 'Paystack',
    paypal: 'PayPal',
    paypalNote: 'You pay in US dollars; PayPal shows the amount before you agree.',
    paypalPaid: 'PayPal',
    cod: 'Pay on delivery',
    codNote: 'Cash or M-Pesa to the rider.',
    codPaid: 'cash on delivery',
  },
  sw: {
    mpesa: 'M-Pesa',
    mpesaNote: 'Tunatuma ombi kwa simu yako. Unaweka PIN hapo, kamwe si hapa.',
    mpesaPaid: 'M-Pesa',
    card: 'Kadi',
    cardNote: 'Visa au Mastercard, kwenye ukurasa salama wa Stripe. Hatuoni namba ya kadi yako.',
    cardPaid: 'kadi',
    paystack: 'Kadi, Airtel Money au benki',
    paystackNote: 'Kwenye ukurasa salama wa Paystack.',
    paystackPaid: 'Paystack',
    paypal: 'PayPal',
    paypalNote: 'Unalipa kwa dola za Marekani; PayPal inaonyesha kiasi kabla ya kukubali.',
    paypalPaid: 'PayPal',
    cod: 'Lipa ukiletewa',
    codNote: 'Pesa taslimu au M-Pesa kwa rider.',
    codPaid: 'pesa taslimu mlangoni',
  },
})

/** A way of paying, as the checkout and the pay page name it. */
export const methodText = (method: PaymentMethod): { label: string; note: string } => {
  const said = words()
  return { label: said[method], note: said[`${method}Note`] }
}

/** What an order was paid with, in a sentence. */
export const paidWith = (method: string | undefined): string => {
  const said = words()
  const key = `${method ?? 'mpesa'}Paid`
  return key in said ? said[key as 'mpesaPaid'] : said.mpesaPaid
}
