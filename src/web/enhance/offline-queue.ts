/**
 * What a driver's phone has to tell and has not been acknowledged: fixes and actions in the order they were made. Unsent work is
 * never thrown away by itself; only of fixes, when there are far too many, the oldest are thinned (design: storefront.md 4.4).
 */

/** One fix as `posb` carries it: number, time, place, accuracy, speed, bearing. */
export type QueuedFix = readonly [
  n: number,
  ts: number,
  lat: number,
  lng: number,
  acc: number | null,
  spd: number | null,
  brg: number | null,
]

/** An action of the driver, with the phone's own id of it. */
export interface QueuedStep {
  readonly id: string
  readonly to: string
  /** Epoch milliseconds of when it was done. */
  readonly at: number
  readonly code?: string
  readonly reason?: string
}

/** One thing to tell. */
export type QueuedItem = { readonly fix: QueuedFix } | { readonly step: QueuedStep }

/** Where the queue survives a closed page; IndexedDB in a browser, a file in a native app. */
export interface QueueStore {
  load(): Promise<readonly QueuedItem[]>
  save(items: readonly QueuedItem[]): void
}

const mostFixes = 2_000
const batchSize = 50

/** The queue of one delivery. */
export class OfflineQueue {
  readonly #store: QueueStore | undefined
  #items: QueuedItem[] = []
  #next = 1

  constructor(store?: QueueStore) {
    this.#store = store
    void store?.load().then((items) => {
      // What is made meanwhile is newer.
      this.#items = [...items, ...this.#items]
      for (const item of items) if ('fix' in item) this.#next = Math.max(this.#next, item.fix[0] + 1)
    })
  }

  get length(): number {
    return this.#items.length
  }

  /** The number the next fix gets. */
  number(): number {
    return this.#next++
  }

  add(item: QueuedItem): void {
    this.#items.push(item)
    if (this.#items.length > mostFixes) this.#thin()
    this.#store?.save(this.#items)
  }

  /** What is to be told next: one action, or the fixes before the next action, at most fifty. */
  head(): { readonly step: QueuedStep } | { readonly fixes: readonly QueuedFix[] } | undefined {
    const [first] = this.#items
    if (first === undefined) return undefined
    if ('step' in first) return first
    const fixes: QueuedFix[] = []
    for (const item of this.#items) {
      if (!('fix' in item) || fixes.length === batchSize) break
      fixes.push(item.fix)
    }
    return { fixes }
  }

  /** The fixes up to a number, or an action, have been taken in or refused for good. */
  drop(done: { readonly upTo: number } | { readonly id: string }): void {
    this.#items = this.#items.filter((item) =>
      'upTo' in done ? !('fix' in item) || item.fix[0] > done.upTo : !('step' in item) || item.step.id !== done.id,
    )
    this.#store?.save(this.#items)
  }

  /** Every second of the older half of the fixes goes: the way stays, less fine. Actions stay. */
  #thin(): void {
    const half = this.#items.length / 2
    this.#items = this.#items.filter((item, index) => 'step' in item || index > half || index % 2 === 0)
  }
}
