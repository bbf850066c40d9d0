import { index, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { createdAt } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { products } from '../catalog/product.table.ts'

/** What an account wants to remember. Each product once. */
export const wishlistItems = pgTable(
  'wishlist_items',
  {
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    productId: uuid()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.productId] }),
    index('wishlist_items_newest').on(table.accountId, table.createdAt.desc()),
  ],
)
