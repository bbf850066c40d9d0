import { sql } from 'drizzle-orm'
import { check, customType, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** The inbox: every verified provider message, stored once as the exact bytes that came, then applied with its effects in one commit. */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    id: id(),
    provider: text().notNull(),
    /** What makes the message one; unique per provider for ever, because unsigned times allow a replay years later. */
    dedupeKey: text().notNull(),
    eventType: text().notNull(),
    providerRef: text(),
    /** Known at once only where the address itself names it (the M-Pesa callback token). Not a foreign key: it is a hint. */
    transactionId: uuid(),
    body: bytea().notNull(),
    bodySha256: text().notNull(),
    headers: jsonb().$type<Record<string, string>>().notNull().default({}),
    requestId: text(),
    receivedAt: createdAt(),
    state: text().notNull().default('received'),
    attempts: integer().notNull().default(0),
    lastError: text(),
    nextAttemptAt: moment(),
    appliedAt: moment(),
  },
  (table) => [
    uniqueIndex('webhook_events_dedupe').on(table.provider, table.dedupeKey),
    index('webhook_events_open')
      .on(table.nextAttemptAt)
      .where(sql`${table.state} in ('received', 'deferred', 'failed', 'unmatched')`),
    check('webhook_events_state', sql`${table.state} in ('received', 'processed', 'ignored', 'unmatched', 'deferred', 'failed')`),
    check('webhook_events_applied', sql`(${table.state} in ('processed', 'ignored')) = (${table.appliedAt} is not null)`),
  ],
)
