import type { PaymentMethod } from '../../domain/payments/payment.methods.ts'

/** The ways of paying, as the checkout and the pay page name them. */
export const methodWords: Readonly<Record<PaymentMethod, { label: string; note: string }>> = {
  mpesa: { label: 'M-Pesa', note: 'We send a request to your phone. You enter your PIN there, never here.' },
  card: { label: 'Card', note: 'Visa or Mastercard, on the secure page of Stripe. We never see your card number.' },
  paystack: { label: 'Card, Airtel Money or bank', note: 'On the secure page of Paystack.' },
  paypal: { label: 'PayPal', note: 'You pay in US dollars; PayPal shows the amount before you agree.' },
  cod: { label: 'Pay on delivery', note: 'Cash or M-Pesa to the rider.' },
}

const paidBy: Readonly<Record<string, string>> = {
  mpesa: 'M-Pesa',
  card: 'a card',
  paystack: 'Paystack',
  paypal: 'PayPal',
  cod: 'cash on delivery',
}

/** What an order was paid with, in a sentence. */
export const paidWords = (method: string | undefined): string => paidBy[method ?? 'mpesa'] ?? 'M-Pesa'
