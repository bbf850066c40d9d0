import { OutgoingError, type Outgoing } from '../../../platform/outgoing.ts'
import type { Log } from '../../../platform/log.ts'

/** How a message travels. `held`: it waits until it is released, in any order. */
export const courierModes = ['normal', 'lost', 'duplicate', 'held'] as const

/** A way of travelling, by name. */
export type CourierMode = (typeof courierModes)[number]

/** The knobs of every simulated provider that concern its messages. */
export interface CourierKnobs {
  webhooks: CourierMode
  webhookDelayMs: number
  /** The gap before a message that was not taken is sent again: minutes in life, scaled here. */
  retryMs: number
  retries: number
}

/** Messages arrive at once, and are sent again a few times when they were not taken. */
export const normalCourier: CourierKnobs = { webhooks: 'normal', webhookDelayMs: 0, retryMs: 2_000, retries: 5 }

/** A signed message on its way to the shop. */
export interface Parcel {
  readonly id: string
  readonly eventType: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** A message and what became of it. */
export interface SentParcel extends Parcel {
  /** Status of each try; 0 when nobody answered. */
  readonly statuses: readonly number[]
}

/** Brings a simulated provider's messages to the shop. */
export interface Courier {
  /** Sends a message as the knobs (or `mode`) say; resolves after the first try. */
  send(parcel: Parcel, mode?: CourierMode): Promise<void>
  /** Sends what was held, in the order it was made or the other way round. */
  release(order: 'forward' | 'reverse'): Promise<void>
  /** Sends again what has not been taken yet, now. */
  retry(): Promise<void>
  /** Sends a message again, `times` over, at most 50 at once. Answers the statuses. */
  resend(id: string, times: number): Promise<number[]>
  /** Newest first. */
  sent(): readonly SentParcel[]
  reset(): void
}

type Kept = Parcel & { readonly statuses: number[]; isTaken: boolean; isHeld: boolean }

const mostKept = 1_000

/** Makes a courier. `isTaken` tells which status the provider counts as received: Paystack only 200, PayPal any 2xx. */
export function createCourier(options: {
  url: string
  outgoing: Outgoing
  log: Log
  knobs: CourierKnobs
  purpose: string
  isTaken: (status: number) => boolean
}): Courier {
  const { url, outgoing, log, knobs, purpose } = options
  const parcels = new Map<string, Kept>()

  async function post(parcel: Parcel): Promise<number> {
    try {
      const { status } = await outgoing.call({
        method: 'POST',
        url,
        headers: parcel.headers,
        text: { type: 'application/json', value: parcel.body },
        takesText: true,
        totalTimeoutMs: 10_000,
        purpose,
      })
      return status
    } catch (error) {
      if (error instanceof OutgoingError) return error.status ?? 0
      throw error
    }
  }

  async function attempt(parcel: Kept): Promise<void> {
    const status = await post(parcel)
    parcel.statuses.push(status)
    if (options.isTaken(status)) parcel.isTaken = true
    else if (parcel.statuses.length <= knobs.retries) later(knobs.retryMs, async () => (parcel.isTaken ? undefined : await attempt(parcel)))
  }

  function later(ms: number, work: () => Promise<unknown>): void {
    setTimeout(() => void work().catch((error: unknown) => log.error({ error, purpose }, 'a simulated message was dropped')), ms).unref()
  }

  function keep(parcel: Parcel, isHeld: boolean): Kept {
    const kept: Kept = { ...parcel, statuses: [], isTaken: false, isHeld }
    parcels.set(parcel.id, kept)
    for (const old of parcels.keys()) {
      if (parcels.size <= mostKept) break
      parcels.delete(old)
    }
    return kept
  }

  return {
    async send(parcel, mode = knobs.webhooks) {
      const kept = keep(parcel, mode === 'held')
      if (mode === 'lost') kept.isTaken = true
      if (mode === 'lost' || mode === 'held') return
      const go = async (): Promise<void> => {
        await attempt(kept)
        if (mode === 'duplicate') await attempt(kept)
      }
      if (knobs.webhookDelayMs > 0) later(knobs.webhookDelayMs, go)
      else await go()
    },
    async release(order) {
      const held = [...parcels.values()].filter(({ isHeld }) => isHeld)
      for (const parcel of order === 'reverse' ? held.reverse() : held) {
        parcel.isHeld = false
        await attempt(parcel)
      }
    },
    async retry() {
      for (const parcel of parcels.values()) if (!parcel.isTaken && !parcel.isHeld) await attempt(parcel)
    },
    async resend(id, times) {
      const parcel = parcels.get(id)
      if (parcel === undefined) return []
      const statuses: number[] = []
      const lane = async (): Promise<void> => {
        while (statuses.length < times) {
          const place = statuses.push(0) - 1
          statuses[place] = await post(parcel)
        }
      }
      await Promise.all(Array.from({ length: Math.min(50, times) }, lane))
      return statuses
    },
    sent: () =>
      [...parcels.values()].reverse().map(({ id, eventType, body, headers, statuses }) => ({ id, eventType, body, headers, statuses })),
    reset: () => parcels.clear(),
  }
}
