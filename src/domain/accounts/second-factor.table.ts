import { index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from './account.table.ts'

/** The authenticator of an account (RFC 6238). The secret is sealed with a key of the server; unconfirmed ones protect nothing yet. */
export const totpFactors = pgTable('totp_factors', {
  accountId: uuid()
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  sealedSecret: text().notNull(),
  /** The newest time step a code was taken for: a code that was looked over somebody's shoulder is worth nothing. */
  lastStep: integer().notNull().default(0),
  createdAt: createdAt(),
  confirmedAt: moment(),
})

/** Codes for the day the phone is lost. Each works once; kept as hashes. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    id: id(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    codeHash: text().notNull(),
    createdAt: createdAt(),
    usedAt: moment(),
  },
  (table) => [uniqueIndex('recovery_codes_hash_unique').on(table.codeHash), index('recovery_codes_account').on(table.accountId)],
)
