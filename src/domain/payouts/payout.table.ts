import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, currency, id, minor, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { transactions } from '../payments/transaction.table.ts'
import { vendors } from '../vendors/vendor.table.ts'

/** What vendors are paid at once, by one method, in one file for the bank or M-Pesa. */
export const payoutBatches = pgTable(
  'payout_batches',
  {
    id: id(),
    /** PB-20261124-0001 */
    number: text().notNull().unique(),
    method: text().notNull(),
    state: text().notNull().default('draft'),
    currency: currency(),
    totalMinor: minor().notNull(),
    madeBy: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'restrict' }),
    approvedBy: uuid().references(() => accounts.id, { onDelete: 'restrict' }),
    /** Above this, the approver is somebody else than the maker; kept as it was when the batch was made. */
    limitMinor: minor().notNull(),
    createdAt: createdAt(),
    approvedAt: moment(),
    exportedAt: moment(),
    closedAt: moment(),
  },
  (table) => [
    index('payout_batches_state').on(table.state, table.createdAt.desc()),
    check('payout_batches_method', sql`${table.method} in ('mpesa', 'bank')`),
    check('payout_batches_state', sql`${table.state} in ('draft', 'approved', 'closed', 'cancelled')`),
    check('payout_batches_total', sql`${table.totalMinor} > 0`),
    check(
      'payout_batches_approved',
      sql`(${table.state} in ('approved', 'closed')) = (${table.approvedBy} is not null) and (${table.approvedBy} is null) = (${table.approvedAt} is null)`,
    ),
    // Four eyes, whatever the code does.
    check(
      'payout_batches_second_person',
      sql`${table.approvedBy} is null or ${table.totalMinor} <= ${table.limitMinor} or ${table.approvedBy} <> ${table.madeBy}`,
    ),
    check('payout_batches_closed', sql`(${table.state} in ('closed', 'cancelled')) = (${table.closedAt} is not null)`),
  ],
)

/** One payment to one vendor: where it goes, as it was when the batch was made. Its money and state are a transaction of kind payout. */
export const payouts = pgTable(
  'payouts',
  {
    transactionId: uuid()
      .primaryKey()
      .references(() => transactions.id, { onDelete: 'restrict' }),
    batchId: uuid()
      .notNull()
      .references(() => payoutBatches.id, { onDelete: 'restrict' }),
    vendorId: uuid()
      .notNull()
      .references(() => vendors.id, { onDelete: 'restrict' }),
    payeeName: text().notNull(),
    payeeAccount: text().notNull(),
    amountMinor: minor().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('payouts_one_a_batch').on(table.batchId, table.vendorId),
    index('payouts_vendor').on(table.vendorId, table.createdAt.desc()),
    check('payouts_amount', sql`${table.amountMinor} > 0`),
  ],
)
