import { t } from 'elysia'
import { closed, Instant, MoneyShape, page } from '../../platform/http/shapes.ts'

export const PictureShape = closed({
  url: t.String(),
  alt: t.String(),
  colour: t.Union([t.String(), t.Null()]),
  width: t.Number(),
  height: t.Number(),
  dominantHex: t.String({ description: 'Shown while the picture loads.' }),
  widths: t.Array(t.Number(), { description: 'Smaller widths it is kept in: `<url without .webp>-<width>.webp`. Empty for drawings.' }),
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
  categoryName: t.String(),
  vendorSlug: t.String(),
  vatClass: t.Union([t.Literal('standard'), t.Literal('zero'), t.Literal('exempt')], {
    description: 'Prices contain the VAT of the class.',
  }),
  attributes: t.Record(t.String(), t.String(), { description: 'Cloth, cut, care and the like, by name.' }),
  sizeGuide: t.Array(t.Record(t.String(), t.Union([t.String(), t.Number()])), { description: 'Centimetres by size.' }),
  rating: t.Union(
    [
      closed({
        average: t.Number({ description: 'Stars, one place after the point.' }),
        count: t.Number(),
        fit: closed({ small: t.Number(), true: t.Number(), large: t.Number() }),
      }),
      t.Null(),
    ],
    { description: 'Of published reviews of buyers; null without any.' },
  ),
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

const filter = {
  category: t.Optional(t.String({ maxLength: 80, description: 'A category with all below it.' })),
  vendor: t.Optional(t.String({ maxLength: 80 })),
  collection: t.Optional(t.String({ maxLength: 80 })),
  q: t.Optional(
    t.String({
      maxLength: 2_000,
      description: 'Search text in English or Swahili, typos allowed; any text is fine.',
      examples: ['gauni ya kitenge'],
    }),
  ),
  size: t.Optional(t.String({ maxLength: 200, description: 'One or more sizes, separated by commas.', examples: ['M,L'] })),
  colour: t.Optional(t.String({ maxLength: 200, description: 'One or more colours, separated by commas.' })),
  minPrice: t.Optional(t.Numeric({ minimum: 0, maximum: 100_000_000, multipleOf: 1, description: 'Minor units.' })),
  maxPrice: t.Optional(t.Numeric({ minimum: 0, maximum: 100_000_000, multipleOf: 1, description: 'Minor units.' })),
  inStock: t.Optional(
    t.Union([t.Literal('true'), t.Literal('false')], { description: 'With sizes and colours: in stock in one of those.' }),
  ),
}

export const FacetQuery = t.Object(filter)

export const ProductQuery = t.Object({
  ...filter,
  sort: t.Optional(
    t.Union([t.Literal('relevance'), t.Literal('newest'), t.Literal('price'), t.Literal('-price')], {
      description: 'Relevance for a search and newest otherwise, unless said.',
    }),
  ),
  cursor: t.Optional(t.String({ maxLength: 500, description: 'From `nextCursor` of the page before, with the same filter and sort.' })),
  limit: t.Optional(t.Numeric({ minimum: 1, maximum: 60, multipleOf: 1 })),
})

const FacetValueShape = closed({ value: t.String(), hex: t.Union([t.String(), t.Null()]), products: t.Number() })

export const FacetsShape = closed(
  {
    products: t.Number({ description: 'How long the list is.' }),
    sizes: t.Array(FacetValueShape),
    colours: t.Array(FacetValueShape),
    prices: t.Array(closed({ minMinor: t.Number(), maxMinor: t.Union([t.Number(), t.Null()]), products: t.Number() })),
    categories: t.Array(FacetValueShape, { description: 'By slug; a category counts what is below it.' }),
    vendors: t.Array(FacetValueShape),
    inStock: t.Number({ description: 'How many would be left with `inStock=true`: in the chosen sizes and colours, when there are any.' }),
  },
  { description: 'Each kind is counted as if nothing of it were chosen, under everything else that is.' },
)

export const SuggestQuery = t.Object({ q: t.String({ maxLength: 2_000, description: 'What was typed so far.', examples: ['kang'] }) })

export const SuggestShape = closed({
  corrected: t.Union([t.String(), t.Null()], { description: 'What was probably meant, when a word is mistyped.' }),
  products: t.Array(closed({ slug: t.String(), name: t.String(), price: MoneyShape, picture: t.Union([t.String(), t.Null()]) }), {
    description: 'At most eight.',
  }),
  categories: t.Array(closed({ slug: t.String(), name: t.String(), nameSw: t.String() })),
})

export const CollectionShape = closed({ slug: t.String(), name: t.String(), nameSw: t.String(), story: t.String(), products: t.Number() })
