import type { CategoryView, PictureView, ProductCard, ProductView } from '../../domain/catalog/product.queries.ts'
import type { RatingRow } from '../../domain/reviews/review.queries.ts'
import type { ReviewRow } from '../../domain/reviews/write-review.ts'
import type { CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { DeliveryFees, type ZonePromise } from '../help/delivery-fees.tsx'
import { frameWords } from '../i18n/frame.words.ts'
import { savedWords } from '../i18n/saved.words.ts'
import { shopWords } from '../i18n/shop.words.ts'
import { localPath } from '../i18n/words.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { fieldId } from '../parts/form-field.tsx'
import { Picture, Swatch } from '../parts/picture.tsx'
import { Price } from '../parts/price.tsx'
import { ProductGrid } from '../parts/product-card.tsx'
import { categoryName } from '../shelves.ts'
import { cardOf, cheapest, coloursOf, pictureAt, sizesOf } from './card.view.ts'
import { type Pick, stockWords } from './product.pick.ts'
import { Reviews } from './reviews.tsx'
import { SizeGuide } from './size-guide.tsx'

export type ProductPageView = {
  product: ProductView
  category: CategoryView | undefined
  parent: CategoryView | undefined
  pick: Pick
  errors?: FormErrors
  promises: readonly ZonePromise[]
  home: (CountyDelivery & { promise: string }) | undefined
  related: readonly ProductCard[]
  /** Where to ask about it, in the form WhatsApp links take. */
  supportPhone: string
  takesCash: boolean
  rating: RatingRow | null
  reviews: readonly ReviewRow[]
}

/** One product: its pictures, what it costs, every size, and when it could be at the door. */
export function ProductPage({
  product,
  category,
  parent,
  pick,
  errors,
  promises,
  home,
  related,
  supportPhone,
  takesCash,
  rating,
  reviews,
}: ProductPageView) {
  const words = shopWords()
  const least = cheapest(product.variants)
  const shown = product.variants.find((variant) => variant.colour === pick.colour && variant.size === pick.size) ?? least
  const isSoldOut = product.variants.every((variant) => variant.available <= 0)
  return (
    <>
      <Crumbs
        trail={[
          { name: frameWords().home, href: '/' },
          ...(parent === undefined ? [] : [{ name: categoryName(parent), href: `/c/${parent.slug}` }]),
          ...(category === undefined ? [] : [{ name: categoryName(category), href: `/c/${category.slug}` }]),
          { name: product.name },
        ]}
      />
      <ErrorSummary errors={errors} />
      <div class="split pick">
        <Gallery product={product} colour={pick.colour} />
        <div class="stack">
          <h1>{product.name}</h1>
          {shown !== undefined && (
            <p class="big">
              <Price
                minor={shown.priceMinor}
                compareAtMinor={shown.compareAtMinor}
                from={shown === least && product.variants.some((variant) => variant.priceMinor !== shown.priceMinor)}
              />
              <span class="meta block">{words.vat(product.vendor)}</span>
            </p>
          )}
          {isSoldOut ? (
            <p class="notice">
              {words.soldOutAll} <a href={localPath(`/c/${product.category}`)}>{words.seeOthers}</a>
            </p>
          ) : (
            <AddForm product={product} pick={pick} errors={errors} />
          )}
          <form method="post" action={localPath('/saved')}>
            <input type="hidden" name="slug" value={product.slug} />
            <button class="btn-link">{savedWords().save}</button>
          </form>
          {home !== undefined && (
            <p class="promise">
              {words.toPlace(home.county)} <strong>{formatMoney(home.feeMinor)}</strong>, {home.promise}.{takesCash && ` ${words.codYes}`}{' '}
              {words.returns}
            </p>
          )}
          <details>
            <summary>{words.yourCounty}</summary>
            <DeliveryFees promises={promises} />
          </details>
          {product.sizeGuide.length > 0 && (
            <details id="sizes">
              <summary>{words.guide}</summary>
              <SizeGuide rows={product.sizeGuide} />
            </details>
          )}
          <section class="prose">
            <h2 class="h3">{words.about}</h2>
            {product.description.split(/\n+/).map((paragraph, index) => (
              <p key={index}>{paragraph}</p>
            ))}
          </section>
          <Reviews rating={rating} reviews={reviews} />
          <p>
            <a
              href={`https://wa.me/${supportPhone}?text=${encodeURIComponent(words.askText(product.name, product.slug))}`}
              rel="noreferrer"
            >
              {words.ask}
            </a>
          </p>
        </div>
      </div>
      {related.length > 0 && (
        <div class="rooms">
          <section>
            <h2>{words.sameShelf}</h2>
            <ProductGrid products={related.map(cardOf)} heading="h3" />
          </section>
        </div>
      )}
    </>
  )
}

/** The pictures in a row that snaps; each is a link to itself, large. The style sheet hides those of colours not picked. */
function Gallery({ product, colour }: { product: ProductView; colour: string }) {
  const words = shopWords()
  const colours = coloursOf(product.variants).map(({ name }) => name)
  const first = (picture: PictureView) => (picture.colour === colour ? 0 : 1)
  const pictures = [...product.pictures].sort((a, b) => first(a) - first(b))
  return (
    <ul class="gallery" aria-label={words.pictures}>
      {pictures.map((picture, index) => {
        const at = picture.colour === null ? -1 : colours.indexOf(picture.colour)
        const isFirst = pictures.findIndex(({ colour: each }) => each === picture.colour) === index
        return (
          <li key={picture.path} data-c={at < 0 ? undefined : at} class={isFirst ? 'first' : undefined}>
            <a href={`/media/${picture.path}`} aria-label={words.large(picture.alt)}>
              <Picture picture={{ ...pictureAt(picture), alt: picture.alt }} eager={index === 0} use="page" />
            </a>
          </li>
        )
      })}
    </ul>
  )
}

function AddForm({ product, pick, errors }: { product: ProductView; pick: Pick; errors: FormErrors | undefined }) {
  const words = shopWords()
  const colours = coloursOf(product.variants)
  const sizes = sizesOf(product.variants)
  const note = (size: string, colour: string) =>
    stockWords(product.variants.find((variant) => variant.size === size && variant.colour === colour))
  const isGone = (said: string) => said === words.soldOut || said === words.notMade
  return (
    <form method="post" action={localPath('/cart/lines')} novalidate>
      <input type="hidden" name="slug" value={product.slug} />
      <fieldset class={errors?.['colour'] ? 'field field-error' : 'field'}>
        <legend>{words.colour}</legend>
        <FieldError name="colour" errors={errors} />
        <div class="options">
          {colours.map(({ name, hex }, index) => (
            <label key={name}>
              <input
                type="radio"
                name="colour"
                value={name}
                checked={name === pick.colour}
                data-pick={index}
                id={index === 0 ? fieldId('colour') : undefined}
              />
              <span class="named">
                <Swatch hex={hex} />
                {name}
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset class={errors?.['size'] ? 'field field-error' : 'field'}>
        <legend>{words.size}</legend>
        <FieldError name="size" errors={errors} />
        <div class="options">
          {sizes.map((size, index) => {
            const notes = colours.map(({ name }) => note(size, name))
            const gone = notes.flatMap((said, at) => (isGone(said) ? [at] : []))
            const isSame = notes.every((said) => said === notes[0])
            return (
              <label key={size} data-gone={gone.length === 0 ? undefined : gone.join(' ')}>
                <input type="radio" name="size" value={size} checked={size === pick.size} id={index === 0 ? fieldId('size') : undefined} />
                {size}
                {isSame
                  ? notes[0] && <small>{notes[0]}</small>
                  : notes.map(
                      (said, at) =>
                        said !== '' && (
                          <small key={at} data-c={at}>
                            {said}
                            <span class="hush">{words.inColour(colours[at]?.name ?? '')}</span>
                          </small>
                        ),
                    )}
              </label>
            )
          })}
        </div>
      </fieldset>
      <button class="btn btn-big btn-block" data-busy={words.adding}>
        {words.add}
      </button>
    </form>
  )
}

function FieldError({ name, errors }: { name: string; errors: FormErrors | undefined }) {
  const message = errors?.[name]
  return message === undefined ? null : (
    <span class="error-text" id={`${fieldId(name)}-error`}>
      {message}
    </span>
  )
}
