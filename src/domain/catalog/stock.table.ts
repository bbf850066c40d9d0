import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { orders } from '../orders/order.table.ts'
import { variants } from './product.table.ts'
import { warehouses } from './warehouse.table.ts'

/** How much lies where. The check is the law that makes overselling impossible, whatever the code does. */
export const stockLevels = pgTable(
  'stock_levels',
  {
    variantId: uuid()
      .notNull()
      .references(() => variants.id, { onDelete: 'restrict' }),
    warehouseId: uuid()
      .notNull()
      .references(() => warehouses.id, { onDelete: 'restrict' }),
    onHand: integer().notNull().default(0),
    reserved: integer().notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.variantId, table.warehouseId] }),
    check('stock_levels_never_oversold', sql`${table.onHand} >= 0 and ${table.reserved} between 0 and ${table.onHand}`),
  ],
)

/** Goods set aside for an order: held until paid (consumed) or given back (released). */
export const stockHolds = pgTable(
  'stock_holds',
  {
    id: id(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    variantId: uuid()
      .notNull()
      .references(() => variants.id, { onDelete: 'restrict' }),
    warehouseId: uuid()
      .notNull()
      .references(() => warehouses.id, { onDelete: 'restrict' }),
    quantity: integer().notNull(),
    state: text().notNull().default('held'),
    createdAt: createdAt(),
    endedAt: moment(),
  },
  (table) => [
    uniqueIndex('stock_holds_one_live')
      .on(table.orderId, table.variantId, table.warehouseId)
      .where(sql`${table.state} = 'held'`),
    index('stock_holds_order').on(table.orderId),
    index('stock_holds_live_variant')
      .on(table.variantId, table.warehouseId)
      .where(sql`${table.state} = 'held'`),
    check('stock_holds_quantity', sql`${table.quantity} > 0`),
    check('stock_holds_state', sql`${table.state} in ('held', 'consumed', 'released')`),
    check('stock_holds_ended', sql`(${table.state} = 'held') = (${table.endedAt} is null)`),
  ],
)

/** Every change of what lies on a shelf. Append-only; on_hand is the sum of a shelf's moves. */
export const stockMoves = pgTable(
  'stock_moves',
  {
    id: id(),
    variantId: uuid()
      .notNull()
      .references(() => variants.id, { onDelete: 'restrict' }),
    warehouseId: uuid()
      .notNull()
      .references(() => warehouses.id, { onDelete: 'restrict' }),
    kind: text().notNull(),
    delta: integer().notNull(),
    orderId: uuid().references(() => orders.id, { onDelete: 'restrict' }),
    /** What made the move; with the shelf it is unique, so that a repeated cause moves nothing twice. */
    cause: text().notNull(),
    actor: text().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('stock_moves_once').on(table.variantId, table.warehouseId, table.kind, table.cause),
    index('stock_moves_order').on(table.orderId),
    check('stock_moves_kind', sql`${table.kind} in ('received', 'sold', 'returned', 'adjusted', 'transferred')`),
    check('stock_moves_delta', sql`${table.delta} <> 0`),
  ],
)

/** Somebody who wants to hear when a variant is back. Told once: `toldAt` ends the wish. */
export const stockAlerts = pgTable(
  'stock_alerts',
  {
    id: id(),
    variantId: uuid()
      .notNull()
      .references(() => variants.id, { onDelete: 'cascade' }),
    accountId: uuid().references(() => accounts.id, { onDelete: 'cascade' }),
    email: text(),
    phone: text(),
    createdAt: createdAt(),
    toldAt: moment(),
  },
  (table) => [
    uniqueIndex('stock_alerts_one_email')
      .on(table.variantId, table.email)
      .where(sql`${table.toldAt} is null`),
    uniqueIndex('stock_alerts_one_phone')
      .on(table.variantId, table.phone)
      .where(sql`${table.toldAt} is null`),
    index('stock_alerts_account').on(table.accountId),
    check('stock_alerts_contact', sql`num_nonnulls(${table.email}, ${table.phone}) = 1`),
  ],
)

/** A variant the vendor was told is running low; ended when it was filled up again, so that each shortage is told once. */
export const stockShortages = pgTable(
  'stock_shortages',
  {
    id: id(),
    variantId: uuid()
      .notNull()
      .references(() => variants.id, { onDelete: 'cascade' }),
    left: integer().notNull(),
    createdAt: createdAt(),
    endedAt: moment(),
  },
  (table) => [
    uniqueIndex('stock_shortages_one_open')
      .on(table.variantId)
      .where(sql`${table.endedAt} is null`),
  ],
)
