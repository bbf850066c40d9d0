import type { ProductView, VariantView } from '../../domain/catalog/product.queries.ts'
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
  if (!sizesOf(product.variants).includes(pick.size)) return { errors: { size: 'Choose a size' } }
  const variant = product.variants.find((each) => each.size === pick.size && each.colour === pick.colour)
  if (variant !== undefined) return { variant }
  return {
    errors: coloursOf(product.variants).some(({ name }) => name === pick.colour)
      ? { size: `There is no ${pick.size} in ${pick.colour}. Choose another size` }
      : { colour: 'Choose a colour' },
  }
}

/** What is said about the stock of a variant; nothing when there is plenty. */
export function stockWords(variant: VariantView | undefined): string {
  if (variant === undefined) return 'Not made'
  if (variant.available <= 0) return 'Sold out'
  return variant.available <= 3 ? `${variant.available} left` : ''
}
