import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from './account.table.ts'

/** Links sent to the owner of an account: to set a new password, to confirm a new e-mail or phone. Good once, kept as a hash. */
export const accountTokens = pgTable(
  'account_tokens',
  {
    id: id(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    purpose: text().notNull(),
    /** The address to be confirmed, for `contact`. */
    contact: text(),
    tokenHash: text().notNull(),
    createdAt: createdAt(),
    expiresAt: moment().notNull(),
    usedAt: moment(),
  },
  (table) => [
    uniqueIndex('account_tokens_token_unique').on(table.tokenHash),
    index('account_tokens_account').on(table.accountId, table.purpose),
    check('account_tokens_purpose', sql`${table.purpose} in ('reset', 'contact')`),
    check('account_tokens_contact', sql`(${table.purpose} = 'contact') = (${table.contact} is not null)`),
  ],
)
