import { sql } from 'drizzle-orm'
import { check, date, integer, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { createdAt, currency, minor } from '../../platform/columns.ts'
import { vendors } from './vendor.table.ts'

/**
 * Finished Nairobi days of each vendor, added up once: the past does not change, because sales and postings are only ever added to
 * the day they happen on. What KPIs cost then does not grow with the history.
 */
export const vendorDays = pgTable(
  'vendor_days',
  {
    vendorId: uuid()
      .notNull()
      .references(() => vendors.id, { onDelete: 'restrict' }),
    day: date({ mode: 'string' }).notNull(),
    orders: integer().notNull(),
    pieces: integer().notNull(),
    grossMinor: minor().notNull(),
    commissionMinor: minor().notNull(),
    takenBackMinor: minor().notNull(),
    currency: currency(),
  },
  (table) => [
    primaryKey({ columns: [table.vendorId, table.day] }),
    check('vendor_days_amounts', sql`${table.orders} >= 0 and ${table.pieces} >= 0 and ${table.grossMinor} >= 0`),
  ],
)

/** Which days are finished and added up, for all vendors. */
export const closedDays = pgTable('vendor_closed_days', { day: date({ mode: 'string' }).primaryKey(), createdAt: createdAt() })
