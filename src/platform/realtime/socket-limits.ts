import { InboundBucket } from './inbound-bucket.ts'

/** How many sockets one user, one address and the whole process may hold. Counted in this process. */
export interface SocketCaps {
  readonly perUser: number
  readonly perAddress: number
  readonly total: number
  /** How many may come in a second, once as many have come at once as the process may hold half of; the rest come back later. */
  readonly perSecond?: number
}

// An address may open as many in this time as it may hold, so that a page in a loop is slowed down before it costs anything.
const addressRefillS = 10
const forgetAddressesAfterMs = 60_000

/** Counts the sockets of users and addresses, so that one phone or one office cannot use up the process. */
export class SocketLimits {
  readonly #caps: SocketCaps
  readonly #counts = new Map<string, number>()
  readonly #arrivals: InboundBucket | undefined
  readonly #arrivalsOf = new Map<string, InboundBucket>()
  #total = 0
  #forgetMs = 0

  constructor(caps: SocketCaps) {
    this.#caps = caps
    if (caps.perSecond !== undefined)
      this.#arrivals = new InboundBucket({ perSecond: caps.perSecond, burst: caps.total / 2, strikes: Infinity }, 0)
  }

  /** Whether one more socket fits, and for whom it does not. Asking counts as coming. */
  refusal(userId: string | undefined, address: string, nowMs: number): 'user' | 'address' | 'process' | undefined {
    if (this.#total >= this.#caps.total || this.#arrivals?.take(nowMs) === 'refuse') return 'process'
    if (this.#arrivalsFrom(address, nowMs).take(nowMs) === 'refuse') return 'address'
    if (userId !== undefined && (this.#counts.get(`u:${userId}`) ?? 0) >= this.#caps.perUser) return 'user'
    if ((this.#counts.get(`a:${address}`) ?? 0) >= this.#caps.perAddress) return 'address'
    return undefined
  }

  #arrivalsFrom(address: string, nowMs: number): InboundBucket {
    if (nowMs >= this.#forgetMs) {
      // A full bucket says nothing, so forgetting all of them now and then lets nobody in who would have been kept out for long.
      this.#arrivalsOf.clear()
      this.#forgetMs = nowMs + forgetAddressesAfterMs
    }
    let bucket = this.#arrivalsOf.get(address)
    if (bucket === undefined) {
      const { perAddress } = this.#caps
      bucket = new InboundBucket({ perSecond: perAddress / addressRefillS, burst: perAddress * 2, strikes: Infinity }, nowMs)
      this.#arrivalsOf.set(address, bucket)
    }
    return bucket
  }

  add(userId: string | undefined, address: string): void {
    this.#change(userId, address, 1)
  }

  remove(userId: string | undefined, address: string): void {
    this.#change(userId, address, -1)
  }

  #change(userId: string | undefined, address: string, by: 1 | -1): void {
    this.#total += by
    for (const key of userId === undefined ? [`a:${address}`] : [`a:${address}`, `u:${userId}`]) {
      const count = (this.#counts.get(key) ?? 0) + by
      if (count > 0) this.#counts.set(key, count)
      else this.#counts.delete(key)
    }
  }
}
