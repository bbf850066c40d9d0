import type { Facets, FacetValue } from '../../domain/catalog/facet.queries.ts'
import type { PriceBand } from '../../domain/catalog/facets/facet.count.ts'
import { formatMoney } from '../../lib/money.ts'
import type { CategoryView, ProductCard } from '../../domain/catalog/product.queries.ts'
import { frameWords } from '../i18n/frame.words.ts'
import { shopWords } from '../i18n/shop.words.ts'
import { localPath, spokenLang } from '../i18n/words.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { CheckField, TextField } from '../parts/form-field.tsx'
import { Pager } from '../parts/pager.tsx'
import { Swatch } from '../parts/picture.tsx'
import { ProductGrid } from '../parts/product-card.tsx'
import { categoryName } from '../shelves.ts'
import { cardOf } from './card.view.ts'
import { chipsOf, type ListWish, sorts, vendorName, wishHref } from './list.filter.ts'

export type ListView = {
  path: string
  title: string
  /** The shelf and the collection it is in; undefined for a search. */
  category: CategoryView | undefined
  parent: CategoryView | undefined
  /** Shelves inside this collection. */
  inside: readonly CategoryView[]
  wish: ListWish
  facets: Facets
  products: readonly ProductCard[]
  nextCursor: string | null
  /** Shown when nothing was found, so that the page is no dead end. */
  instead: readonly ProductCard[]
  /** The search in the words of the catalogue, where one was mistyped. */
  corrected: string | undefined
  /** Who looks for what was not found, in the form WhatsApp links take. */
  supportPhone: string
}

