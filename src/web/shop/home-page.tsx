import type { CollectionCover } from '../../domain/catalog/cover.queries.ts'
import type { CategoryView, ProductCard } from '../../domain/catalog/product.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { KangaBorder } from '../parts/kanga-border.tsx'
import { Picture } from '../parts/picture.tsx'
import { Price } from '../parts/price.tsx'
import { ProductGrid } from '../parts/product-card.tsx'
import { cardOf, cheapest, pictureAt } from './card.view.ts'

export type HomeView = {
  /** What the front of the shop shows, with the collection it hangs in. */
  drop: { product: ProductCard; collection: CategoryView | undefined } | undefined
  collections: readonly (CollectionCover & { name: string; nameSw: string })[]
  newest: readonly ProductCard[]
  cheap: readonly ProductCard[]
  leastFeeMinor: bigint | undefined
}

/** The front door: one thing to look at, the collections, what is new, what costs little, and how it works. */
export function HomePage({ drop, collections, newest, cheap, leastFeeMinor }: HomeView) {
  return (
    <div class="rooms">
      {drop === undefined ? <h1>Clothes for Kenya</h1> : <Drop {...drop} />}
      {collections.length > 0 && (
        <section>
          <h2>Collections</h2>
          <ul class="covers">
            {collections.map(({ slug, name, nameSw, picture }) => (
              <li key={slug} class="card">
                <Picture picture={{ ...pictureAt(picture), alt: '' }} />
                <h3>
                  <a href={`/c/${slug}`}>{name}</a>
                </h3>
                {nameSw !== name && (
                  <span class="meta" lang="sw">
                    {nameSw}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {newest.length > 0 && (
        <section>
          <h2>New this week</h2>
          <ProductGrid products={newest.map(cardOf)} heading="h3" />
        </section>
      )}
      {cheap.length > 0 && (
        <section>
          <h2>Under {formatMoney(100_000n)}</h2>
          <ProductGrid products={cheap.map(cardOf)} heading="h3" />
          <p class="pager">
            <a class="btn btn-quiet" href="/search?max=1000">
              See all under {formatMoney(100_000n)}
            </a>
          </p>
        </section>
      )}
      <section class="stack max-w-text">
        <h2>How it works</h2>
        <ul class="steps">
          <li class="past">
            <strong>Choose.</strong> Every size says how many are left. No account is needed.
          </li>
          <li class="past">
            <strong>Pay on your phone.</strong> We send an M-Pesa request; you enter your PIN there, never here.
          </li>
          <li class="past">
            <strong>We bring it.</strong>{' '}
            {leastFeeMinor === undefined ? 'To all 47 counties' : `To all 47 counties, from ${formatMoney(leastFeeMinor)}`}, to the landmark
            you describe, with a date you know before you pay.
          </li>
        </ul>
      </section>
    </div>
  )
}

/** One garment as a kanga is built: the border, the field with the picture, and the saying. */
function Drop({ product, collection }: NonNullable<HomeView['drop']>) {
  const least = cheapest(product.variants)
  const [first] = product.pictures
  return (
    <section class="kanga">
      <KangaBorder again />
      <div class="mji">
        <div>
          {collection !== undefined && collection.saying !== '' && (
            <p class="jina jina-big" lang="sw">
              {collection.saying}
            </p>
          )}
          <h1>{product.name}</h1>
          {least !== undefined && (
            <p>
              <Price minor={least.priceMinor} compareAtMinor={least.compareAtMinor} />
            </p>
          )}
          <p class="meta">Just in, from {product.vendor}</p>
          <p>
            <a class="btn btn-big" href={`/p/${product.slug}`}>
              Look at it
            </a>
          </p>
        </div>
        {first !== undefined && <Picture picture={pictureAt(first)} eager />}
      </div>
      <KangaBorder again />
    </section>
  )
}
