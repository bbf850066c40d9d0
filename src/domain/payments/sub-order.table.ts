import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { currency, id, minor, moment } from '../../platform/columns.ts'
import { vendors } from '../vendors/vendor.table.ts'
import { orders } from '../orders/order.table.ts'

/**
 * What one order is to one vendor, written in the commit that sells it and never changed: its goods at full price, our commission
 * on them with the VAT in it, and what is left for the vendor. How far its goods are is told by the order lines.
 */
export const subOrders = pgTable(
  'sub_orders',
  {
    id: id(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    vendorId: uuid()
      .notNull()
      .references(() => vendors.id, { onDelete: 'restrict' }),
    /** The order's number and a letter: RAH-7K2M9QXB-A. */
    number: text().notNull().unique(),
    pieces: integer().notNull(),
    grossMinor: minor().notNull(),
    commissionMinor: minor().notNull(),
    commissionVatMinor: minor().notNull(),
    netMinor: minor().notNull(),
    currency: currency(),
    soldAt: moment().notNull(),
  },
  (table) => [
    uniqueIndex('sub_orders_one').on(table.orderId, table.vendorId),
    index('sub_orders_vendor').on(table.vendorId, table.soldAt),
    check(
      'sub_orders_adds_up',
      sql`${table.netMinor} = ${table.grossMinor} - ${table.commissionMinor} and ${table.commissionVatMinor} between 0 and ${table.commissionMinor} and ${table.commissionMinor} between 0 and ${table.grossMinor} and ${table.pieces} > 0`,
    ),
  ],
)
