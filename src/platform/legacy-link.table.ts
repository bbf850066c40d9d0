import { index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt } from './columns.ts'

/** Which row of an old shop became which row here. What has a link is never imported again. */
export const legacyLinks = pgTable(
  'legacy_links',
  {
    /** Which old shop, by a name the operator gave. */
    source: text().notNull(),
    legacyTable: text().notNull(),
    legacyId: text().notNull(),
    targetTable: text().notNull(),
    targetId: uuid().notNull(),
    /** Of the old row and what hangs on it, so that a later run sees that it has changed since. */
    digest: text().notNull().default(''),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.source, table.legacyTable, table.legacyId] }),
    index('legacy_links_target').on(table.targetTable, table.targetId),
  ],
)
