/**
 * What is kept of the shop window: finished pages and the data they are made of, until the catalogue says that they have changed.
 * Freshness is exact for what this process writes, and at most a tenth of a second late for what others do.
 */
import type { Context } from '../context.ts'
import { catalogNews } from '../domain/catalog/catalog-change.queries.ts'
import { minutes } from '../lib/time.ts'
import type { KeptPage } from './kept-page.ts'

/** On which products something depends; undefined: on any. */
export type DependsOn = readonly string[] | undefined

interface Kept<Value> {
  readonly value: Value
  readonly dependsOn: DependsOn
  readonly sighting: Sighting
  readonly keptAtMs: number
}

/** A moment of the catalogue (the number of changes told by then), taken before reading; what was read then is kept only if it still holds. */
export type Sighting = number

type Sources = Pick<Context, 'db' | 'clock' | 'writes' | 'log'>

const trustedMs = 100
// Dates of delivery stand on pages and move with the day, so no page is older than this however still the catalogue lies.
const pageLifeMs = minutes(1)
const mostPages = 600
const mostMemories = 2_000
const mostSeen = 5_000

export class ShopWindow {
  readonly #context: Sources
  readonly #pages = new Map<string, Kept<KeptPage>>()
  readonly #memories = new Map<string, Kept<unknown>>()
  /** The number of the change that last touched a product, of those told since the oldest thing kept. */
  readonly #touched = new Map<string, number>()
  readonly #seen = new Set<number>()
  #horizon: string | undefined
  #allTouched = 0
  #told = 0
  #askedAtMs = Number.NEGATIVE_INFINITY
  #writesSeen = -1
  #asking: Promise<void> | undefined

  constructor(context: Sources) {
    this.#context = context
  }

  /** Whether nothing can have changed unheard. */
  get isFresh(): boolean {
    return this.#writesSeen === this.#context.writes.count && this.#context.clock.monotonicMs() - this.#askedAtMs < trustedMs
  }

  /** Hears what has changed. Without a database what is kept stays good: an old page is better than none. */
  async listen(): Promise<void> {
    if (this.isFresh) return
    // A question that is under way may have been asked before the last write, so it does not answer for that.
    if (this.#asking !== undefined && this.#writesSeen !== this.#context.writes.count) await this.#asking
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    await this.#asking
  }

  async #ask(): Promise<void> {
    const askedAtMs = this.#context.clock.monotonicMs()
    const writes = this.#context.writes.count
    try {
      const news = await catalogNews(this.#context.db, this.#horizon)
      for (const { id, productId } of news.changes) {
        if (this.#seen.has(id)) continue
        this.#seen.add(id)
        this.#told++
        if (productId === null) this.#allTouched = this.#told
        else this.#touched.set(productId, this.#told)
      }
      // Ids below the horizon are never told again; the few kept beyond that do no harm.
      if (this.#seen.size > mostSeen) this.#seen.clear()
      if (this.#touched.size > mostSeen) {
        this.#touched.clear()
        this.#allTouched = this.#told
      }
      this.#horizon = news.horizon
    } catch (error) {
      this.#context.log.warn({ error }, 'the window could not ask what has changed')
    }
    this.#askedAtMs = askedAtMs
    this.#writesSeen = writes
  }

  /** Taken before reading what is going to be kept. */
  sight(): Sighting {
    return this.#told
  }

  /** Something read from the catalogue, read again only when it has changed or after a minute. */
  async remember<Value>(key: string, dependsOn: DependsOn | ((value: Value) => DependsOn), read: () => Promise<Value>): Promise<Value> {
    await this.listen()
    const known = this.#memories.get(key)
    if (known !== undefined && this.#holds(known)) return known.value as Value
    const sighting = this.sight()
    const value = await read()
    const products = typeof dependsOn === 'function' ? dependsOn(value) : dependsOn
    this.#keep(this.#memories, key, value, products, sighting, mostMemories)
    return value
  }

  /** What was remembered, however old, without asking anybody. */
  recall(key: string): unknown {
    return this.#memories.get(key)?.value
  }

  /** The finished page of an address, while it holds. */
  page(key: string): KeptPage | undefined {
    const kept = this.#pages.get(key)
    return kept !== undefined && this.#holds(kept) ? kept.value : undefined
  }

  /** Keeps a finished page, unless something it shows has changed since it was begun. */
  keepPage(key: string, page: KeptPage, dependsOn: DependsOn, sighting: Sighting): void {
    this.#keep(this.#pages, key, page, dependsOn, sighting, mostPages)
  }

  #keep<Value>(shelf: Map<string, Kept<Value>>, key: string, value: Value, dependsOn: DependsOn, sighting: Sighting, most: number): void {
    const kept = { value, dependsOn, sighting, keptAtMs: this.#context.clock.monotonicMs() }
    if (!this.#holds(kept)) return
    shelf.delete(key)
    shelf.set(key, kept)
    // The oldest goes first; what is asked for often is soon back.
    for (const oldest of shelf.keys()) {
      if (shelf.size <= most) break
      shelf.delete(oldest)
    }
  }

  #holds({ dependsOn, sighting, keptAtMs }: Kept<unknown>): boolean {
    if (this.#context.clock.monotonicMs() - keptAtMs > pageLifeMs) return false
    if (dependsOn === undefined) return this.#told === sighting
    return this.#allTouched <= sighting && dependsOn.every((id) => (this.#touched.get(id) ?? 0) <= sighting)
  }
}

const windows = new WeakMap<Context['db'], ShopWindow>()

/** The window of a shop; one a process. */
export function shopWindow(context: Sources): ShopWindow {
  let window = windows.get(context.db)
  if (window === undefined) {
    window = new ShopWindow(context)
    windows.set(context.db, window)
  }
  return window
}
