import { sql } from 'drizzle-orm'
import { bigint, customType, index, pgTable, uuid } from 'drizzle-orm/pg-core'
import { createdAt } from '../../platform/columns.ts'

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

/**
 * What has changed in the shop window: one row a changed product, or one without a product when it may be any. Written by triggers,
 * so that no writer can forget it, and read by whoever keeps finished pages. Unlogged: after a crash of the database kept pages
 * are a minute old at most.
 */
export const catalogChanges = pgTable(
  'catalog_changes',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** The transaction that wrote the row; rows are numbered before they commit, so a reader cannot go by `id`. */
    xid: xid8()
      .notNull()
      .default(sql`pg_current_xact_id()`),
    productId: uuid(),
    createdAt: createdAt(),
  },
  (table) => [index('catalog_changes_xid').on(table.xid), index('catalog_changes_created').on(table.createdAt)],
)
