import { t } from 'elysia'
import { moneyView } from '../../lib/money.ts'
import { closed, Instant, MoneyShape, page, whole } from '../../platform/http/shapes.ts'
import { returnReasons } from './create-return.ts'
import type { ReturnWithLines } from './return.queries.ts'

const LineId = t.String({ maxLength: 36, description: 'From the order.' })

export const RequestReturnBody = closed(
  {
    lines: t.Array(closed({ lineId: LineId, quantity: whole(1, 20), reason: t.Union(returnReasons.map((reason) => t.Literal(reason))) }), {
      minItems: 1,
      maxItems: 50,
    }),
    comment: t.Optional(t.String({ maxLength: 500 })),
  },
  { examples: [{ lines: [{ lineId: '0199f3a0-0000-7000-8000-000000000001', quantity: 1, reason: 'too_small' }] }] },
)

export const RefuseReturnBody = closed(
  { reason: t.String({ minLength: 3, maxLength: 500, description: 'What the shopper is told.' }) },
  { examples: [{ reason: 'The label was cut off.' }] },
)

export const ReceiveReturnBody = closed(
  {
    lines: t.Optional(
      t.Array(
        closed({
          lineId: LineId,
          acceptedQuantity: whole(0, 20, 'How many were really there and are taken back.'),
          isRestocked: t.Optional(t.Boolean({ description: 'Whether they can be sold again. Without it: unless they came back damaged.' })),
        }),
        { minItems: 1, maxItems: 50, description: 'Without it everything was there.' },
      ),
    ),
  },
  { examples: [{}] },
)

const Nullable = t.Union([MoneyShape, t.Null()])

export const ReturnShape = closed({
  id: t.String(),
  number: t.String({ examples: ['RAH-7K2M9QXB-R1'] }),
  order: t.String(),
  state: t.String({ description: 'requested, approved, received, refused or cancelled.' }),
  comment: t.String(),
  refusal: t.String(),
  refund: t.Union([MoneyShape, t.Null()], { description: 'What goes back in all, once the goods were received.' }),
  deliveryRefund: t.Union([MoneyShape, t.Null()], { description: 'The delivery fee in it: given back with the last goods of the order.' }),
  refundId: t.Union([t.String(), t.Null()]),
  requestedAt: Instant,
  approvedAt: t.Union([Instant, t.Null()]),
  receivedAt: t.Union([Instant, t.Null()]),
  closedAt: t.Union([Instant, t.Null()]),
  lines: t.Array(
    closed({
      lineId: t.String(),
      name: t.String(),
      size: t.String(),
      colour: t.String(),
      quantity: t.Number(),
      reason: t.String(),
      acceptedQuantity: t.Union([t.Number(), t.Null()]),
      isRestocked: t.Union([t.Boolean(), t.Null()]),
      refund: Nullable,
      vat: Nullable,
    }),
  ),
})

export const ReturnList = closed({ items: t.Array(ReturnShape) })

export const ReturnPage = page(ReturnShape)

/** A return on the wire. */
export const returnView = (row: ReturnWithLines) => {
  const money = (amountMinor: bigint | null) => (amountMinor === null ? null : moneyView(amountMinor, row.currency))
  return {
    id: row.id,
    number: row.number,
    order: row.orderNumber,
    state: row.state,
    comment: row.comment,
    refusal: row.refusal,
    refund: money(row.refundMinor),
    deliveryRefund: money(row.deliveryRefundMinor),
    refundId: row.refundId,
    requestedAt: row.createdAt.toISOString(),
    approvedAt: row.approvedAt?.toISOString() ?? null,
    receivedAt: row.receivedAt?.toISOString() ?? null,
    closedAt: row.closedAt?.toISOString() ?? null,
    lines: row.lines.map((line) => ({
      lineId: line.orderLineId,
      name: line.name,
      size: line.size,
      colour: line.colour,
      quantity: line.quantity,
      reason: line.reason,
      acceptedQuantity: line.acceptedQuantity,
      isRestocked: line.isRestocked,
      refund: money(line.refundMinor),
      vat: money(line.vatMinor),
    })),
  }
}
