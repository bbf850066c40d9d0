import { t } from 'elysia'
import { closed, Instant, MoneyShape, page, whole } from '../../../platform/http/shapes.ts'

const Price = whole(1, 99_999_999, 'Minor units, VAT included; 145000 is KSh 1,450.')
const Status = t.Union([t.Literal('draft'), t.Literal('active'), t.Literal('archived')])
const VatClass = t.Union([t.Literal('standard'), t.Literal('zero'), t.Literal('exempt')])
const SizeRow = t.Record(t.String({ maxLength: 40 }), t.Union([t.String({ maxLength: 40 }), t.Number()]))

export const VariantBody = closed({
  sku: t.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9 ._/-]*$' }),
  size: t.String({ minLength: 1, maxLength: 24, pattern: '\\S' }),
  colour: t.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
  colourHex: t.Optional(t.String({ pattern: '^#[0-9A-Fa-f]{6}$' })),
  priceMinor: Price,
  compareAtMinor: t.Optional(t.Union([Price, t.Null()], { description: 'The price before, when on sale.' })),
  lowStockAt: t.Optional(whole(0, 10_000, 'With so many or fewer left you are told; 3 unless said.')),
})

const said = {
  name: t.String({ minLength: 2, maxLength: 120, pattern: '\\S' }),
  description: t.Optional(t.String({ maxLength: 5_000 })),
  keywords: t.Optional(t.String({ maxLength: 500, description: 'Search words beside the name, in English and Swahili.' })),
  category: t.String({ maxLength: 80, description: 'Slug of a category.' }),
  vatClass: t.Optional(VatClass),
  attributes: t.Optional(t.Record(t.String({ maxLength: 40 }), t.String({ maxLength: 200 }), { maxProperties: 30 })),
  sizeGuide: t.Optional(t.Array(SizeRow, { maxItems: 30, description: 'Centimetres by size: {"size": "M", "chest": 96}.' })),
}

export const NewProductBody = closed(
  { ...said, variants: t.Optional(t.Array(VariantBody, { maxItems: 100 })) },
  {
    examples: [
      {
        name: 'Wrap dress Amani',
        category: 'dresses',
        keywords: 'gauni rinda',
        variants: [{ sku: 'AMANI-M-INDIGO', size: 'M', colour: 'Indigo', priceMinor: 245_000 }],
      },
    ],
  },
)
export const ChangeProductBody = t.Partial(closed(said), {
  additionalProperties: false,
  minProperties: 1,
  examples: [{ name: 'Wrap dress Amani' }],
})
export const MoveProductBody = closed({ status: Status }, { examples: [{ status: 'active' }] })
export const VariantsBody = closed({ variants: t.Array(VariantBody, { maxItems: 100 }) })
export const PicturesBody = closed({
  pictures: t.Array(
    closed({
      id: t.String({ format: 'uuid' }),
      alt: t.String({ minLength: 1, maxLength: 200 }),
      colour: t.Union([t.String({ maxLength: 40 }), t.Null()]),
    }),
    { maxItems: 20 },
  ),
})
export const RelatedBody = closed({ relatedIds: t.Array(t.String({ format: 'uuid' }), { maxItems: 20 }) })

export const DeskProductShape = closed({
  id: t.String(),
  vendorId: t.String(),
  slug: t.String(),
  name: t.String(),
  status: Status,
  category: t.String(),
  description: t.String(),
  keywords: t.String(),
  vatClass: VatClass,
  attributes: t.Record(t.String(), t.String()),
  sizeGuide: t.Array(t.Record(t.String(), t.Union([t.String(), t.Number()]))),
  publishedAt: t.Union([Instant, t.Null()]),
  updatedAt: Instant,
  variants: t.Array(
    closed({
      id: t.String(),
      sku: t.String(),
      size: t.String(),
      colour: t.String(),
      colourHex: t.String(),
      price: MoneyShape,
      compareAt: t.Union([MoneyShape, t.Null()]),
      lowStockAt: t.Number(),
      status: t.Union([t.Literal('active'), t.Literal('archived')]),
      onHand: t.Number(),
      reserved: t.Number(),
    }),
  ),
  pictures: t.Array(
    closed({
      id: t.String(),
      url: t.String(),
      alt: t.String(),
      colour: t.Union([t.String(), t.Null()]),
      width: t.Number(),
      height: t.Number(),
      widths: t.Array(t.Number()),
    }),
  ),
  relatedIds: t.Array(t.String()),
})
export const DeskProductPage = page(DeskProductShape)

const Reference = t.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^[A-Za-z0-9][A-Za-z0-9 ._/-]*$',
  description: 'Your own number of it, such as a delivery note. The same number again moves nothing.',
})
const Sku = t.String({ minLength: 1, maxLength: 64 })
const Warehouse = t.String({ minLength: 1, maxLength: 20, description: 'Code of a warehouse, such as NBO.' })
const Goods = t.Array(closed({ sku: Sku, quantity: whole(1, 1_000_000) }), { minItems: 1, maxItems: 500 })

export const ReceiptBody = closed(
  { warehouse: Warehouse, reference: Reference, lines: Goods },
  { examples: [{ warehouse: 'NBO', reference: 'DN-1044', lines: [{ sku: 'AMANI-M-INDIGO', quantity: 20 }] }] },
)
export const TransferBody = closed(
  { from: Warehouse, to: Warehouse, reference: Reference, lines: Goods },
  { examples: [{ from: 'NBO', to: 'MBA', reference: 'TR-7', lines: [{ sku: 'AMANI-M-INDIGO', quantity: 5 }] }] },
)
export const CountBody = closed(
  {
    warehouse: Warehouse,
    lines: t.Array(closed({ sku: Sku, counted: whole(0, 1_000_000) }), { minItems: 1, maxItems: 500 }),
    note: t.Optional(t.String({ maxLength: 200 })),
  },
  { examples: [{ warehouse: 'NBO', lines: [{ sku: 'AMANI-M-INDIGO', counted: 18 }] }] },
)
export const MovedShape = closed({ isNew: t.Boolean({ description: 'False when this reference was moved before.' }) })
export const CountShape = closed({ items: t.Array(closed({ sku: t.String(), expected: t.Number(), counted: t.Number() })) })
export const StockPage = page(
  closed({
    variantId: t.String(),
    sku: t.String(),
    product: t.String(),
    slug: t.String(),
    size: t.String(),
    colour: t.String(),
    lowStockAt: t.Number(),
    onHand: t.Number(),
    reserved: t.Number(),
    isLow: t.Boolean(),
    shelves: t.Array(closed({ warehouse: t.String(), onHand: t.Number(), reserved: t.Number() })),
  }),
)
export const MovesShape = closed({
  items: t.Array(
    closed({
      id: t.String(),
      sku: t.String(),
      warehouse: t.String(),
      kind: t.String(),
      delta: t.Number(),
      cause: t.String(),
      actor: t.String(),
      at: Instant,
    }),
  ),
})
