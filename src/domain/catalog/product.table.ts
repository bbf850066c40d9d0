import { type SQL, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, currency, id, minor, moment } from '../../platform/columns.ts'
import { vendors } from '../vendors/vendor.table.ts'

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** The category tree, with a Swahili name and the saying (jina) of its collection. */
export const categories = pgTable(
  'categories',
  {
    id: id(),
    slug: text().notNull().unique(),
    parentId: uuid(),
    name: text().notNull(),
    nameSw: text().notNull().default(''),
    saying: text().notNull().default(''),
    motif: text().notNull().default('plain'),
    position: integer().notNull().default(0),
  },
  (table) => [
    foreignKey({ columns: [table.parentId], foreignColumns: [table.id], name: 'categories_parent' }),
    index('categories_parent_position').on(table.parentId, table.position),
  ],
)

/** One row of a size guide in centimetres, for example { size: 'M', chest: 96, length: 70 }. */
export type SizeGuideRow = { size: string } & Record<string, string | number>

/** What is sold; its sizes and colours are variants. */
export const products = pgTable(
  'products',
  {
    id: id(),
    slug: text().notNull().unique(),
    vendorId: uuid()
      .notNull()
      .references(() => vendors.id, { onDelete: 'restrict' }),
    categoryId: uuid()
      .notNull()
      .references(() => categories.id, { onDelete: 'restrict' }),
    name: text().notNull(),
    description: text().notNull().default(''),
    keywords: text().notNull().default(''),
    vatClass: text().notNull().default('standard'),
    status: text().notNull().default('draft'),
    /** Cloth, cut, care: what a shopper may want to know, by name. */
    attributes: jsonb().$type<Record<string, string>>().notNull().default({}),
    sizeGuide: jsonb().$type<SizeGuideRow[]>().notNull().default([]),
    /** The least price of its active variants, null without any. Written by a trigger, so that lists can be sorted by an index. */
    leastMinor: minor(),
    /** Names of its shelf and its vendor, for the search. Written by a trigger. */
    shelfWords: text().notNull().default(''),
    /** Its colours, for the search. Written by a trigger. */
    colourWords: text().notNull().default(''),
    // Names twice: as they are written, for Swahili and for beginnings of words, and by their English stems.
    search: tsvector().generatedAlwaysAs(
      (): SQL =>
        sql`setweight(to_tsvector('simple', coalesce(name, '')), 'A') || setweight(to_tsvector('english', coalesce(name, '')), 'A') || setweight(to_tsvector('simple', coalesce(keywords, '') || ' ' || coalesce(colour_words, '') || ' ' || coalesce(shelf_words, '')), 'B') || setweight(to_tsvector('english', coalesce(keywords, '') || ' ' || coalesce(shelf_words, '')), 'B') || setweight(to_tsvector('english', coalesce(description, '')), 'C')`,
    ),
    publishedAt: moment(),
    createdAt: createdAt(),
    updatedAt: moment().notNull().defaultNow(),
  },
  (table) => [
    // Rising, though lists begin with the newest: an index is read from either end, and `desc` here would put the nulls elsewhere.
    index('products_shelf_newest')
      .on(table.categoryId, table.publishedAt, table.id)
      .where(sql`${table.status} = 'active'`),
    index('products_vendor').on(table.vendorId),
    index('products_newest')
      .on(table.publishedAt, table.id)
      .where(sql`${table.status} = 'active'`),
    index('products_price')
      .on(table.leastMinor, table.id)
      .where(sql`${table.status} = 'active'`),
    index('products_search').using('gin', table.search),
    index('products_name_trigram').using('gin', sql`${table.name} gin_trgm_ops`),
    check('products_status', sql`${table.status} in ('draft', 'active', 'archived')`),
    check('products_vat_class', sql`${table.vatClass} in ('standard', 'zero', 'exempt')`),
  ],
)

/** Pictures of a product; with a colour they show that colour's variants. `path` is relative to the media address. */
export const productPictures = pgTable(
  'product_pictures',
  {
    id: id(),
    productId: uuid()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    colour: text(),
    path: text().notNull(),
    alt: text().notNull(),
    width: integer().notNull(),
    height: integer().notNull(),
    dominantHex: text().notNull().default('#F3EEE5'),
    /** Widths it is kept in beside the one of `path`: `<stem>-<width>.webp`. Empty for drawings, which need one file only. */
    widths: integer()
      .array()
      .notNull()
      .default(sql`'{}'`),
    position: integer().notNull().default(0),
  },
  (table) => [index('product_pictures_product').on(table.productId, table.position)],
)

/** What can be put in a bag: one size of one colour. The price includes VAT. */
export const variants = pgTable(
  'variants',
  {
    id: id(),
    productId: uuid()
      .notNull()
      .references((): AnyPgColumn => products.id, { onDelete: 'restrict' }),
    sku: text().notNull().unique(),
    size: text().notNull(),
    colour: text().notNull(),
    colourHex: text().notNull().default('#888888'),
    priceMinor: minor().notNull(),
    /** The price it was sold at before, when on sale. */
    compareAtMinor: minor(),
    currency: currency(),
    status: text().notNull().default('active'),
    /** With so many or fewer left over all warehouses the vendor is told. */
    lowStockAt: integer().notNull().default(3),
    position: integer().notNull().default(0),
  },
  (table) => [
    uniqueIndex('variants_product_size_colour').on(table.productId, table.size, table.colour),
    index('variants_product_position').on(table.productId, table.position),
    index('variants_size_colour').on(table.size, table.colour, table.productId),
    check('variants_price', sql`${table.priceMinor} > 0`),
    check('variants_compare_at', sql`${table.compareAtMinor} > ${table.priceMinor}`),
    check('variants_low_stock', sql`${table.lowStockAt} >= 0`),
    check('variants_status', sql`${table.status} in ('active', 'archived')`),
  ],
)
