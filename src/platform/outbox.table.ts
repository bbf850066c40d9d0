import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from './columns.ts'

/** Calls and messages to make, staged in the commit that decided them and made after it. */
export const outbox = pgTable(
  'outbox',
  {
    id: id(),
    topic: text().notNull(),
    payload: jsonb().$type<Record<string, unknown>>().notNull(),
    /** At most one row ever for the same key. */
    dedupeKey: text(),
    createdAt: createdAt(),
    availableAt: moment().notNull().defaultNow(),
    lockedUntil: moment(),
    attempts: integer().notNull().default(0),
    lastError: text(),
    doneAt: moment(),
    deadAt: moment(),
  },
  (table) => [
    uniqueIndex('outbox_dedupe').on(table.dedupeKey),
    index('outbox_due')
      .on(table.availableAt)
      .where(sql`${table.doneAt} is null and ${table.deadAt} is null`),
    check('outbox_attempts', sql`${table.attempts} >= 0`),
  ],
)
