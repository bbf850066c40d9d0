import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id } from '../../platform/columns.ts'
import { products } from './product.table.ts'

/** Hand-picked products under a name: a season, a feast, a campaign. Apart from the category tree, which says what a thing is. */
export const collections = pgTable(
  'collections',
  {
    id: id(),
    slug: text().notNull().unique(),
    name: text().notNull(),
    nameSw: text().notNull().default(''),
    story: text().notNull().default(''),
    status: text().notNull().default('draft'),
    position: integer().notNull().default(0),
    createdAt: createdAt(),
  },
  (table) => [check('collections_status', sql`${table.status} in ('draft', 'active', 'archived')`)],
)

/** What is in a collection, in its order. */
export const collectionProducts = pgTable(
  'collection_products',
  {
    collectionId: uuid()
      .notNull()
      .references(() => collections.id, { onDelete: 'cascade' }),
    productId: uuid()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.collectionId, table.productId] }),
    index('collection_products_product').on(table.productId),
    index('collection_products_order').on(table.collectionId, table.position),
  ],
)

/** What a vendor wants shown beside a product. */
export const productRelations = pgTable(
  'product_relations',
  {
    productId: uuid()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    relatedId: uuid()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.productId, table.relatedId] }),
    index('product_relations_related').on(table.relatedId),
    check('product_relations_other', sql`${table.productId} <> ${table.relatedId}`),
  ],
)
