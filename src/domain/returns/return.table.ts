import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, currency, id, minor, moment } from '../../platform/columns.ts'
import { orderLines, orders } from '../orders/order.table.ts'
import { transactions } from '../payments/transaction.table.ts'

/** Goods coming back. `state` is written by move-return.ts alone; every step is an event of the order. */
export const returns = pgTable(
  'returns',
  {
    id: id(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    /** The order's number and the how-manieth return of it: RAH-7K2M9QXB-R1. */
    number: text().notNull().unique(),
    state: text().notNull().default('requested'),
    requestedBy: text().notNull(),
    comment: text().notNull().default(''),
    /** What the shopper is told when it is refused. */
    refusal: text().notNull().default(''),
    currency: currency(),
    /** What went back for the goods and, with the last of them, for the delivery; set when the goods were received. */
    refundMinor: minor(),
    deliveryRefundMinor: minor(),
    refundId: uuid().references(() => transactions.id, { onDelete: 'restrict' }),
    createdAt: createdAt(),
    approvedAt: moment(),
    receivedAt: moment(),
    closedAt: moment(),
  },
  (table) => [
    index('returns_order').on(table.orderId, table.createdAt),
    index('returns_state').on(table.state, table.createdAt),
    check('returns_state', sql`${table.state} in ('requested', 'approved', 'received', 'refused', 'cancelled')`),
    check(
      'returns_refund',
      sql`(${table.state} = 'received') = (${table.refundMinor} is not null) and ${table.refundMinor} >= 0 and ${table.deliveryRefundMinor} between 0 and ${table.refundMinor}`,
    ),
    check('returns_closed', sql`(${table.state} in ('received', 'refused', 'cancelled')) = (${table.closedAt} is not null)`),
  ],
)

/**
 * What is coming back of which line, and why. The amounts are what the line's units took when they were bought, frozen when they
 * were received: they undo the sale to the cent.
 */
export const returnLines = pgTable(
  'return_lines',
  {
    id: id(),
    returnId: uuid()
      .notNull()
      .references(() => returns.id, { onDelete: 'restrict' }),
    orderLineId: uuid()
      .notNull()
      .references(() => orderLines.id, { onDelete: 'restrict' }),
    quantity: integer().notNull(),
    reason: text().notNull(),
    /** How many were really in the parcel and taken back. */
    acceptedQuantity: integer(),
    isRestocked: boolean(),
    /** What was paid for them, after discount. */
    refundMinor: minor(),
    discountMinor: minor(),
    /** VAT in `refundMinor`. */
    vatMinor: minor(),
    commissionMinor: minor(),
    commissionVatMinor: minor(),
  },
  (table) => [
    uniqueIndex('return_lines_line').on(table.returnId, table.orderLineId),
    index('return_lines_order_line').on(table.orderLineId),
    check('return_lines_quantity', sql`${table.quantity} > 0 and ${table.acceptedQuantity} between 0 and ${table.quantity}`),
    check(
      'return_lines_reason',
      sql`${table.reason} in ('too_small', 'too_large', 'not_as_shown', 'damaged', 'wrong_item', 'changed_mind', 'other')`,
    ),
    check(
      'return_lines_amounts',
      sql`${table.refundMinor} >= 0 and ${table.discountMinor} >= 0 and ${table.vatMinor} between 0 and ${table.refundMinor} and ${table.commissionMinor} >= 0 and ${table.commissionVatMinor} between 0 and ${table.commissionMinor}`,
    ),
  ],
)
