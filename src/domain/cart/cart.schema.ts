import { t } from 'elysia'
import { PromoShape } from '../promotions/promotions.schema.ts'
import { closed, MoneyShape, whole } from '../../platform/http/shapes.ts'

export const AddLineBody = closed(
  { variantId: t.String({ maxLength: 36, description: 'From the product.' }), quantity: whole(1, 20) },
  { examples: [{ variantId: '0199f3a0-0000-7000-8000-000000000001', quantity: 1 }] },
)

export const ChangeLineBody = closed(
  {
    quantity: t.Optional(whole(0, 20, '0 takes the line out.')),
    isSelected: t.Optional(t.Boolean({ description: 'Whether checkout takes it.' })),
  },
  { examples: [{ quantity: 2 }] },
)

export const CartLineShape = closed({
  id: t.String(),
  variantId: t.String(),
  slug: t.String(),
  name: t.String(),
  sku: t.String(),
  size: t.String(),
  colour: t.String(),
  vendor: t.String(),
  picture: t.String(),
  quantity: t.Number(),
  isSelected: t.Boolean(),
  price: MoneyShape,
  priceWhenAdded: t.Object(MoneyShape.properties, { additionalProperties: false, description: 'What it cost when it was put in.' }),
  total: MoneyShape,
  available: t.Number(),
  notice: t.Union([t.Literal('sold_out'), t.Literal('fewer_left'), t.Literal('price_changed'), t.Literal('not_sold'), t.Null()], {
    description: 'What changed since it was added.',
  }),
})

export const CartShape = closed({
  lines: t.Array(CartLineShape),
  count: t.Number({ description: 'Pieces, selected or not.' }),
  subtotal: MoneyShape,
  discount: MoneyShape,
  promo: PromoShape,
  merged: t.Array(
    closed({
      variantId: t.String(),
      name: t.String(),
      change: t.Union([t.Literal('added'), t.Literal('replaced'), t.Literal('fewer'), t.Literal('sold_out')]),
      quantityBefore: t.Number(),
      quantityWanted: t.Number(),
      quantity: t.Number(),
    }),
    { description: 'What signing in has just brought over from the guest’s bag; told once.' },
  ),
  hasChanges: t.Boolean({ description: 'Whether any line has a notice.' }),
})

export const PromoBody = closed(
  { code: t.String({ minLength: 3, maxLength: 60, description: 'As typed; case and spaces do not matter.' }) },
  { examples: [{ code: 'KARIBU10' }] },
)
