import type { Facets, FacetValue } from '../../domain/catalog/facet.queries.ts'
import type { CategoryView, ProductCard } from '../../domain/catalog/product.queries.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { CheckField, TextField } from '../parts/form-field.tsx'
import { Pager } from '../parts/pager.tsx'
import { Swatch } from '../parts/picture.tsx'
import { ProductGrid } from '../parts/product-card.tsx'
import { cardOf } from './card.view.ts'
import { chipsOf, type ListWish, sorts, wishHref } from './list.filter.ts'

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
}

/** A shelf or a search: how many, narrowed by what, in which order, and the clothes. */
export function ListPage(view: ListView) {
  const { path, title, category, parent, inside, wish, facets, products } = view
  const chips = chipsOf(path, wish)
  return (
    <>
      {category !== undefined && (
        <Crumbs
          trail={[
            { name: 'Home', href: '/' },
            ...(parent === undefined ? [] : [{ name: parent.name, href: `/c/${parent.slug}` }]),
            { name: category.name },
          ]}
        />
      )}
      <h1>{title}</h1>
      {category !== undefined && category.nameSw !== '' && category.nameSw !== category.name && (
        <p class="meta" lang="sw">
          {category.nameSw}
        </p>
      )}
      {inside.length > 1 && (
        <ul class="chips bar">
          {inside.map((shelf) => (
            <li key={shelf.slug}>
              <a class="chip" href={`/c/${shelf.slug}`}>
                {shelf.name} <span aria-hidden="true">{shelf.products}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <Filters {...view} hasChips={chips.length > 0} />
      {chips.length > 0 && (
        <ul class="chips bar" aria-label="Narrowed by">
          {chips.map((chip) => (
            <li key={chip.label}>
              <a class="chip" href={chip.href}>
                <span class="hush">Remove </span>
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
            <p role="status">{facets.products === 1 ? '1 piece' : `${facets.products} pieces`}</p>
            <nav aria-label="Order">
              <ul class="chips">
                {(Object.keys(sorts) as (keyof typeof sorts)[]).map((sort) => (
                  <li key={sort}>
                    <a class="chip" href={wishHref(path, wish, { sort })} aria-current={sort === wish.sort ? 'true' : undefined}>
                      {sorts[sort]}
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
    </>
  )
}

/** A plain form that puts its answers into the address. */
function Filters({ path, wish, facets, hasChips }: ListView & { hasChips: boolean }) {
  if (facets.sizes.length === 0 && facets.colours.length === 0 && !hasChips) return null
  return (
    <details class="bar">
      <summary>Size, colour and price</summary>
      <form action={path} class="panel">
        {wish.q !== '' && <input type="hidden" name="q" value={wish.q} />}
        {wish.sort !== 'newest' && <input type="hidden" name="sort" value={wish.sort} />}
        <Choices name="size" label="Size" values={facets.sizes} chosen={wish.sizes} />
        <Choices name="colour" label="Colour" values={facets.colours} chosen={wish.colours} />
        <TextField name="max" label="At most, in KSh" inputmode="numeric" maxlength={6} value={wish.maxShillings} class="input-short" />
        <CheckField name="stock" label="Only what is in stock" checked={wish.inStock} />
        <button class="btn">Show these</button>
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

function NothingFound({ path, wish, instead }: ListView) {
  const isNarrowed = chipsOf(path, wish).length > 0
  return (
    <>
      <EmptyState
        title={wish.q === '' ? 'Nothing fits all of that' : `Nothing found for “${wish.q}”`}
        action={
          isNarrowed
            ? {
                href: wishHref(path, { ...wish, sizes: [], colours: [], maxShillings: undefined, inStock: false }),
                label: 'Show all sizes and colours',
              }
            : { href: '/', label: 'Go to the front page' }
        }
      >
        {isNarrowed
          ? 'Take one of the conditions away, or all of them.'
          : 'Try a shorter word, in English or Swahili: dress, gauni, kanga, shati.'}
      </EmptyState>
      {instead.length > 0 && (
        <section>
          <h2>New in the shop</h2>
          <ProductGrid products={instead.map(cardOf)} heading="h3" />
        </section>
      )}
    </>
  )
}
