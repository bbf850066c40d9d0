import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from './account.table.ts'

/**
 * Keys of integrators. A key acts for the account that made it, never beyond what that account may do on the day, and only within its
 * scopes; a key of a vendor only there. The key itself is kept as a hash; a signing secret must be read to check a signature, so
 * it is sealed instead.
 */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** Restricts the key to one vendor. Its owner is another module's table, so the link is by value and checked when the key is used. */
    vendorId: uuid(),
    name: text().notNull(),
    /** The first letters of the key, to tell keys apart in a list. */
    prefix: text().notNull(),
    keyHash: text().notNull(),
    /** Present: requests must be signed, and the key alone opens nothing. */
    sealedSigningSecret: text(),
    scopes: text().array().notNull(),
    createdAt: createdAt(),
    expiresAt: moment(),
    lastUsedAt: moment(),
    revokedAt: moment(),
  },
  (table) => [
    uniqueIndex('api_keys_key_unique').on(table.keyHash),
    uniqueIndex('api_keys_prefix_unique').on(table.prefix),
    index('api_keys_account').on(table.accountId),
    check('api_keys_scopes', sql`cardinality(${table.scopes}) > 0`),
  ],
)
