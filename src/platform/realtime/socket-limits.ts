/** How many sockets one user, one address and the whole process may hold. Counted in this process. */
export interface SocketCaps {
  readonly perUser: number
  readonly perAddress: number
  readonly total: number
}

/** Counts the sockets of users and addresses, so that one phone or one office cannot use up the process. */
export class SocketLimits {
  readonly #caps: SocketCaps
  readonly #counts = new Map<string, number>()
  #total = 0

  constructor(caps: SocketCaps) {
    this.#caps = caps
  }

  /** Whether one more socket fits, and for whom it does not. */
  refusal(userId: string | undefined, address: string): 'user' | 'address' | 'process' | undefined {
    if (this.#total >= this.#caps.total) return 'process'
    if (userId !== undefined && (this.#counts.get(`u:${userId}`) ?? 0) >= this.#caps.perUser) return 'user'
    if ((this.#counts.get(`a:${address}`) ?? 0) >= this.#caps.perAddress) return 'address'
    return undefined
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
