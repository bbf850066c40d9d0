import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { orders } from '../orders/order.table.ts'

/**
 * Letters and text messages to people, one row each: what staff see when somebody says "I heard nothing". The key makes an event
 * tell a person once by each way, however often its work is repeated.
 */
export const messages = pgTable(
  'messages',
  {
    id: id(),
    /** `<event>:<id of what happened>:<channel>`. */
    dedupeKey: text().notNull().unique(),
    event: text().notNull(),
    channel: text().notNull(),
    orderId: uuid().references(() => orders.id, { onDelete: 'restrict' }),
    accountId: uuid().references(() => accounts.id, { onDelete: 'set null' }),
    recipient: text().notNull(),
    language: text().notNull().default('en'),
    subject: text().notNull().default(''),
    /** What was sent; empty where it holds a secret (a reset link), which is not kept. */
    body: text().notNull().default(''),
    state: text().notNull().default('queued'),
    attempts: integer().notNull().default(0),
    lastError: text(),
    createdAt: createdAt(),
    sentAt: moment(),
  },
  (table) => [
    index('messages_order').on(table.orderId, table.createdAt),
    index('messages_state').on(table.state, table.createdAt.desc()),
    check('messages_channel', sql`${table.channel} in ('email', 'sms')`),
    check('messages_language', sql`${table.language} in ('en', 'sw')`),
    // off: this shop has no way out of that kind; failed: the receiver's side will never take it.
    check('messages_state', sql`${table.state} in ('queued', 'sent', 'failed', 'off')`),
    check('messages_sent', sql`(${table.state} = 'sent') = (${table.sentAt} is not null)`),
  ],
)
