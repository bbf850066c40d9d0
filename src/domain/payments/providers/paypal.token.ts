import type { Clock } from '../../../lib/clock.ts'
import { minutes, seconds } from '../../../lib/time.ts'
import type { PaypalConfig } from '../../../platform/payment.config.ts'
import { OutgoingError, type Outgoing } from '../../../platform/outgoing.ts'
import { fields } from './wire.values.ts'

/** The access token of PayPal. */
export interface PaypalToken {
  /** A token that is good for another minute. Throws OutgoingError when none could be had; nothing else was sent then. */
  get(): Promise<string>
  /** Forgets a token that was refused, unless it has been replaced already. */
  refuse(token: string): void
}

/** Keeps one token in memory, asks for a new one a minute before it ends, and never asks twice at the same time. */
export function createPaypalToken({ paypal, outgoing, clock }: { paypal: PaypalConfig; outgoing: Outgoing; clock: Clock }): PaypalToken {
  let current: { token: string; goodUntil: number } | undefined
  let asking: Promise<string> | undefined

  async function ask(): Promise<string> {
    const startedAt = clock.now().getTime()
    const answer = await outgoing.call({
      method: 'POST',
      url: `${paypal.baseUrl}/v1/oauth2/token`,
      headers: { authorization: `Basic ${Buffer.from(`${paypal.clientId}:${paypal.clientSecret}`).toString('base64')}` },
      text: { type: 'application/x-www-form-urlencoded', value: 'grant_type=client_credentials' },
      totalTimeoutMs: 5_000,
      maxBytes: 65_536,
      purpose: 'paypal token',
    })
    const { access_token: token, expires_in: lifeS } = fields(answer.json)
    if (answer.status !== 200 || typeof token !== 'string' || token === '')
      throw new OutgoingError('network', new URL(paypal.baseUrl).host, answer.status)
    // Anything unreadable is taken as short-lived.
    const lifeMs = seconds(typeof lifeS === 'number' && lifeS > 0 && lifeS < 1_000_000 ? lifeS : 120)
    current = { token, goodUntil: startedAt + lifeMs - minutes(1) }
    return token
  }

  return {
    async get() {
      if (current !== undefined && clock.now().getTime() < current.goodUntil) return current.token
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return await asking
    },
    refuse(token) {
      if (current?.token === token) current = undefined
    },
  }
}
