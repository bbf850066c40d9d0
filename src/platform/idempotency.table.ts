import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { createdAt, moment } from './columns.ts'

/** One row a used Idempotency-Key: what was asked, and the exact bytes that were answered. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** Who asked, for which route: `person:<id> checkout`. A key of one person never answers another. */
    scope: text().notNull(),
    key: text().notNull(),
    requestHash: text().notNull(),
    status: integer(),
    body: text(),
    createdAt: createdAt(),
    answeredAt: moment(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.key] })],
)
