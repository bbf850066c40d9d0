import { t } from 'elysia'
import { moneyView } from '../../lib/money.ts'
import { closed, Instant, MoneyShape, page } from '../../platform/http/shapes.ts'
import type { KpiDay } from './vendor-kpi.queries.ts'
import type { VendorOrder } from './vendor-order.queries.ts'

const DayShape = closed({
  day: t.String({ description: 'A day in Nairobi.', examples: ['2026-11-24'] }),
  orders: t.Number(),
  pieces: t.Number(),
  gross: MoneyShape,
  commission: MoneyShape,
  net: MoneyShape,
  takenBack: t.Object(MoneyShape.properties, {
    additionalProperties: false,
    description: 'Net, by refunds and lost disputes of that day.',
  }),
})
export const KpiShape = closed({
  today: DayShape,
  days: t.Array(DayShape),
  toPack: t.Number({ description: 'Orders with something left to pack.' }),
})

/** A day on the wire. */
export const kpiDayView = ({ grossMinor, commissionMinor, netMinor, takenBackMinor, ...rest }: KpiDay) => ({
  ...rest,
  gross: moneyView(grossMinor),
  commission: moneyView(commissionMinor),
  net: moneyView(netMinor),
  takenBack: moneyView(takenBackMinor),
})

export const VendorOrderShape = closed({
  number: t.String({ examples: ['RAH-7K2M9QXB'] }),
  state: t.String({ description: 'Of the whole order.' }),
  placedAt: Instant,
  paidAt: t.Union([Instant, t.Null()]),
  promisedFrom: Instant,
  county: t.String(),
  town: t.String(),
  gross: MoneyShape,
  commission: MoneyShape,
  net: MoneyShape,
  lines: t.Array(
    closed({
      name: t.String(),
      sku: t.String(),
      size: t.String(),
      colour: t.String(),
      quantity: t.Number(),
      packedQuantity: t.Number(),
      warehouse: t.String({ description: 'Code of the warehouse it is packed in.' }),
      total: MoneyShape,
    }),
  ),
})
export const VendorOrderPage = page(VendorOrderShape)

/** A vendor's part of an order on the wire. */
export const vendorOrderView = (order: VendorOrder) => ({
  number: order.number,
  state: order.state,
  placedAt: order.placedAt.toISOString(),
  paidAt: order.paidAt?.toISOString() ?? null,
  promisedFrom: order.promisedFrom.toISOString(),
  county: order.county,
  town: order.town,
  gross: moneyView(order.grossMinor),
  commission: moneyView(order.commissionMinor),
  net: moneyView(order.grossMinor - order.commissionMinor),
  lines: order.lines.map(({ totalMinor, ...line }) => ({ ...line, total: moneyView(totalMinor) })),
})
