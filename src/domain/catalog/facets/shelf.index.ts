import type { Db } from '../../../platform/db.ts'
import { catalogNews } from '../catalog-change.queries.ts'
import { type FacetChoice, type Facets, countFacets } from './facet.count.ts'
import { shelfAfter, shelfOf, type ShelfProduct } from './shelf.queries.ts'

const atOnce = 1_000
const keptCounts = 500
// Old changes are forgotten at night; who has not looked for so long reads everything anew.
const trustedMs = 6 * 3_600_000
const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * What is on sale, in memory, for counting: counting in the database costs as much as the catalogue is large, on every request. A
 * copy, never the truth: before every answer it asks which products changed (one small statement), so that it is never behind a
 * commit. Counts are kept by question until something changes. One a database; 100,000 variants take about 20 MB.
 */
export class ShelfIndex {
  readonly #db: Db
  readonly #products = new Map<string, ShelfProduct>()
  readonly #texts = new Map<string, string>()
  readonly #counts = new Map<string, Facets>()
  #horizon: string | undefined
  /** Changes read already of transactions younger than the horizon: they are told again. */
  #known: ReadonlySet<number> = new Set()
  #syncedAtMs = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(db: Db) {
    this.#db = db
  }

  /** The facets of a choice, among these products or among all. `question` names both, for keeping. */
  async facets(question: string, choice: FacetChoice, among?: () => Promise<readonly string[]>): Promise<Facets> {
    await this.#sync()
    const known = this.#counts.get(question)
    if (known !== undefined) return known
    const found = among === undefined ? this.#products.values() : (await among()).flatMap((id) => this.#products.get(id) ?? [])
    const facets = countFacets(found, choice)
    if (this.#counts.size >= keptCounts) this.#counts.delete(this.#counts.keys().next().value ?? '')
    this.#counts.set(question, facets)
    return facets
  }

  /** Catches up with the database. Callers at the same moment take turns, so that no change is read half. */
  async #sync(): Promise<void> {
    const turn = this.#turn.then(() => this.#catchUp())
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  async #catchUp(): Promise<void> {
    const now = performance.now()
    if (this.#horizon === undefined || now - this.#syncedAtMs > trustedMs) return await this.#readAll(now)
    const { horizon, changes } = await catalogNews(this.#db, this.#horizon)
    const fresh = changes.filter(({ id }) => !this.#known.has(id))
    if (fresh.some(({ productId }) => productId === null)) return await this.#readAll(now)
    const productIds = [...new Set(fresh.flatMap(({ productId }) => productId ?? []))]
    for (let at = 0; at < productIds.length; at += atOnce) {
      const part = productIds.slice(at, at + atOnce)
      const changed = await shelfOf(this.#db, part)
      for (const id of part) this.#products.delete(id)
      for (const product of changed) this.#keep(product)
    }
    if (productIds.length > 0) this.#counts.clear()
    this.#horizon = horizon
    this.#known = new Set(changes.map(({ id }) => id))
    this.#syncedAtMs = now
  }

  async #readAll(now: number): Promise<void> {
    const { horizon } = await catalogNews(this.#db, undefined)
    const fresh: ShelfProduct[] = []
    for (let after = nobody; ; after = fresh.at(-1)?.id ?? nobody) {
      const part = await shelfAfter(this.#db, after, atOnce)
      fresh.push(...part)
      if (part.length === 0) break
    }
    this.#products.clear()
    this.#counts.clear()
    for (const product of fresh) this.#keep(product)
    this.#horizon = horizon
    this.#known = new Set()
    this.#syncedAtMs = now
  }

  /** Keeps a product with its texts shared: ten thousand products have a few dozen sizes and colours between them. */
  #keep(product: ShelfProduct): void {
    const once = (text: string): string => {
      const known = this.#texts.get(text)
      if (known !== undefined) return known
      this.#texts.set(text, text)
      return text
    }
    this.#products.set(product.id, {
      ...product,
      category: once(product.category),
      parent: product.parent === null ? null : once(product.parent),
      vendor: once(product.vendor),
      variants: product.variants.map((variant) => ({
        ...variant,
        size: once(variant.size),
        colour: once(variant.colour),
        hex: once(variant.hex),
      })),
    })
  }
}

const indexes = new WeakMap<Db, ShelfIndex>()

/** The index of a database, one a process. */
export function shelfIndex(db: Db): ShelfIndex {
  const known = indexes.get(db)
  if (known !== undefined) return known
  const made = new ShelfIndex(db)
  indexes.set(db, made)
  return made
}
