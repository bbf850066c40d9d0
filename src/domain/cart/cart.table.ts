import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, minor, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { variants } from '../catalog/product.table.ts'

/** Bags. A visitor has one active bag: an account's by account, a guest's by the hash of the cookie's token. */
export const carts = pgTable(
  'carts',
  {
    id: id(),
    accountId: uuid().references(() => accounts.id, { onDelete: 'set null' }),
    tokenHash: text(),
    /** The code the shopper typed, as typed; whether it applies is asked each time the bag is looked at. */
    promoCode: text(),
    status: text().notNull().default('active'),
    createdAt: createdAt(),
    updatedAt: moment().notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('carts_one_active_account')
      .on(table.accountId)
      .where(sql`${table.status} = 'active'`),
    uniqueIndex('carts_one_active_token')
      .on(table.tokenHash)
      .where(sql`${table.status} = 'active'`),
    check('carts_status', sql`${table.status} in ('active', 'ordered', 'merged', 'abandoned')`),
    check('carts_owner', sql`${table.status} <> 'active' or ${table.accountId} is not null or ${table.tokenHash} is not null`),
  ],
)

/** What is in a bag. `priceSeenMinor` is the price when it was added, so that a change can be told. */
export const cartLines = pgTable(
  'cart_lines',
  {
    id: id(),
    cartId: uuid()
      .notNull()
      .references(() => carts.id, { onDelete: 'cascade' }),
    variantId: uuid()
      .notNull()
      .references(() => variants.id, { onDelete: 'cascade' }),
    quantity: integer().notNull(),
    isSelected: boolean().notNull().default(true),
    priceSeenMinor: minor().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('cart_lines_variant').on(table.cartId, table.variantId),
    index('cart_lines_cart').on(table.cartId, table.createdAt),
    check('cart_lines_quantity', sql`${table.quantity} between 1 and 20`),
  ],
)
