import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'

/** People with an account. `roles` holds what they are besides a shopper: driver, support, admin. */
export const accounts = pgTable(
  'accounts',
  {
    id: id(),
    email: text(),
    /** 254712345678 */
    phone: text(),
    name: text().notNull(),
    passwordHash: text(),
    roles: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    status: text().notNull().default('active'),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('accounts_email_unique').on(sql`lower(${table.email})`),
    uniqueIndex('accounts_phone_unique').on(table.phone),
    // Asked at every sign-in: whether somebody still has a hash of the old shop.
    index('accounts_django_hash')
      .on(table.id)
      .where(sql`${table.passwordHash} like 'pbkdf2_sha256$%'`),
    check('accounts_reachable', sql`${table.email} is not null or ${table.phone} is not null`),
    check('accounts_status', sql`${table.status} in ('active', 'disabled', 'erased')`),
    check('accounts_roles', sql`${table.roles} <@ array['driver', 'support', 'admin']`),
    check('accounts_phone_form', sql`${table.phone} ~ '^254[17][0-9]{8}$'`),
  ],
)

/** Sign-ins. The token itself is never kept, only its SHA-256. */
export const sessions = pgTable(
  'sessions',
  {
    id: id(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    tokenHash: text().notNull(),
    userAgent: text(),
    createdAt: createdAt(),
    lastSeenAt: moment().notNull().defaultNow(),
    expiresAt: moment().notNull(),
    revokedAt: moment(),
  },
  (table) => [uniqueIndex('sessions_token_unique').on(table.tokenHash), index('sessions_account').on(table.accountId)],
)
