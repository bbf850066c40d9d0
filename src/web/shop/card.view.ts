import type { PictureView as StoredPicture, ProductCard, VariantView } from '../../domain/catalog/product.queries.ts'
import type { PictureView } from '../parts/picture.tsx'
import type { ProductCardView } from '../parts/product-card.tsx'

/** A stored picture at the address browsers ask for. */
export const pictureAt = ({
  path,
  alt,
  width,
  height,
  dominantHex,
  widths,
}: Pick<StoredPicture, 'path' | 'alt' | 'width' | 'height' | 'dominantHex' | 'widths'>): PictureView => ({
  src: `/media/${path}`,
  alt,
  width,
  height,
  dominantHex,
  ...(widths.length === 0
    ? {}
    : {
        srcset: [...widths.map((each) => `/media/${path.replace(/\.webp$/, '')}-${each}.webp ${each}w`), `/media/${path} ${width}w`].join(
          ', ',
        ),
      }),
})

/** The colours of a product, each once, in the order of its variants. */
export const coloursOf = (variants: readonly VariantView[]): { name: string; hex: string }[] => [
  ...new Map(variants.map((variant) => [variant.colour, { name: variant.colour, hex: variant.colourHex }])).values(),
]

/** The sizes of a product, each once, in the order of its variants. */
export const sizesOf = (variants: readonly VariantView[]): string[] => [...new Set(variants.map((variant) => variant.size))]

/** The cheapest variant, by which a product is priced in lists. */
export const cheapest = (variants: readonly VariantView[]): VariantView | undefined =>
  variants.reduce<VariantView | undefined>(
    (least, variant) => (least === undefined || variant.priceMinor < least.priceMinor ? variant : least),
    undefined,
  )

// With more sizes than this on the shelf, naming them would only be noise.
const fewSizes = 2

/** A product as the grid shows it. */
export function cardOf(product: ProductCard): ProductCardView {
  const least = cheapest(product.variants)
  const [first] = product.pictures
  const left = sizesOf(product.variants.filter((variant) => variant.available > 0))
  const isShort = left.length <= fewSizes && left.length < sizesOf(product.variants).length
  return {
    slug: product.slug,
    name: product.name,
    priceMinor: least?.priceMinor ?? 0,
    compareAtMinor: least?.compareAtMinor ?? null,
    picture: first === undefined ? undefined : pictureAt(first),
    colours: coloursOf(product.variants),
    sizesLeft: isShort ? left : [],
    isSoldOut: left.length === 0,
  }
}
