import { t } from 'elysia'
import { moneyView } from '../../lib/money.ts'
import { closed, Instant, MoneyShape, page, whole } from '../../platform/http/shapes.ts'
import type { PromoRow } from './promo.queries.ts'

/** What the code in a bag does; null without one. */
export const PromoShape = t.Union([
  closed({
    code: t.String(),
    applies: t.Boolean(),
    reason: t.Union([t.String(), t.Null()], {
      description:
        'Why it does not apply: promo_unknown, promo_not_started, promo_ended, promo_used_up, promo_used_by_you, promo_minimum or promo_nothing_to_reduce.',
    }),
    message: t.String({ description: 'The same as a sentence.' }),
    discount: MoneyShape,
    isDeliveryFree: t.Boolean(),
    minimum: t.Union([MoneyShape, t.Null()], { description: 'With promo_minimum: what the goods must cost.' }),
  }),
  t.Null(),
])

const amount = (description: string) => whole(100, 99_999_900, description)
const count = (description: string) => whole(1, 1_000_000, description)
const When = t.String({ format: 'date-time', maxLength: 40 })
const Percent = t.Number({ minimum: 0.01, maximum: 100, description: 'For `percent`: 10 is 10 %; at most two places.' })

const terms = {
  minimumMinor: t.Optional(whole(0, 99_999_900, 'What the chosen goods must cost, in cents.')),
  mostDiscountMinor: t.Optional(t.Union([amount('For `percent`: the discount is never larger, in cents.'), t.Null()])),
  startsAt: t.Optional(When),
  endsAt: t.Optional(t.Union([When, t.Null()])),
  totalLimit: t.Optional(t.Union([count('How many orders may use it.'), t.Null()])),
  perPersonLimit: t.Optional(t.Union([whole(1, 1_000, 'How many orders of one person may use it.'), t.Null()])),
  note: t.Optional(t.String({ maxLength: 300, description: 'For staff.' })),
}

export const MakePromoBody = closed(
  {
    code: t.String({ minLength: 3, maxLength: 40, description: 'Letters, digits and dashes; kept in upper case.' }),
    kind: t.Union([t.Literal('percent'), t.Literal('amount'), t.Literal('free_delivery')]),
    percent: t.Optional(Percent),
    amountMinor: t.Optional(amount('For `amount`: whole shillings, in cents.')),
    ...terms,
  },
  { examples: [{ code: 'KARIBU10', kind: 'percent', percent: 10, minimumMinor: 200000, totalLimit: 500, perPersonLimit: 1 }] },
)

export const ChangePromoBody = closed(
  { ...terms, isActive: t.Optional(t.Boolean({ description: 'false ends it at once; true lets it run again.' })) },
  { examples: [{ endsAt: '2026-12-31T21:00:00Z' }, { isActive: false }] },
)

export const StaffPromoShape = closed({
  id: t.String(),
  code: t.String(),
  kind: t.String(),
  percent: t.Union([t.Number(), t.Null()]),
  amount: t.Union([MoneyShape, t.Null()]),
  mostDiscount: t.Union([MoneyShape, t.Null()]),
  minimum: MoneyShape,
  startsAt: Instant,
  endsAt: t.Union([Instant, t.Null()]),
  totalLimit: t.Union([t.Number(), t.Null()]),
  perPersonLimit: t.Union([t.Number(), t.Null()]),
  usedCount: t.Number({ description: 'Orders that count for it; cancelled and expired ones were given back.' }),
  isActive: t.Boolean(),
  note: t.String(),
  createdAt: Instant,
})

export const StaffPromoPage = page(StaffPromoShape)

/** A code on the wire, for staff. */
export const staffPromoView = (row: PromoRow) => ({
  id: row.id,
  code: row.code,
  kind: row.kind,
  percent: row.basisPoints === null ? null : row.basisPoints / 100,
  amount: row.amountMinor === null ? null : moneyView(row.amountMinor),
  mostDiscount: row.mostDiscountMinor === null ? null : moneyView(row.mostDiscountMinor),
  minimum: moneyView(row.minimumMinor),
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt?.toISOString() ?? null,
  totalLimit: row.totalLimit,
  perPersonLimit: row.perPersonLimit,
  usedCount: row.usedCount,
  isActive: row.isActive,
  note: row.note,
  createdAt: row.createdAt.toISOString(),
})
