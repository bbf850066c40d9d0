import type { CollectionCover } from '../../domain/catalog/cover.queries.ts'
import type { CategoryView, ProductCard } from '../../domain/catalog/product.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { shopWords } from '../i18n/shop.words.ts'
import { localPath, spokenLang } from '../i18n/words.ts'
import { KangaBorder } from '../parts/kanga-border.tsx'
import { Picture } from '../parts/picture.tsx'
import { Price } from '../parts/price.tsx'
import { ProductGrid } from '../parts/product-card.tsx'
import { categoryName } from '../shelves.ts'
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
  const words = shopWords()
  const little = formatMoney(100_000n)
  return (
    <div class="rooms">
      {drop === undefined ? <h1>{words.homeTitle}</h1> : <Drop {...drop} />}
      {collections.length > 0 && (
        <section>
          <h2>{words.collections}</h2>
          <ul class="covers">
            {collections.map(({ slug, name, nameSw, picture }) => (
              <li key={slug} class="card">
                <Picture picture={{ ...pictureAt(picture), alt: '' }} />
                <h3>
                  <a href={localPath(`/c/${slug}`)}>{categoryName({ name, nameSw })}</a>
                </h3>
                {nameSw !== name && nameSw !== '' && (
                  <span class="meta" lang={spokenLang() === 'sw' ? 'en' : 'sw'}>
                    {spokenLang() === 'sw' ? name : nameSw}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {newest.length > 0 && (
        <section>
          <h2>{words.newest}</h2>
          <ProductGrid products={newest.map(cardOf)} heading="h3" />
        </section>
      )}
      {cheap.length > 0 && (
        <section>
          <h2>{words.under(little)}</h2>
          <ProductGrid products={cheap.map(cardOf)} heading="h3" />
          <p class="pager">
            <a class="btn btn-quiet" href={localPath('/search?max=1000')}>
              {words.allUnder(little)}
            </a>
          </p>
        </section>
      )}
      <section class="stack max-w-text">
        <h2>{words.how}</h2>
        <ul class="steps">
          <li class="past">
            <strong>{words.choose}</strong> {words.chooseText}
          </li>
          <li class="past">
            <strong>{words.payOn}</strong> {words.payOnText}
          </li>
          <li class="past">
            <strong>{words.bring}</strong> {leastFeeMinor === undefined ? words.bringText : words.bringFrom(formatMoney(leastFeeMinor))}
          </li>
        </ul>
      </section>
    </div>
  )
}

/** One garment as a kanga is built: the border, the field with the picture, and the saying. */
function Drop({ product, collection }: NonNullable<HomeView['drop']>) {
  const words = shopWords()
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
          <p class="meta">{words.justIn(product.vendor)}</p>
          <p>
            <a class="btn btn-big" href={localPath(`/p/${product.slug}`)}>
              {words.look}
            </a>
          </p>
        </div>
        {first !== undefined && <Picture picture={pictureAt(first)} eager use="page" />}
      </div>
      <KangaBorder again />
    </section>
  )
}