/** A shelf or a search: how many, narrowed by what, in which order, and the clothes. */
export function ListPage(view: ListView) {
  const { path, title, category, parent, inside, wish, facets, products, corrected } = view
  const words = shopWords()
  const chips = chipsOf(path, wish)
  return (
    <>
      {category !== undefined && (
        <Crumbs
          trail={[
            { name: frameWords().home, href: '/' },
            ...(parent === undefined ? [] : [{ name: categoryName(parent), href: `/c/${parent.slug}` }]),
            { name: categoryName(category) },
          ]}
        />
      )}
      <h1>{title}</h1>
      {category !== undefined && category.nameSw !== '' && category.nameSw !== category.name && (
        <p class="meta" lang={spokenLang() === 'sw' ? 'en' : 'sw'}>
          {spokenLang() === 'sw' ? category.name : category.nameSw}
        </p>
      )}
      {inside.length > 1 && (
        <ul class="chips bar">
          {inside.map((shelf) => (
            <li key={shelf.slug}>
              <a class="chip" href={localPath(`/c/${shelf.slug}`)}>
                {categoryName(shelf)} <span aria-hidden="true">{shelf.products}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {corrected !== undefined && (
        <p class="bar">
          {words.didYouMean} <a href={wishHref(path, { ...wish, sort: 'relevance' }, { q: corrected })}>{corrected}</a>?
        </p>
      )}
      <div class="shelf-page">
        <Filters {...view} hasChips={chips.length > 0} />
        <div>
          {chips.length > 0 && (
            <ul class="chips bar" aria-label={words.narrowed}>
              {chips.map((chip) => (
                <li key={chip.label}>
                  <a class="chip" href={chip.href}>
                    <span class="hush">{words.remove} </span>
                    {chip.label} <span aria-hidden="true">×</span>
                  </a>
                </li>
              ))}
            </ul>
          )}
          {products.length === 0 ? (
            <NothingFound {...view} />
          ) : (
            <>
              <div class="bar between">
                <p role="status">{words.pieces(facets.products)}</p>
                <nav aria-label={words.order}>
                  <ul class="chips">
                    {(Object.keys(sorts) as (keyof typeof sorts)[])
                      .filter((sort) => sort !== 'relevance' || wish.q !== '')
                      .map((sort) => (
                        <li key={sort}>
                          <a class="chip" href={wishHref(path, wish, { sort })} aria-current={sort === wish.sort ? 'true' : undefined}>
                            {words[sorts[sort]]}
                          </a>
                        </li>
                      ))}
                  </ul>
                </nav>
              </div>
              <ProductGrid products={products.map(cardOf)} />
              <Pager
                next={view.nextCursor === null ? undefined : wishHref(path, wish, { after: view.nextCursor })}
                start={wish.after === undefined ? undefined : wishHref(path, wish)}
              />
            </>
          )}
        </div>
      </div>
    </>
  )
}

/** A plain form that puts its answers into the address. */
function Filters({ path, wish, facets, hasChips }: ListView & { hasChips: boolean }) {
  const words = shopWords()
  if (facets.sizes.length === 0 && facets.colours.length === 0 && !hasChips) return null
  return (
    <details class="bar narrow">
      <summary>{words.filters}</summary>
      <form action={localPath(path)} class="panel filter" data-filter>
        {wish.q !== '' && <input type="hidden" name="q" value={wish.q} />}
        {new URLSearchParams(wishHref('', wish).split('?')[1]).has('sort') && <input type="hidden" name="sort" value={wish.sort} />}
        <Choices name="size" label={words.size} values={facets.sizes} chosen={wish.sizes} />
        <Choices name="colour" label={words.colour} values={facets.colours} chosen={wish.colours} />
        <Makers vendors={facets.vendors} chosen={wish.vendor} />
        <Prices path={path} wish={wish} prices={facets.prices} />
        <div class="joined">
          <TextField name="min" label={words.atLeast} inputmode="numeric" maxlength={6} value={wish.minShillings} class="input-short" />
          <TextField name="max" label={words.atMost} inputmode="numeric" maxlength={6} value={wish.maxShillings} class="input-short" />
        </div>
        <CheckField name="stock" label={words.inStockOnly} checked={wish.inStock} />
        <button class="btn">{words.apply}</button>
      </form>
    </details>
  )
}

function Choices({
  name,
  label,
  values,
  chosen,
}: {
  name: string
  label: string
  values: readonly FacetValue[]
  chosen: readonly string[]
}) {
  if (values.length === 0) return null
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="options">
        {values.map(({ value, hex, products }) => (
          <label key={value} class={products === 0 ? 'gone' : undefined}>
            <input type="checkbox" name={name} value={value} checked={chosen.includes(value)} />
            <span class="named">
              {hex !== null && <Swatch hex={hex} />}
              {value}
            </span>
            <small>{products}</small>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** Spans of prices, each a link that narrows to it. */
function Prices({ path, wish, prices }: { path: string; wish: ListWish; prices: readonly PriceBand[] }) {
  const words = shopWords()
  if (prices.length < 2) return null
  return (
    <div class="field">
      <p class="font-bold">{words.price}</p>
      <ul class="chips">
        {prices.map(({ minMinor, maxMinor, products }) => {
          const least = minMinor === 0 ? undefined : minMinor / 100
          const most = maxMinor === null ? undefined : Math.floor(maxMinor / 100)
          return (
            <li key={minMinor}>
              <a class="chip" href={wishHref(path, wish, { minShillings: least, maxShillings: most })}>
                {most === undefined
                  ? `${formatMoney(minMinor)} ${words.andMore}`
                  : least === undefined
                    ? words.chipMost(formatMoney(most * 100))
                    : `${formatMoney(minMinor)} – ${formatMoney(most * 100)}`}{' '}
                <span aria-hidden="true">{products}</span>
              </a>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** The makers of a list, one of which can be chosen. */
function Makers({ vendors, chosen }: { vendors: readonly FacetValue[]; chosen: string | undefined }) {
  if (vendors.length < 2 && chosen === undefined) return null
  return (
    <fieldset class="field">
      <legend>{shopWords().maker}</legend>
      <div class="options">
        {vendors.map(({ value, products }) => (
          <label key={value}>
            <input type="radio" name="vendor" value={value} checked={value === chosen} />
            <span>{vendorName(value)}</span>
            <small>{products}</small>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function NothingFound({ path, wish, instead, supportPhone }: ListView) {
  const words = shopWords()
  const isNarrowed = chipsOf(path, wish).length > 0
  return (
    <>
      <EmptyState
        title={wish.q === '' ? words.nothingFits : words.nothingFound(wish.q)}
        action={
          isNarrowed
            ? {
                href: wishHref(path, {
                  ...wish,
                  sizes: [],
                  colours: [],
                  minShillings: undefined,
                  maxShillings: undefined,
                  vendor: undefined,
                  inStock: false,
                }),
                label: words.widen,
              }
            : { href: localPath('/'), label: words.toFront }
        }
      >
        {isNarrowed ? words.takeAway : words.shorterWord}
      </EmptyState>
      {wish.q !== '' && (
        <p class="bar">
          <a href={`https://wa.me/${supportPhone}?text=${encodeURIComponent(words.askFindText(wish.q))}`} rel="noreferrer">
            {words.askFind}
          </a>
        </p>
      )}
      {instead.length > 0 && (
        <section>
          <h2>{words.instead}</h2>
          <ProductGrid products={instead.map(cardOf)} heading="h3" />
        </section>
      )}
    </>
  )
}
