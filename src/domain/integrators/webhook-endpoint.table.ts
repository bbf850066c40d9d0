import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { vendors } from '../vendors/vendor.table.ts'

/** Addresses of integrators that want to hear of what happens, of the whole shop or of one vendor's goods. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: id(),
    /** Null: of the whole shop, made by staff. */
    vendorId: uuid().references(() => vendors.id, { onDelete: 'restrict' }),
    madeBy: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'restrict' }),
    url: text().notNull(),
    description: text().notNull().default(''),
    /** Types wanted. */
    types: text().array().notNull(),
    status: text().notNull().default('active'),
    disabledReason: text(),
    /** Sealed: a signature needs the secret itself. The one before it signs too, until `oldSecretUntil`. */
    sealedSecret: text().notNull(),
    oldSealedSecret: text(),
    oldSecretUntil: moment(),
    /** Since when nothing has got through; the endpoint is switched off when that was long ago. */
    failingSince: moment(),
    createdAt: createdAt(),
    removedAt: moment(),
  },
  (table) => [
    index('webhook_endpoints_vendor').on(table.vendorId),
    index('webhook_endpoints_active')
      .on(table.status)
      .where(sql`${table.status} = 'active' and ${table.removedAt} is null`),
    check('webhook_endpoints_status', sql`${table.status} in ('active', 'disabled')`),
    check('webhook_endpoints_types', sql`cardinality(${table.types}) > 0`),
    check('webhook_endpoints_old_secret', sql`(${table.oldSealedSecret} is null) = (${table.oldSecretUntil} is null)`),
  ],
)

/** What is told, the same bytes to every endpoint and at every try. Its id is the `webhook-id` by which receivers know a repeat. */
export const webhookMessages = pgTable('webhook_messages', {
  id: id(),
  type: text().notNull(),
  body: text().notNull(),
  createdAt: createdAt(),
})

/** One message on its way to one endpoint. The row is the queue. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: id(),
    endpointId: uuid()
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: 'restrict' }),
    messageId: uuid()
      .notNull()
      .references(() => webhookMessages.id, { onDelete: 'restrict' }),
    state: text().notNull().default('waiting'),
    attempts: integer().notNull().default(0),
    nextAt: moment(),
    lockedUntil: moment(),
    createdAt: createdAt(),
    deliveredAt: moment(),
  },
  (table) => [
    uniqueIndex('webhook_deliveries_one').on(table.messageId, table.endpointId),
    index('webhook_deliveries_due')
      .on(table.nextAt)
      .where(sql`${table.nextAt} is not null`),
    index('webhook_deliveries_endpoint').on(table.endpointId, table.id.desc()),
    check('webhook_deliveries_state', sql`${table.state} in ('waiting', 'delivered', 'given_up')`),
    check('webhook_deliveries_next', sql`(${table.state} = 'waiting') = (${table.nextAt} is not null)`),
    check('webhook_deliveries_delivered', sql`(${table.state} = 'delivered') = (${table.deliveredAt} is not null)`),
  ],
)

/** Every try, for whoever looks for the reason. */
export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    id: id(),
    deliveryId: uuid()
      .notNull()
      .references(() => webhookDeliveries.id, { onDelete: 'cascade' }),
    attempt: integer().notNull(),
    /** Why there was no answer: timeout, refused_address, network, redirect, ... */
    failure: text(),
    status: integer(),
    /** The beginning of the answer. */
    answer: text().notNull().default(''),
    tookMs: integer().notNull(),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [index('webhook_attempts_delivery').on(table.deliveryId, table.id)],
)
