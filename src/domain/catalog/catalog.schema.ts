import { t } from 'elysia'
import { closed, Instant, MoneyShape, page } from '../../platform/http/shapes.ts'

export const PictureShape = closed({
  url: t.String(),
  alt: t.String(),
  colour: t.Union([t.String(), t.Null()]),
  width: t.Number(),
  height: t.Number(),
  dominantHex: t.String({ description: 'Shown while the picture loads.' }),
})

export const VariantShape = closed({
  id: t.String(),
  sku: t.String(),
  size: t.String(),
  colour: t.String(),
  colourHex: t.String(),
  price: MoneyShape,
  compareAt: t.Union([MoneyShape, t.Null()], { description: 'The price before, when on sale.' }),
  available: t.Number({ description: 'Free over all warehouses; advisory until checkout holds it.' }),
})

const card = {
  id: t.String(),
  slug: t.String(),
  name: t.String(),
  category: t.String(),
  vendor: t.String(),
  publishedAt: Instant,
  variants: t.Array(VariantShape),
  pictures: t.Array(PictureShape),
}

export const ProductCardShape = closed(card)

export const ProductShape = closed({
  ...card,
  description: t.String(),
  vendorSlug: t.String(),
  sizeGuide: t.Array(t.Record(t.String(), t.Union([t.String(), t.Number()])), { description: 'Centimetres by size.' }),
})

export const ProductPage = page(ProductCardShape)

export const CategoryShape = closed({
  slug: t.String(),
  parent: t.Union([t.String(), t.Null()]),
  name: t.String(),
  nameSw: t.String(),
  saying: t.String(),
  motif: t.String(),
  products: t.Number(),
})

export const ProductQuery = t.Object({
  category: t.Optional(t.String({ maxLength: 80 })),
  vendor: t.Optional(t.String({ maxLength: 80 })),
  q: t.Optional(t.String({ maxLength: 100, description: 'Search text; any text is fine.' })),
  size: t.Optional(t.String({ maxLength: 200, description: 'One or more sizes, separated by commas.' })),
  colour: t.Optional(t.String({ maxLength: 200, description: 'One or more colours, separated by commas.' })),
  maxPrice: t.Optional(t.Numeric({ minimum: 0, maximum: 100_000_000, multipleOf: 1, description: 'Minor units.' })),
  inStock: t.Optional(t.Union([t.Literal('true'), t.Literal('false')])),
  sort: t.Optional(t.Union([t.Literal('newest'), t.Literal('price'), t.Literal('-price')])),
  cursor: t.Optional(t.String({ maxLength: 500 })),
  limit: t.Optional(t.Numeric({ minimum: 1, maximum: 60, multipleOf: 1 })),
})
