const names: Readonly<Record<string, string>> = {
  mpesa: 'M-Pesa',
  stripe: 'Stripe',
  paystack: 'Paystack',
  paypal: 'PayPal',
  cod: 'At the door',
  simulator: 'Simulator',
}

/** A provider as people write its name. */
export const providerName = (provider: string): string => names[provider] ?? provider
