import { sql } from 'drizzle-orm'
import { boolean, check, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'

/**
 * Accounts asked for and not confirmed yet. The account is made when the link is opened, from the row of that very link: whoever
 * asks for somebody else's address leaves neither an account nor a password behind.
 */
export const registrations = pgTable(
  'registrations',
  {
    id: id(),
    email: text(),
    /** 254712345678 */
    phone: text(),
    name: text().notNull(),
    passwordHash: text().notNull(),
    termsVersion: text().notNull(),
    wantsNews: boolean().notNull().default(false),
    tokenHash: text().notNull(),
    createdAt: createdAt(),
    expiresAt: moment().notNull(),
    usedAt: moment(),
  },
  (table) => [
    uniqueIndex('registrations_token_unique').on(table.tokenHash),
    index('registrations_created').on(table.createdAt),
    check('registrations_one_contact', sql`(${table.email} is null) <> (${table.phone} is null)`),
  ],
)
