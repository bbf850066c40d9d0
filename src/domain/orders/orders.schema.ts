import { t } from 'elysia'
import { closed, Instant, MoneyShape, page } from '../../platform/http/shapes.ts'

export const OrderLineShape = closed({
  name: t.String(),
  sku: t.String(),
  size: t.String(),
  colour: t.String(),
  picture: t.String(),
  quantity: t.Number(),
  unitPrice: MoneyShape,
  total: MoneyShape,
})

export const OrderShape = closed({
  number: t.String({ examples: ['RAH-7K2M9QXB'] }),
  state: t.String({ description: 'awaiting_payment, paid, packed, on_the_road, delivered, returned, cancelled or expired.' }),
  placedAt: Instant,
  expiresAt: Instant,
  paidAt: t.Union([Instant, t.Null()]),
  contactName: t.String(),
  county: t.String(),
  town: t.String(),
  landmark: t.String(),
  promisedFrom: Instant,
  promisedTo: Instant,
  lines: t.Array(OrderLineShape),
  linesTotal: MoneyShape,
  discount: MoneyShape,
  delivery: MoneyShape,
  vat: MoneyShape,
  total: MoneyShape,
})

export const OrderPage = page(OrderShape)
