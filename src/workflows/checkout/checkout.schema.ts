import { t } from 'elysia'
import { methodNames } from '../../domain/payments/payment.methods.ts'
import { PromoShape } from '../../domain/promotions/promotions.schema.ts'
import { OrderShape } from '../../domain/orders/orders.schema.ts'
import { closed, Instant, MoneyShape, whole } from '../../platform/http/shapes.ts'

const Method = t.Union(
  methodNames.map((method) => t.Literal(method)),
  {
    description:
      'How to pay: mpesa (a prompt on the phone), card, paystack and paypal (a page of the provider, see `payUrl`), cod (on delivery).',
  },
)

export const AddressBody = closed({
  county: t.String({ minLength: 2, maxLength: 40, description: 'One of Kenya’s 47 counties.' }),
  town: t.String({ minLength: 2, maxLength: 80 }),
  landmark: t.String({ minLength: 3, maxLength: 300, description: 'What the rider should look for.' }),
  lat: t.Optional(t.Number({ minimum: -4.8, maximum: 5.3 })),
  lng: t.Optional(t.Number({ minimum: 33.5, maximum: 42.2 })),
})

export const CheckoutBody = closed(
  {
    contact: closed({
      name: t.String({ minLength: 2, maxLength: 80 }),
      phone: t.String({ minLength: 9, maxLength: 20, description: '07.., 01.., +254.. or 254..' }),
      email: t.Optional(t.String({ maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$' })),
    }),
    address: AddressBody,
    payment: closed({
      method: Method,
      phone: t.Optional(t.String({ minLength: 9, maxLength: 20, description: 'The phone that pays, when it is another one.' })),
    }),
    expectedTotal: t.Optional(
      t.Object(MoneyShape.properties, {
        additionalProperties: false,
        description: 'The total the shopper saw. When it has changed the order is not placed.',
      }),
    ),
    note: t.Optional(t.String({ maxLength: 300 })),
    language: t.Optional(t.Union([t.Literal('en'), t.Literal('sw')], { description: 'Of the messages about the order.' })),
  },
  {
    examples: [
      {
        contact: { name: 'Amina Wanjiru', phone: '0712 345 678' },
        address: { county: 'Nairobi', town: 'Kilimani', landmark: 'Blue gate opposite the school, third floor' },
        payment: { method: 'mpesa' },
        expectedTotal: { amountMinor: 315000, currency: 'KES' },
      },
    ],
  },
)

export const QuoteBody = closed(
  {
    county: t.String({ minLength: 2, maxLength: 40 }),
    town: t.Optional(t.String({ minLength: 2, maxLength: 80, description: 'Some towns have a fee of their own.' })),
    lat: t.Optional(t.Number({ minimum: -4.8, maximum: 5.3, description: 'With `lng`: far places may cost more.' })),
    lng: t.Optional(t.Number({ minimum: 33.5, maximum: 42.2 })),
  },
  { examples: [{ county: 'Nairobi' }, { county: 'Kajiado', town: 'Kitengela', lat: -1.4731, lng: 36.9605 }] },
)

export const QuoteShape = closed({
  lines: MoneyShape,
  discount: MoneyShape,
  delivery: MoneyShape,
  waivedDelivery: t.Object(MoneyShape.properties, {
    additionalProperties: false,
    description: 'What a code or the worth of the goods saves of the fee.',
  }),
  vat: MoneyShape,
  total: MoneyShape,
  promo: PromoShape,
  promisedFrom: Instant,
  promisedTo: Instant,
})

export const PlacedShape = closed({
  order: OrderShape,
  payment: closed({ transactionId: t.String(), reference: t.String(), method: t.String(), state: t.String() }),
  payUrl: t.String({ description: 'The page that follows the payment.' }),
  trackUrl: t.String({ description: 'The page that follows the delivery.' }),
  orderToken: t.String({ description: 'Opens this order without an account. Keep it private.' }),
})

export const EditOrderBody = closed(
  {
    lines: t.Optional(
      t.Array(closed({ variantId: t.String({ maxLength: 36 }), quantity: whole(1, 20) }), {
        minItems: 1,
        maxItems: 50,
        description: 'The whole new list; what is not in it is taken out.',
      }),
    ),
    contact: t.Optional(CheckoutBody.properties.contact),
    address: t.Optional(AddressBody),
    note: t.Optional(t.String({ maxLength: 300 })),
    promoCode: t.Optional(t.Union([t.String({ minLength: 3, maxLength: 60 }), t.Null()], { description: 'null takes the code out.' })),
    payment: t.Optional(CheckoutBody.properties.payment),
    expectedTotal: CheckoutBody.properties.expectedTotal,
  },
  { examples: [{ lines: [{ variantId: '0199f3a0-0000-7000-8000-000000000001', quantity: 1 }] }] },
)

export const PayAgainBody = closed(
  { method: Method, phone: t.Optional(t.String({ minLength: 9, maxLength: 20 })) },
  { examples: [{ method: 'mpesa', phone: '0712 345 678' }] },
)

export const PayAgainShape = closed({
  transactionId: t.String(),
  reference: t.String(),
  method: t.String(),
  state: t.String(),
  payUrl: t.String(),
})
