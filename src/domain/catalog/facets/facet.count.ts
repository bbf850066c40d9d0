import type { ShelfProduct } from './shelf.queries.ts'

/** A value a list can be narrowed by, and how many products would be left. */
export interface FacetValue {
  value: string
  /** Of a colour; null for everything else. */
  hex: string | null
  products: number
}

/** A span of prices in minor units, both ends included; null for no upper end. */
export interface PriceBand {
  minMinor: number
  maxMinor: number | null
  products: number
}

/** What a list can be narrowed by, and how long it is now. */
export interface Facets {
  products: number
  sizes: FacetValue[]
  colours: FacetValue[]
  prices: PriceBand[]
  categories: FacetValue[]
  vendors: FacetValue[]
  /** How many would be left with "in stock" chosen: in the chosen sizes and colours, when there are any. */
  inStock: number
}

/** What is chosen already. */
export interface FacetChoice {
  readonly category?: string | undefined
  readonly vendor?: string | undefined
  readonly sizes?: readonly string[] | undefined
  readonly colours?: readonly string[] | undefined
  readonly minPriceMinor?: number | undefined
  readonly maxPriceMinor?: number | undefined
  readonly inStock?: boolean | undefined
}

// KSh 1,000, 2,000, 3,500 and 5,000: where clothes change their kind in Kenyan shops.
const bandStarts = [0, 100_000, 200_000, 350_000, 500_000]
const bandOf = (priceMinor: number): number => bandStarts.findLastIndex((start) => priceMinor >= start)

/** Counts each product once a value, though several of its variants have it. */
class Tally {
  readonly counts = new Map<string, { products: number; last: string; hex: string | null }>()
  add(value: string, productId: string, hex: string | null = null): void {
    const seen = this.counts.get(value)
    if (seen === undefined) this.counts.set(value, { products: 1, last: productId, hex })
    else if (seen.last !== productId) {
      seen.products++
      seen.last = productId
    }
  }
  values(): FacetValue[] {
    return [...this.counts].map(([value, { products, hex }]) => ({ value, hex, products }))
  }
}

/**
 * Counts what a list can be narrowed by. Values of one kind widen (M or L) and kinds narrow each other, so a kind is counted as if
 * nothing of it were chosen. A product counts when one of its variants fits in everything at once: the M that is left must be the
 * red one. Pure.
 */
export function countFacets(products: Iterable<ShelfProduct>, choice: FacetChoice): Facets {
  const sizes = choice.sizes === undefined || choice.sizes.length === 0 ? undefined : new Set(choice.sizes)
  const colours = choice.colours === undefined || choice.colours.length === 0 ? undefined : new Set(choice.colours)
  const { category, vendor, minPriceMinor: min = 0, maxPriceMinor: max = Number.MAX_SAFE_INTEGER } = choice
  const tally = { size: new Tally(), colour: new Tally(), category: new Tally(), vendor: new Tally() }
  const bands = bandStarts.map(() => ({ products: 0, last: '' }))
  let [all, inStock] = [0, 0]
  for (const product of products) {
    const isHere = category === undefined || product.category === category || product.parent === category
    const isVendor = vendor === undefined || product.vendor === vendor
    if (!isHere && !isVendor) continue
    let [isIn, isFreeIn, isElsewhere] = [false, false, false]
    for (const variant of product.variants) {
      const size = sizes === undefined || sizes.has(variant.size)
      const colour = colours === undefined || colours.has(variant.colour)
      const price = variant.priceMinor >= min && variant.priceMinor <= max
      const stock = choice.inStock !== true || variant.isFree
      if (isHere && isVendor) {
        if (colour && price && stock) tally.size.add(variant.size, product.id)
        if (size && price && stock) tally.colour.add(variant.colour, product.id, variant.hex)
        if (size && colour && stock) {
          const band = bands[bandOf(variant.priceMinor)]
          if (band !== undefined && band.last !== product.id) {
            band.products++
            band.last = product.id
          }
        }
        if (size && colour && price) {
          isIn ||= stock
          isFreeIn ||= variant.isFree
        }
      }
      isElsewhere ||= size && colour && price && stock
    }
    if (isIn) all++
    if (isFreeIn) inStock++
    if (isElsewhere && isVendor) {
      tally.category.add(product.category, product.id)
      if (product.parent !== null) tally.category.add(product.parent, product.id)
    }
    if (isElsewhere && isHere) tally.vendor.add(product.vendor, product.id)
  }
  const byCount = (a: FacetValue, b: FacetValue) => b.products - a.products || a.value.localeCompare(b.value, 'en')
  return {
    products: all,
    sizes: tally.size.values().sort((a, b) => compareSizes(a.value, b.value)),
    colours: tally.colour.values().sort(byCount),
    prices: bands.map(({ products: count }, at) => {
      const next = bandStarts[at + 1]
      return { minMinor: bandStarts[at] ?? 0, maxMinor: next === undefined ? null : next - 1, products: count }
    }),
    categories: tally.category.values().sort(byCount),
    vendors: tally.vendor.values().sort(byCount),
    inStock,
  }
}

const clothesOrder = ['XXS', 'XS', 'S', 'M', 'L', 'XL', 'XXL', 'XXXL']

/** Sizes as a rail in a shop: letters from small to large, then numbers, then words. */
export function compareSizes(a: string, b: string): number {
  const rank = (size: string): number => {
    const letter = clothesOrder.indexOf(size.toUpperCase())
    if (letter >= 0) return letter
    const number = Number.parseFloat(size)
    return Number.isNaN(number) ? 10_000 : 100 + number
  }
  return rank(a) - rank(b) || a.localeCompare(b, 'en')
}
