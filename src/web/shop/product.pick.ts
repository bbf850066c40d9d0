import type { ProductView, VariantView } from '../../domain/catalog/product.queries.ts'
import { shopWords } from '../i18n/shop.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { coloursOf, sizesOf } from './card.view.ts'

/** What a visitor has picked on a product page, from the address or from the form. */
export interface Pick {
  readonly colour: string
  readonly size: string
}

/** The pick with what goes without saying filled in: the only size, and a colour the page can open with. */
export function openingPick(product: ProductView, wish: { colour: string | null; size: string | null }): Pick {
  const sizes = sizesOf(product.variants)
  const colours = coloursOf(product.variants).map(({ name }) => name)
  const inStock = product.variants.find((variant) => variant.available > 0)?.colour
  return {
    colour: colours.find((colour) => colour === wish.colour) ?? inStock ?? colours[0] ?? '',
    size: sizes.find((size) => size === wish.size) ?? (sizes.length === 1 ? (sizes[0] ?? '') : ''),
  }
}

/** The variant a form names, or what is missing to name one. */
export function pickVariant(product: ProductView, pick: Pick): { variant: VariantView } | { errors: FormErrors } {
  if (!sizesOf(product.variants).includes(pick.size)) return { errors: { size: shopWords().chooseSize } }
  const variant = product.variants.find((each) => each.size === pick.size && each.colour === pick.colour)
  if (variant !== undefined) return { variant }
  return {
    errors: coloursOf(product.variants).some(({ name }) => name === pick.colour)
      ? { size: shopWords().noSuch(pick.size, pick.colour) }
      : { colour: shopWords().chooseColour },
  }
}

/** What is said about the stock of a variant; nothing when there is plenty. */
export function stockWords(variant: VariantView | undefined): string {
  const words = shopWords()
  if (variant === undefined) return words.notMade
  if (variant.available <= 0) return words.soldOut
  return variant.available <= 3 ? words.left(variant.available) : ''
}
