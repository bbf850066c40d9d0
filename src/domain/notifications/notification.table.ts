import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'

/** What people are told inside the shop, numbered without gaps for each of them. */
export const notifications = pgTable(
  'notifications',
  {
    id: id(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    seq: integer().notNull(),
    event: text().notNull(),
    /** What it is about; somebody is told of the same thing once. */
    dedupeKey: text().notNull(),
    title: text().notNull(),
    message: text().notNull(),
    level: text().notNull(),
    url: text(),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('notifications_seq').on(table.accountId, table.seq),
    uniqueIndex('notifications_once').on(table.accountId, table.dedupeKey),
    index('notifications_created').using('brin', table.createdAt),
    check('notifications_level', sql`${table.level} in ('info', 'success', 'warning', 'error')`),
  ],
)

/** How far somebody has been told and has read. */
export const notificationCursors = pgTable(
  'notification_cursors',
  {
    accountId: uuid()
      .primaryKey()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    lastSeq: integer().notNull().default(0),
    readSeq: integer().notNull().default(0),
  },
  (table) => [check('notification_cursors_order', sql`${table.readSeq} between 0 and ${table.lastSeq}`)],
)

/** Where somebody does not want the usual: one row for each event they have chosen about. */
export const notificationPreferences = pgTable(
  'notification_preferences',
  {
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    event: text().notNull(),
    inApp: boolean().notNull(),
    email: boolean().notNull(),
    sms: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.event] })],
)
