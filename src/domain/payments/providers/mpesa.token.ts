import type { Clock } from '../../../lib/clock.ts'
import { minutes, seconds } from '../../../lib/time.ts'
import type { MpesaConfig } from '../../../platform/payment.config.ts'
import { OutgoingError, type Outgoing } from '../../../platform/outgoing.ts'

/** The access token of Daraja. */
export interface MpesaToken {
  /** A token that is good for another minute. Throws OutgoingError when none could be had; nothing else was sent then. */
  get(): Promise<string>
  /** Forgets a token that was refused, unless it has been replaced already. */
  refuse(token: string): void
}

const tries = 3

/** Keeps one token in memory, asks for a new one a minute before it ends, and never asks twice at the same time. */
export function createMpesaToken(options: {
  mpesa: MpesaConfig
  outgoing: Outgoing
  clock: Clock
  sleep?: (ms: number) => Promise<unknown>
}): MpesaToken {
  const { mpesa, outgoing, clock, sleep = Bun.sleep } = options
  let current: { token: string; goodUntil: number } | undefined
  let asking: Promise<string> | undefined

  async function ask(): Promise<string> {
    const startedAt = clock.now().getTime()
    const answer = await outgoing.call({
      method: 'GET',
      url: `${mpesa.baseUrl}/oauth/v1/generate?grant_type=client_credentials`,
      headers: { authorization: `Basic ${Buffer.from(`${mpesa.consumerKey}:${mpesa.consumerSecret}`).toString('base64')}` },
      totalTimeoutMs: 5_000,
      maxBytes: 16_384,
      purpose: 'mpesa token',
    })
    const body = answer.json as { access_token?: unknown; expires_in?: unknown } | null
    if (answer.status !== 200 || typeof body?.access_token !== 'string' || body.access_token === '')
      throw new OutgoingError('network', new URL(mpesa.baseUrl).host, answer.status)
    // expires_in is text at Daraja; anything unreadable is taken as short-lived.
    const lifeS = /^\d{1,6}$/.test(String(body.expires_in)) ? Number(body.expires_in) : 120
    current = { token: body.access_token, goodUntil: startedAt + seconds(lifeS) - minutes(1) }
    return body.access_token
  }

  /** Asking for a token moves no money, so it may be repeated. */
  async function askPatiently(): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask()
      } catch (error) {
        if (
          !(error instanceof OutgoingError) ||
          !error.isUnknown ||
          attempt === tries ||
          (error.status !== undefined && error.status < 429)
        )
          throw error
        await sleep(250 * 2 ** attempt * (0.5 + Math.random()))
      }
    }
  }

  return {
    async get() {
      if (current !== undefined && clock.now().getTime() < current.goodUntil) return current.token
      asking ??= askPatiently().finally(() => {
        asking = undefined
      })
      return await asking
    },
    refuse(token) {
      if (current?.token === token) current = undefined
    },
  }
}
