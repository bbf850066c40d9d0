import type { PaymentProvider, ProviderName, Providers } from './provider.port.ts'

/** How a shopper may pay, in the order the checkout offers it, and which provider moves the money. */
export const paymentMethods = {
  mpesa: 'mpesa',
  card: 'stripe',
  paystack: 'paystack',
  paypal: 'paypal',
  cod: 'cod',
} as const satisfies Record<string, ProviderName>

/** A way of paying, as orders and the API name it. */
export type PaymentMethod = keyof typeof paymentMethods

/** Every method by name. */
export const methodNames = Object.keys(paymentMethods) as PaymentMethod[]

/** Whether a text names a method. */
export const isPaymentMethod = (text: string): text is PaymentMethod => Object.hasOwn(paymentMethods, text)

/** The methods whose provider is switched on. */
export const offeredMethods = (providers: Providers): PaymentMethod[] =>
  methodNames.filter((method) => providers.get(paymentMethods[method]) !== undefined)

/** The provider behind a method; undefined where it is switched off. */
export const providerOf = (providers: Providers, method: PaymentMethod): PaymentProvider | undefined =>
  providers.get(paymentMethods[method])
