import { sql } from 'drizzle-orm'
import { boolean, check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id } from '../../platform/columns.ts'
import { accounts } from './account.table.ts'

/** What a person agreed to and took back, with the version they saw (Data Protection Act 2019, section 32). Append-only; the newest row of a kind counts. */
export const consents = pgTable(
  'consents',
  {
    id: id(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'restrict' }),
    kind: text().notNull(),
    version: text().notNull(),
    isGiven: boolean().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('consents_account').on(table.accountId, table.kind, table.createdAt),
    check('consents_kind', sql`${table.kind} in ('terms', 'news')`),
  ],
)
