import { sql } from 'drizzle-orm'
import { boolean, check, doublePrecision, pgTable, text } from 'drizzle-orm/pg-core'
import { id } from '../../platform/columns.ts'

/** Where goods lie. All warehouses are in Kenya, and the database says so too. */
export const warehouses = pgTable(
  'warehouses',
  {
    id: id(),
    code: text().notNull().unique(),
    name: text().notNull(),
    address: text().notNull(),
    lat: doublePrecision().notNull(),
    lng: doublePrecision().notNull(),
    isActive: boolean().notNull().default(true),
  },
  (table) => [check('warehouses_in_kenya', sql`${table.lat} between -4.8 and 5.3 and ${table.lng} between 33.5 and 42.2`)],
)
