import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'

/** People with an account. `roles` holds what they are besides a shopper: driver, support, finance, admin. */
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
    passwordChangedAt: moment(),
    /** When the person asked to be forgotten; the row stays, because money and goods refer to it. */
    erasedAt: moment(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('accounts_email_unique').on(sql`lower(${table.email})`),
    uniqueIndex('accounts_phone_unique').on(table.phone),
    // Asked at every sign-in: whether somebody still has a hash of the old shop.
    index('accounts_django_hash')
      .on(table.id)
      .where(sql`${table.passwordHash} like 'pbkdf2_sha256$%'`),
    check('accounts_reachable', sql`${table.status} = 'erased' or ${table.email} is not null or ${table.phone} is not null`),
    check(
      'accounts_erased',
      sql`${table.status} <> 'erased' or (${table.email} is null and ${table.phone} is null and ${table.passwordHash} is null and ${table.roles} = '{}')`,
    ),
    check('accounts_status', sql`${table.status} in ('active', 'disabled', 'erased')`),
    check('accounts_roles', sql`${table.roles} <@ array['driver', 'support', 'finance', 'admin']`),
    check('accounts_phone_form', sql`${table.phone} ~ '^254[17][0-9]{8}$'`),
  ],
)

/**
 * Sign-ins. The token itself is never kept, only its SHA-256. `expiresAt` moves on while the session is used and never past `endsAt`.
 */
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
    /** The last moment this session may live to, however much it is used. */
    endsAt: moment(),
    /** When the password or a code was last given: what a refund or a payout asks for afresh. */
    provenAt: moment(),
    /** When a code of the second factor was given in this session. */
    secondFactorAt: moment(),
    revokedAt: moment(),
  },
  (table) => [uniqueIndex('sessions_token_unique').on(table.tokenHash), index('sessions_account').on(table.accountId)],
)
