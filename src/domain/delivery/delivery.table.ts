import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, minor, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { warehouses } from '../catalog/warehouse.table.ts'
import { orderLines, orders } from '../orders/order.table.ts'

/** What delivery to a part of the country costs and how long it takes. */
export const deliveryZones = pgTable(
  'delivery_zones',
  {
    code: text().primaryKey(),
    name: text().notNull(),
    feeMinor: minor().notNull(),
    /** For each further kilometre from the nearest warehouse to the shopper's pin, beyond `includedKm`. */
    perKmMinor: minor()
      .notNull()
      .default(sql`0`),
    includedKm: integer().notNull().default(0),
    /** Goods worth so much are brought for nothing; absent: never. */
    freeFromMinor: minor(),
    daysMin: integer().notNull(),
    daysMax: integer().notNull(),
  },
  (table) => [
    check(
      'delivery_zones_sane',
      sql`${table.feeMinor} >= 0 and ${table.feeMinor} % 100 = 0 and ${table.daysMin} between 0 and ${table.daysMax}`,
    ),
    check(
      'delivery_zones_distance',
      sql`${table.perKmMinor} >= 0 and ${table.perKmMinor} % 100 = 0 and ${table.includedKm} >= 0 and (${table.freeFromMinor} is null or ${table.freeFromMinor} > 0)`,
    ),
  ],
)

/** Kenya's 47 counties, each in one zone, with the county town as the place to aim at without a pin. */
export const deliveryCounties = pgTable(
  'delivery_counties',
  {
    county: text().primaryKey(),
    zoneCode: text()
      .notNull()
      .references(() => deliveryZones.code, { onDelete: 'restrict' }),
    lat: doublePrecision().notNull(),
    lng: doublePrecision().notNull(),
  },
  (table) => [check('delivery_counties_in_kenya', sql`${table.lat} between -4.8 and 5.3 and ${table.lng} between 33.5 and 42.2`)],
)

/** Towns that are in another zone than their county: near ones cheaper, far ones dearer. Names are compared in any case. */
export const deliveryTowns = pgTable(
  'delivery_towns',
  {
    id: id(),
    county: text()
      .notNull()
      .references(() => deliveryCounties.county, { onDelete: 'cascade' }),
    town: text().notNull(),
    zoneCode: text()
      .notNull()
      .references(() => deliveryZones.code, { onDelete: 'restrict' }),
  },
  (table) => [uniqueIndex('delivery_towns_name').on(table.county, sql`lower(${table.town})`)],
)

/** Riders. Being on duty is what makes one a candidate for work. */
export const drivers = pgTable('drivers', {
  accountId: uuid()
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'restrict' }),
  vehicle: text().notNull().default('motorbike'),
  plate: text().notNull().default(''),
  isOnDuty: boolean().notNull().default(false),
  lastLat: doublePrecision(),
  lastLng: doublePrecision(),
  lastSeenAt: moment(),
})

/** One trip from a warehouse to the shopper's door. `state` is written by move-delivery.ts alone. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: id(),
    /** The predecessor's socket path takes digits; this is the number old scripts use. */
    number: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    warehouseId: uuid()
      .notNull()
      .references(() => warehouses.id, { onDelete: 'restrict' }),
    driverId: uuid().references(() => drivers.accountId, { onDelete: 'restrict' }),
    state: text().notNull().default('pending'),
    originLat: doublePrecision().notNull(),
    originLng: doublePrecision().notNull(),
    destLat: doublePrecision().notNull(),
    destLng: doublePrecision().notNull(),
    /** Whether the destination is the shopper's own pin; else it is the county town and no fence can be drawn round it. */
    destIsPinned: boolean().notNull().default(false),
    destText: text().notNull(),
    eventCount: integer().notNull().default(0),
    lastLat: doublePrecision(),
    lastLng: doublePrecision(),
    lastAccuracyM: real(),
    lastFixAt: moment(),
    failReason: text(),
    codeTries: integer().notNull().default(0),
    createdAt: createdAt(),
    assignedAt: moment(),
    pickedUpAt: moment(),
    enRouteAt: moment(),
    arrivedAt: moment(),
    deliveredAt: moment(),
    closedAt: moment(),
  },
  (table) => [
    index('deliveries_order_warehouse').on(table.orderId, table.warehouseId),
    uniqueIndex('deliveries_number').on(table.number),
    index('deliveries_driver').on(table.driverId, table.state),
    index('deliveries_state').on(table.state, table.createdAt),
    check(
      'deliveries_state',
      sql`${table.state} in ('pending', 'assigned', 'picked_up', 'en_route', 'arriving', 'delivered', 'failed', 'returning', 'cancelled')`,
    ),
    check('deliveries_driver', sql`${table.driverId} is not null or ${table.state} in ('pending', 'cancelled')`),
    check('deliveries_place', sql`${table.destLat} between -4.8 and 5.3 and ${table.destLng} between 33.5 and 42.2`),
  ],
)

