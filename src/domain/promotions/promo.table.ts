import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, minor, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { orders } from '../orders/order.table.ts'

/**
 * Codes a shopper may type for a lower price. `usedCount` is written in the commit of the order that counts, by a conditional
 * update; the check makes an overrun impossible whatever the code does.
 */
export const promos = pgTable(
  'promos',
  {
    id: id(),
    /** Upper case letters, digits and dashes, as people type it. */
    code: text().notNull().unique(),
    kind: text().notNull(),
    /** For kind `percent`: hundredths of a percent. */
    basisPoints: integer(),
    /** For kind `amount`. */
    amountMinor: minor(),
    /** For kind `percent`: the discount is never larger. */
    mostDiscountMinor: minor(),
    /** What the chosen goods must cost before discount. */
    minimumMinor: minor()
      .notNull()
      .default(sql`0`),
    startsAt: moment().notNull(),
    endsAt: moment(),
    totalLimit: integer(),
    perPersonLimit: integer(),
    usedCount: integer().notNull().default(0),
    isActive: boolean().notNull().default(true),
    note: text().notNull().default(''),
    createdBy: text().notNull(),
    createdAt: createdAt(),
    updatedAt: moment().notNull().defaultNow(),
  },
  (table) => [
    check('promos_code', sql`${table.code} ~ '^[A-Z0-9][A-Z0-9-]{2,29}$'`),
    check(
      'promos_kind',
      sql`case ${table.kind}
        when 'percent' then ${table.basisPoints} between 1 and 10000 and ${table.amountMinor} is null
        when 'amount' then ${table.amountMinor} > 0 and ${table.amountMinor} % 100 = 0 and ${table.basisPoints} is null and ${table.mostDiscountMinor} is null
        when 'free_delivery' then ${table.basisPoints} is null and ${table.amountMinor} is null and ${table.mostDiscountMinor} is null
        else false end`,
    ),
    check(
      'promos_sane',
      sql`${table.minimumMinor} >= 0 and (${table.mostDiscountMinor} is null or ${table.mostDiscountMinor} > 0) and (${table.endsAt} is null or ${table.endsAt} > ${table.startsAt})`,
    ),
    check(
      'promos_limits',
      sql`(${table.totalLimit} is null or ${table.totalLimit} > 0) and (${table.perPersonLimit} is null or ${table.perPersonLimit} between 1 and 1000)`,
    ),
    check('promos_never_overrun', sql`${table.usedCount} >= 0 and ${table.usedCount} <= coalesce(${table.totalLimit}, 2147483647)`),
  ],
)

/**
 * One use of a code by one order. `counted` takes one of the total and one of the person's; `released` gave both back, because the
 * order was cancelled or expired. A person is known by phone, and by account where there is one; each use of theirs has a number,
 * and the unique indexes let nobody have a number twice. A trigger counts, in the commit of the order.
 */
export const promoRedemptions = pgTable(
  'promo_redemptions',
  {
    id: id(),
    promoId: uuid()
      .notNull()
      .references(() => promos.id, { onDelete: 'restrict' }),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    phone: text().notNull(),
    accountId: uuid().references(() => accounts.id, { onDelete: 'restrict' }),
    /** Which of the person's uses it is; the trigger gives the numbers. */
    phoneUse: integer().notNull(),
    accountUse: integer(),
    /** The limit of that moment; absent: any number of uses. */
    perPersonLimit: integer(),
    state: text().notNull().default('counted'),
    discountMinor: minor().notNull(),
    createdAt: createdAt(),
    releasedAt: moment(),
  },
  (table) => [
    uniqueIndex('promo_redemptions_order')
      .on(table.orderId)
      .where(sql`${table.state} = 'counted'`),
    uniqueIndex('promo_redemptions_phone')
      .on(table.promoId, table.phone, table.phoneUse)
      .where(sql`${table.state} = 'counted'`),
    uniqueIndex('promo_redemptions_account')
      .on(table.promoId, table.accountId, table.accountUse)
      .where(sql`${table.state} = 'counted'`),
    index('promo_redemptions_promo').on(table.promoId, table.createdAt),
    index('promo_redemptions_of_order').on(table.orderId),
    check('promo_redemptions_state', sql`${table.state} in ('counted', 'released')`),
    check(
      'promo_redemptions_use',
      sql`${table.phoneUse} between 1 and coalesce(${table.perPersonLimit}, 2147483647) and (${table.accountUse} is null or ${table.accountUse} between 1 and coalesce(${table.perPersonLimit}, 2147483647))`,
    ),
    check('promo_redemptions_person', sql`(${table.accountId} is null) = (${table.accountUse} is null)`),
    check('promo_redemptions_released', sql`(${table.state} = 'released') = (${table.releasedAt} is not null)`),
  ],
)
