import { sql } from 'drizzle-orm'
import { check, doublePrecision, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, currency, id, minor, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { carts } from '../cart/cart.table.ts'
import { products, variants } from '../catalog/product.table.ts'
import { warehouses } from '../catalog/warehouse.table.ts'
import { vendors } from '../vendors/vendor.table.ts'

/**
 * Orders. All amounts are snapshots made when the order was placed; what was charged is never computed again.
 * `state` is written by move-order.ts alone; every move is a row of order_events.
 */
export const orders = pgTable(
  'orders',
  {
    id: id(),
    number: text().notNull().unique(),
    /** SHA-256 of the unguessable token in the order's links (pay, track); the token itself is derived, never stored. */
    tokenHash: text().notNull().unique(),
    accountId: uuid().references(() => accounts.id, { onDelete: 'restrict' }),
    cartId: uuid()
      .notNull()
      .references(() => carts.id, { onDelete: 'restrict' }),
    state: text().notNull().default('awaiting_payment'),
    contactName: text().notNull(),
    contactPhone: text().notNull(),
    contactEmail: text(),
    county: text().notNull(),
    town: text().notNull(),
    landmark: text().notNull(),
    lat: doublePrecision(),
    lng: doublePrecision(),
    deliveryZone: text().notNull(),
    promisedFrom: moment().notNull(),
    promisedTo: moment().notNull(),
    note: text().notNull().default(''),
    /** The language of the messages about it: `en` or `sw`. */
    language: text().notNull().default('en'),
    promoCode: text(),
    paymentMethod: text().notNull(),
    paymentPhone: text(),
    currency: currency(),
    linesMinor: minor().notNull(),
    discountMinor: minor()
      .notNull()
      .default(sql`0`),
    /** What delivery costs after a free delivery was given; what was given is `waivedDeliveryMinor`. */
    deliveryMinor: minor().notNull(),
    waivedDeliveryMinor: minor()
      .notNull()
      .default(sql`0`),
    /** VAT contained in the total. */
    vatMinor: minor().notNull(),
    totalMinor: minor().notNull(),
    createdAt: createdAt(),
    /** When an unpaid order gives its stock back. Pushed on while a payment is pending. */
    expiresAt: moment().notNull(),
    paidAt: moment(),
    closedAt: moment(),
  },
  (table) => [
    uniqueIndex('orders_cart_unique').on(table.cartId),
    index('orders_account').on(table.accountId, table.createdAt.desc()),
    index('orders_state_created').on(table.state, table.createdAt.desc()),
    index('orders_unpaid_expiry')
      .on(table.expiresAt)
      .where(sql`${table.state} = 'awaiting_payment'`),
    check(
      'orders_state',
      sql`${table.state} in ('awaiting_payment', 'paid', 'packed', 'on_the_road', 'delivered', 'returned', 'cancelled', 'expired')`,
    ),
    check('orders_total', sql`${table.totalMinor} = ${table.linesMinor} + ${table.deliveryMinor} - ${table.discountMinor}`),
    check(
      'orders_amounts',
      sql`${table.linesMinor} > 0 and ${table.deliveryMinor} >= 0 and ${table.discountMinor} between 0 and ${table.linesMinor} and ${table.vatMinor} between 0 and ${table.totalMinor}`,
    ),
    // Pay on delivery: the goods may be packed and on the road before they are paid, but never handed over.
    check(
      'orders_paid_at',
      sql`(${table.state} in ('paid', 'delivered') or (${table.state} in ('packed', 'on_the_road', 'returned') and ${table.paymentMethod} <> 'cod')) <= (${table.paidAt} is not null)`,
    ),
    check('orders_language', sql`${table.language} in ('en', 'sw')`),
    check('orders_waived', sql`${table.waivedDeliveryMinor} >= 0`),
    check('orders_place', sql`(${table.lat} is null) = (${table.lng} is null)`),
  ],
)

/** What was bought, as it was on that day: name, price, VAT and commission never change again. */
export const orderLines = pgTable(
  'order_lines',
  {
    id: id(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    variantId: uuid()
      .notNull()
      .references(() => variants.id, { onDelete: 'restrict' }),
    productId: uuid()
      .notNull()
      .references(() => products.id, { onDelete: 'restrict' }),
    vendorId: uuid()
      .notNull()
      .references(() => vendors.id, { onDelete: 'restrict' }),
    warehouseId: uuid()
      .notNull()
      .references(() => warehouses.id, { onDelete: 'restrict' }),
    position: integer().notNull(),
    name: text().notNull(),
    sku: text().notNull(),
    size: text().notNull(),
    colour: text().notNull(),
    picturePath: text().notNull().default(''),
    quantity: integer().notNull(),
    unitPriceMinor: minor().notNull(),
    totalMinor: minor().notNull(),
    /** This line's part of the order's discount. */
    discountMinor: minor()
      .notNull()
      .default(sql`0`),
    vatBasisPoints: integer().notNull(),
    /** VAT in what is paid for the line, after discount. */
    vatMinor: minor().notNull(),
    commissionBasisPoints: integer().notNull(),
    commissionMinor: minor().notNull(),
    /** How many of them are in shipments. */
    packedQuantity: integer().notNull().default(0),
    /** How many are in returns that were not refused or called off. */
    returnedQuantity: integer().notNull().default(0),
    /** How many were taken back and paid back. */
    refundedQuantity: integer().notNull().default(0),
  },
  (table) => [
    index('order_lines_order').on(table.orderId, table.position),
    index('order_lines_vendor').on(table.vendorId, table.orderId.desc()),
    index('order_lines_variant').on(table.variantId),
    check('order_lines_quantity', sql`${table.quantity} > 0`),
    check(
      'order_lines_counters',
      sql`${table.packedQuantity} between 0 and ${table.quantity} and ${table.returnedQuantity} between 0 and ${table.quantity} and ${table.refundedQuantity} between 0 and ${table.returnedQuantity}`,
    ),
    check('order_lines_discount', sql`${table.discountMinor} between 0 and ${table.totalMinor}`),
    check('order_lines_total', sql`${table.totalMinor} = ${table.unitPriceMinor} * ${table.quantity}`),
    check(
      'order_lines_shares',
      sql`${table.vatMinor} between 0 and ${table.totalMinor} and ${table.commissionMinor} between 0 and ${table.totalMinor}`,
    ),
  ],
)

/** Everything that happened to an order, with actor and reason: its moves, and what left it where it was. Append-only. */
export const orderEvents = pgTable(
  'order_events',
  {
    id: id(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    fromState: text(),
    toState: text().notNull(),
    actor: text().notNull(),
    reason: text().notNull().default(''),
    /** `moved`, or what else happened: `edited`, `note`, `packed_part`, `return_requested`, ... */
    kind: text().notNull().default('moved'),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [index('order_events_order').on(table.orderId, table.createdAt)],
)

/** What people wrote about an order. A shopper's own notes and answers to them are `shopper`; what only the shop may read is `staff`. */
export const orderNotes = pgTable(
  'order_notes',
  {
    id: id(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    audience: text().notNull(),
    author: text().notNull(),
    authorName: text().notNull(),
    body: text().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('order_notes_order').on(table.orderId, table.createdAt),
    check('order_notes_audience', sql`${table.audience} in ('shopper', 'staff')`),
    check('order_notes_body', sql`length(${table.body}) between 1 and 1000`),
  ],
)
