import { Refusal } from '../../../lib/refusal.ts'
import type { SizeGuideRow } from '../product.table.ts'

/** What a vendor says of a product. */
export interface ProductInput {
  readonly name: string
  readonly description?: string | undefined
  /** Search words beside the name, in English and Swahili. */
  readonly keywords?: string | undefined
  /** Slug of the shelf. */
  readonly category: string
  readonly vatClass?: string | undefined
  readonly attributes?: Readonly<Record<string, string>> | undefined
  /** Centimetres by size; each row names its size. */
  readonly sizeGuide?: readonly Readonly<Record<string, string | number>>[] | undefined
}

/** What a vendor says of one size and colour. Amounts in minor units, VAT included. */
export interface VariantInput {
  readonly sku: string
  readonly size: string
  readonly colour: string
  readonly colourHex?: string | undefined
  readonly priceMinor: number
  readonly compareAtMinor?: number | null | undefined
  readonly lowStockAt?: number | undefined
}

/** Refuses with invalid_input what no list of variants may hold: two of one size and colour, one SKU twice, a former price that is not higher. */
export function checkVariants(variants: readonly VariantInput[]): void {
  const fault = (at: number, name: string, code: string, message: string): Refusal =>
    new Refusal('invalid_input', { fields: [{ path: `/body/variants/${at}/${name}`, code, message }] })
  const [skus, kinds] = [new Set<string>(), new Set<string>()]
  for (const [at, variant] of variants.entries()) {
    const kind = JSON.stringify([variant.size.trim().toLowerCase(), variant.colour.trim().toLowerCase()])
    if (kinds.has(kind)) throw fault(at, 'size', 'twice', 'This size and colour is listed twice.')
    if (skus.has(variant.sku)) throw fault(at, 'sku', 'twice', 'This SKU is listed twice.')
    if (variant.compareAtMinor !== undefined && variant.compareAtMinor !== null && variant.compareAtMinor <= variant.priceMinor)
      throw fault(at, 'compareAtMinor', 'too_low', 'The price before must be higher than the price.')
    kinds.add(kind)
    skus.add(variant.sku)
  }
}

/** The rows of a size guide. Refuses with invalid_input a row that names no size. */
export const sizeGuideOf = (rows: NonNullable<ProductInput['sizeGuide']>): SizeGuideRow[] =>
  rows.map(({ size, ...measures }, at) => {
    if (typeof size === 'string' && size.trim() !== '') return { ...measures, size }
    throw new Refusal('invalid_input', {
      fields: [{ path: `/body/sizeGuide/${at}/size`, code: 'required', message: 'Every row of a size guide names its size.' }],
    })
  })
