import { t } from 'elysia'
import { closed, Instant, MoneyShape, page } from '../../platform/http/shapes.ts'

export const OrderLineShape = closed({
  id: t.String(),
  variantId: t.String(),
  name: t.String(),
  sku: t.String(),
  size: t.String(),
  colour: t.String(),
  picture: t.String(),
  quantity: t.Number(),
  unitPrice: MoneyShape,
  total: MoneyShape,
  discount: t.Object(MoneyShape.properties, { additionalProperties: false, description: 'This line’s part of the discount.' }),
  packedQuantity: t.Number(),
  returnedQuantity: t.Number({ description: 'In returns that were not refused or called off.' }),
})

export const OrderShape = closed({
  number: t.String({ examples: ['RAH-7K2M9QXB'] }),
  state: t.String({ description: 'awaiting_payment, paid, packed, on_the_road, delivered, returned, cancelled or expired.' }),
  placedAt: Instant,
  expiresAt: Instant,
  paidAt: t.Union([Instant, t.Null()]),
  paymentMethod: t.String(),
  contactName: t.String(),
  county: t.String(),
  town: t.String(),
  landmark: t.String(),
  note: t.String(),
  promisedFrom: Instant,
  promisedTo: Instant,
  lines: t.Array(OrderLineShape),
  linesTotal: MoneyShape,
  discount: MoneyShape,
  promoCode: t.Union([t.String(), t.Null()]),
  delivery: MoneyShape,
  waivedDelivery: MoneyShape,
  vat: MoneyShape,
  total: MoneyShape,
})

export const OrderPage = page(OrderShape)

export const TimelineShape = closed({
  items: t.Array(
    closed({
      at: Instant,
      about: t.String({ description: 'order, payment or delivery.' }),
      event: t.String({
        description:
          'placed, moved, edited, note, packed_part, return_requested, ...; or the effect on a payment; or the event of a delivery.',
      }),
      from: t.Union([t.String(), t.Null()]),
      to: t.String(),
      actor: closed({
        kind: t.String({ description: 'shopper, shop, vendor, rider, provider or system.' }),
        name: t.Union([t.String(), t.Null()], { description: 'For staff.' }),
      }),
      reason: t.String(),
      data: t.Record(t.String(), t.Unknown(), { description: 'For staff.' }),
    }),
  ),
})

export const NoteBody = closed(
  {
    body: t.String({ minLength: 1, maxLength: 1_000 }),
    audience: t.Optional(
      t.Union([t.Literal('shopper'), t.Literal('staff')], { description: 'Staff only: who may read it. Without it the shopper may.' }),
    ),
  },
  { examples: [{ body: 'Please call before you come.' }] },
)

export const NoteShape = closed({ id: t.String(), audience: t.String(), author: t.String(), body: t.String(), createdAt: Instant })

export const NoteList = closed({ items: t.Array(NoteShape) })
