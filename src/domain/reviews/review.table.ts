import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { products } from '../catalog/product.table.ts'
import { orderLines } from '../orders/order.table.ts'

/** What buyers say about what they bought: one review a bought line, shown once staff have published it. */
export const reviews = pgTable(
  'reviews',
  {
    id: id(),
    orderLineId: uuid()
      .notNull()
      .unique()
      .references(() => orderLines.id, { onDelete: 'restrict' }),
    productId: uuid()
      .notNull()
      .references(() => products.id, { onDelete: 'restrict' }),
    accountId: uuid().references(() => accounts.id, { onDelete: 'set null' }),
    stars: integer().notNull(),
    /** How it fits; absent for what has no size. */
    fit: text(),
    /** The size that was bought, so that a fit vote can be read. */
    size: text().notNull(),
    body: text().notNull().default(''),
    /** First name only, as shown. */
    authorName: text().notNull(),
    state: text().notNull().default('pending'),
    moderatedBy: text(),
    moderatedAt: moment(),
    /** Why staff rejected it; for staff. */
    moderationNote: text().notNull().default(''),
    createdAt: createdAt(),
  },
  (table) => [
    index('reviews_product').on(table.productId, table.state, table.createdAt.desc()),
    index('reviews_state').on(table.state, table.createdAt),
    index('reviews_account').on(table.accountId),
    check('reviews_stars', sql`${table.stars} between 1 and 5`),
    check('reviews_fit', sql`${table.fit} in ('small', 'true', 'large')`),
    check('reviews_state', sql`${table.state} in ('pending', 'published', 'rejected')`),
    check('reviews_moderated', sql`(${table.state} = 'pending') = (${table.moderatedAt} is null)`),
  ],
)

/** The published reviews of a product, added up. Kept by a trigger on reviews; nothing else writes it. */
export const productRatings = pgTable(
  'product_ratings',
  {
    productId: uuid()
      .primaryKey()
      .references(() => products.id, { onDelete: 'cascade' }),
    count: integer().notNull().default(0),
    stars: integer().notNull().default(0),
    fitSmall: integer().notNull().default(0),
    fitTrue: integer().notNull().default(0),
    fitLarge: integer().notNull().default(0),
  },
  (table) => [check('product_ratings_sane', sql`${table.count} >= 0 and ${table.stars} between ${table.count} and ${table.count} * 5`)],
)
