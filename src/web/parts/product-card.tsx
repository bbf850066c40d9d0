import type { ComponentChildren } from 'preact'
import { frameWords } from '../i18n/frame.words.ts'
import { localPath } from '../i18n/words.ts'
import { Picture, type PictureView, Swatch } from './picture.tsx'
import { Price } from './price.tsx'

export type ProductCardView = {
  slug: string
  name: string
  priceMinor: bigint | number
  compareAtMinor?: bigint | number | null
  picture?: PictureView | undefined
  colours: readonly { name: string; hex: string }[]
  /** Only when few are left. */
  sizesLeft?: readonly string[]
  isSoldOut?: boolean
}

/** One product in a list: picture, name, price, colours, and the sizes left when they are few. */
export function ProductCard({
  product,
  eager = false,
  heading: Heading = 'h2',
  children,
}: {
  product: ProductCardView
  eager?: boolean
  heading?: 'h2' | 'h3'
  /** What can be done with it, below everything else. */
  children?: ComponentChildren
}) {
  const words = frameWords()
  const isReduced = product.compareAtMinor !== null && product.compareAtMinor !== undefined
  return (
    <li class="card">
      <Picture picture={product.picture} eager={eager}>
        {product.isSoldOut ? (
          <span class="badge done">{words.soldOut}</span>
        ) : isReduced ? (
          <span class="badge sale-mark">{words.sale}</span>
        ) : null}
      </Picture>
      <Heading>
        <a href={localPath(`/p/${product.slug}`)}>{product.name}</a>
      </Heading>
      <Price minor={product.priceMinor} compareAtMinor={product.compareAtMinor ?? null} />
      {product.colours.length > 1 && (
        <span class="swatches">
          {product.colours.map((colour) => (
            <Swatch key={colour.name} hex={colour.hex} />
          ))}
          <span class="hush">{words.colours(product.colours.length)}</span>
        </span>
      )}
      {product.sizesLeft && product.sizesLeft.length > 0 && <span class="meta">{words.sizesLeft(product.sizesLeft.join(', '))}</span>}
      {children}
    </li>
  )
}

/** Products side by side; the first row's pictures are not lazy. */
export function ProductGrid({ products, heading = 'h2' }: { products: readonly ProductCardView[]; heading?: 'h2' | 'h3' }) {
  return (
    <ul class="grid-cards">
      {products.map((product, index) => (
        <ProductCard key={product.slug} product={product} eager={index < 2} heading={heading} />
      ))}
    </ul>
  )
}
