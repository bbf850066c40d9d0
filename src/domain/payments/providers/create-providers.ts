import type { Clock } from '../../../lib/clock.ts'
import type { Config } from '../../../platform/config.ts'
import type { Log } from '../../../platform/log.ts'
import type { Outgoing } from '../../../platform/outgoing.ts'
import type { PaymentProvider, Providers } from '../provider.port.ts'
import { createCod } from './cod.provider.ts'
import { createMpesa } from './mpesa.provider.ts'
import { createPaypal } from './paypal.provider.ts'
import { createPaystack } from './paystack.provider.ts'
import { createStripe } from './stripe.provider.ts'

/** What adapters are made from. */
export interface ProviderParts {
  readonly outgoing: Outgoing
  readonly clock: Clock
  readonly log: Log
}

/** The providers the configuration switches on, in the order the checkout offers them. One without keys is absent. */
export function createProviders(config: Config, { outgoing, clock, log }: ProviderParts): Providers {
  const list: PaymentProvider[] = [
    ...(config.mpesa === undefined ? [] : [createMpesa({ mpesa: config.mpesa, outgoing, clock })]),
    ...(config.stripe === undefined ? [] : [createStripe({ stripe: config.stripe, outgoing, clock })]),
    ...(config.paystack === undefined
      ? []
      : [createPaystack({ paystack: config.paystack, outgoing, clock, fallbackEmail: config.supportEmail })]),
    ...(config.paypal === undefined ? [] : [createPaypal({ paypal: config.paypal, outgoing, clock })]),
    createCod({ clock }),
  ]
  const byName = new Map<string, PaymentProvider>(list.map((provider) => [provider.name, provider]))
  if (list.length === 1) log.warn('no payment provider is configured: nothing can be paid but at the door')
  return { get: (name) => byName.get(name), names: list.map(({ name }) => name) }
}
