import { formatMoney } from '../../lib/money.ts'
import { shopWords } from '../i18n/shop.words.ts'
import { localPath } from '../i18n/words.ts'
import type { ProductFilter } from '../../domain/catalog/product.queries.ts'

/** How a list may be ordered, with the words of the links. */
export const sorts = { relevance: 'bestMatch', newest: 'newestFirst', price: 'cheapFirst', '-price': 'dearFirst' } as const

/** What a visitor asked a list for; all of it stands in the address, so that it can be sent to a friend. */
export interface ListWish {
  readonly q: string
  readonly sizes: readonly string[]
  readonly colours: readonly string[]
  readonly minShillings: number | undefined
  readonly maxShillings: number | undefined
  /** A maker, by slug. */
  readonly vendor: string | undefined
  readonly inStock: boolean
  readonly sort: keyof typeof sorts
  readonly after: string | undefined
}

const values = (query: URLSearchParams, name: string): string[] =>
  [...new Set(query.getAll(name).map((value) => value.trim()))].filter((value) => value !== '' && value.length <= 40).slice(0, 20)

const shillings = (text: string | null): number | undefined => (/^[1-9]\d{0,5}$/.test(text?.trim() ?? '') ? Number(text) : undefined)

/** What comes first when nobody has said: the best match of a search, the newest of a shelf. */
const usualSort = (q: string): keyof typeof sorts => (q === '' ? 'newest' : 'relevance')

/** Reads an address. Whatever makes no sense is left out: a list never fails because of its address. */
export function readWish(query: URLSearchParams): ListWish {
  const sort = query.get('sort') ?? ''
  const q = query.get('q')?.trim().slice(0, 100) ?? ''
  return {
    q,
    sizes: values(query, 'size'),
    colours: values(query, 'colour'),
    minShillings: shillings(query.get('min')),
    maxShillings: shillings(query.get('max')),
    vendor: /^[a-z0-9-]{1,80}$/.exec(query.get('vendor') ?? '')?.[0],
    inStock: query.get('stock') === 'yes',
    sort: Object.hasOwn(sorts, sort) ? (sort as ListWish['sort']) : usualSort(q),
    after: query.get('after')?.slice(0, 500) || undefined,
  }
}

/** The address of a list with some of the wish changed. The place in the list is kept only when it is given. */
export function wishHref(path: string, wish: ListWish, change: Partial<ListWish> = {}): string {
  const next = { ...wish, after: undefined, ...change }
  const query = new URLSearchParams()
  if (next.q !== '') query.set('q', next.q)
  for (const size of next.sizes) query.append('size', size)
  for (const colour of next.colours) query.append('colour', colour)
  if (next.minShillings !== undefined) query.set('min', String(next.minShillings))
  if (next.maxShillings !== undefined) query.set('max', String(next.maxShillings))
  if (next.vendor !== undefined) query.set('vendor', next.vendor)
  if (next.inStock) query.set('stock', 'yes')
  if (next.sort !== usualSort(next.q)) query.set('sort', next.sort)
  if (next.after !== undefined) query.set('after', next.after)
  return localPath(query.size === 0 ? path : `${path}?${query}`)
}

/** The wish in the words of the catalogue. */
export const filterOf = (wish: ListWish, category: string | undefined): Omit<ProductFilter, 'limit'> => ({
  category,
  q: wish.q === '' ? undefined : wish.q,
  sizes: wish.sizes,
  colours: wish.colours,
  vendor: wish.vendor,
  minPriceMinor: wish.minShillings === undefined ? undefined : wish.minShillings * 100,
  maxPriceMinor: wish.maxShillings === undefined ? undefined : wish.maxShillings * 100,
  inStock: wish.inStock,
  sort: wish.sort,
  cursor: wish.after,
})

/** A maker's name out of the slug of its address, near enough for a label. */
export const vendorName = (slug: string): string =>
  slug.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => (dash === '' ? '' : ' ') + letter.toUpperCase())

/** Everything the list is narrowed by, each with the address without it. */
export function chipsOf(path: string, wish: ListWish): { label: string; href: string }[] {
  const words = shopWords()
  return [
    ...wish.sizes.map((size) => ({
      label: words.chipSize(size),
      href: wishHref(path, wish, { sizes: wish.sizes.filter((each) => each !== size) }),
    })),
    ...wish.colours.map((colour) => ({
      label: colour,
      href: wishHref(path, wish, { colours: wish.colours.filter((each) => each !== colour) }),
    })),
    ...(wish.minShillings === undefined
      ? []
      : [{ label: words.chipLeast(formatMoney(wish.minShillings * 100)), href: wishHref(path, wish, { minShillings: undefined }) }]),
    ...(wish.maxShillings === undefined
      ? []
      : [{ label: words.chipMost(formatMoney(wish.maxShillings * 100)), href: wishHref(path, wish, { maxShillings: undefined }) }]),
    ...(wish.vendor === undefined ? [] : [{ label: vendorName(wish.vendor), href: wishHref(path, wish, { vendor: undefined }) }]),
    ...(wish.inStock ? [{ label: words.chipStock, href: wishHref(path, wish, { inStock: false }) }] : []),
  ]
}