/** What one delivery carries: so many of a line of its order. An order whose goods are ready at different times has several. */
export const deliveryLines = pgTable(
  'delivery_lines',
  {
    deliveryId: uuid()
      .notNull()
      .references(() => deliveries.id, { onDelete: 'restrict' }),
    orderLineId: uuid()
      .notNull()
      .references(() => orderLines.id, { onDelete: 'restrict' }),
    quantity: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deliveryId, table.orderLineId] }),
    index('delivery_lines_order_line').on(table.orderLineId),
    check('delivery_lines_quantity', sql`${table.quantity} > 0`),
  ],
)

/** Every move of a delivery and of its driver, numbered without gaps. Append-only; watchers resume by `seq`. */
export const deliveryEvents = pgTable(
  'delivery_events',
  {
    id: id(),
    deliveryId: uuid()
      .notNull()
      .references(() => deliveries.id, { onDelete: 'restrict' }),
    seq: integer().notNull(),
    kind: text().notNull(),
    fromState: text(),
    toState: text().notNull(),
    actor: text().notNull(),
    /** The client's own id of an offline action; a repeat is recognised by it. */
    clientId: text(),
    occurredAt: moment().notNull(),
    lat: doublePrecision(),
    lng: doublePrecision(),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('delivery_events_seq').on(table.deliveryId, table.seq),
    uniqueIndex('delivery_events_client').on(table.deliveryId, table.clientId),
  ],
)

/** The trail: fixes that passed the filters and the persistence thresholds. Personal data; purged after the retention time. */
export const deliveryPositions = pgTable(
  'delivery_positions',
  {
    id: id(),
    deliveryId: uuid()
      .notNull()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    driverId: uuid()
      .notNull()
      .references(() => drivers.accountId, { onDelete: 'restrict' }),
    lat: doublePrecision().notNull(),
    lng: doublePrecision().notNull(),
    accuracyM: real(),
    speedMps: real(),
    headingDeg: real(),
    fixedAt: moment().notNull(),
    receivedAt: createdAt(),
  },
  (table) => [
    uniqueIndex('delivery_positions_fix').on(table.deliveryId, table.driverId, table.fixedAt),
    index('delivery_positions_received').using('brin', table.receivedAt),
    check('delivery_positions_range', sql`${table.lat} between -90 and 90 and ${table.lng} between -180 and 180`),
  ],
)

/** Links by which somebody without an account follows one delivery, and nothing else of the order. */
export const deliveryShares = pgTable(
  'delivery_shares',
  {
    id: id(),
    deliveryId: uuid()
      .notNull()
      .references(() => deliveries.id, { onDelete: 'restrict' }),
    /** SHA-256; the token itself is shown once. */
    tokenHash: text().notNull(),
    createdBy: text().notNull(),
    createdAt: createdAt(),
    expiresAt: moment().notNull(),
    revokedAt: moment(),
  },
  (table) => [uniqueIndex('delivery_shares_token').on(table.tokenHash), index('delivery_shares_delivery').on(table.deliveryId)],
)
