import { sql } from 'drizzle-orm'
import { type AnyPgColumn, check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, currency, id, minor, moment } from '../../platform/columns.ts'
import { orders } from '../orders/order.table.ts'
import { transactions } from '../payments/transaction.table.ts'
import { vendors } from '../vendors/vendor.table.ts'

/** The last number given in each series of a year. Its row is locked in the commit that writes the document, so no number is lost. */
export const invoiceSeries = pgTable(
  'invoice_series',
  { kind: text().notNull(), year: integer().notNull(), lastNumber: integer().notNull() },
  (table) => [
    primaryKey({ columns: [table.kind, table.year] }),
    check('invoice_series_kind', sql`${table.kind} in ('invoice', 'credit_note')`),
    check('invoice_series_number', sql`${table.lastNumber} > 0`),
  ],
)

/** To whom the invoice of an order is made out, where that is a business with a PIN. Given before it is paid. */
export const taxDetails = pgTable(
  'order_tax_details',
  {
    orderId: uuid()
      .primaryKey()
      .references(() => orders.id, { onDelete: 'restrict' }),
    buyerName: text().notNull(),
    kraPin: text().notNull(),
    createdAt: createdAt(),
  },
  (table) => [check('order_tax_details_pin', sql`${table.kraPin} ~ '^[A-Z][0-9]{9}[A-Z]$'`)],
)

/** Invoices and credit notes. Never changed and never removed; a mistake is mended by a credit note. */
export const invoices = pgTable(
  'invoices',
  {
    id: id(),
    kind: text().notNull(),
    year: integer().notNull(),
    sequence: integer().notNull(),
    /** INV-2026-000001, CRN-2026-000001. */
    number: text().notNull().unique(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id, { onDelete: 'restrict' }),
    /** The invoice a credit note takes from. */
    parentId: uuid().references((): AnyPgColumn => invoices.id, { onDelete: 'restrict' }),
    /** The refund a credit note stands for. */
    refundId: uuid().references(() => transactions.id, { onDelete: 'restrict' }),
    issuedAt: moment().notNull(),
    sellerName: text().notNull(),
    sellerPin: text().notNull(),
    buyerName: text().notNull(),
    buyerPin: text(),
    buyerAddress: text().notNull(),
    currency: currency(),
    netMinor: minor().notNull(),
    vatMinor: minor().notNull(),
    totalMinor: minor().notNull(),
  },
  (table) => [
    uniqueIndex('invoices_sequence').on(table.kind, table.year, table.sequence),
    uniqueIndex('invoices_one_an_order')
      .on(table.orderId)
      .where(sql`${table.kind} = 'invoice'`),
    uniqueIndex('invoices_one_a_refund').on(table.refundId),
    index('invoices_order').on(table.orderId),
    index('invoices_issued').on(table.issuedAt.desc(), table.id.desc()),
    check('invoices_kind', sql`${table.kind} in ('invoice', 'credit_note')`),
    check('invoices_parent', sql`(${table.kind} = 'credit_note') = (${table.parentId} is not null and ${table.refundId} is not null)`),
    check('invoices_pins', sql`${table.sellerPin} ~ '^[A-Z][0-9]{9}[A-Z]$' and ${table.buyerPin} ~ '^[A-Z][0-9]{9}[A-Z]$'`),
    check(
      'invoices_amounts',
      sql`${table.totalMinor} = ${table.netMinor} + ${table.vatMinor} and ${table.vatMinor} >= 0 and ${table.totalMinor} > 0`,
    ),
  ],
)

/** What a document charges or gives back, line by line, with the VAT in it. `totalMinor` is what is paid for the line, after discount. */
export const invoiceLines = pgTable(
  'invoice_lines',
  {
    invoiceId: uuid()
      .notNull()
      .references(() => invoices.id, { onDelete: 'restrict' }),
    position: integer().notNull(),
    kind: text().notNull(),
    /** Who supplied the goods; the delivery is ours. */
    vendorId: uuid().references(() => vendors.id, { onDelete: 'restrict' }),
    supplierName: text().notNull(),
    supplierPin: text(),
    name: text().notNull(),
    sku: text().notNull().default(''),
    quantity: integer().notNull(),
    unitPriceMinor: minor().notNull(),
    discountMinor: minor().notNull(),
    vatBasisPoints: integer().notNull(),
    vatMinor: minor().notNull(),
    totalMinor: minor().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.invoiceId, table.position] }),
    index('invoice_lines_vendor').on(table.vendorId),
    check('invoice_lines_kind', sql`${table.kind} in ('goods', 'delivery')`),
    check('invoice_lines_pin', sql`${table.supplierPin} ~ '^[A-Z][0-9]{9}[A-Z]$'`),
    check(
      'invoice_lines_amounts',
      sql`${table.vatMinor} between 0 and ${table.totalMinor} and ${table.quantity} > 0 and ${table.discountMinor} >= 0`,
    ),
  ],
)

/** How far a document is on its way to the revenue authority (eTIMS). The row is the queue; one for each document. */
export const etimsSubmissions = pgTable(
  'etims_submissions',
  {
    invoiceId: uuid()
      .primaryKey()
      .references(() => invoices.id, { onDelete: 'restrict' }),
    state: text().notNull().default('queued'),
    attempts: integer().notNull().default(0),
    nextAt: moment(),
    lockedUntil: moment(),
    lastError: text(),
    /** What the authority calls the document, printed on it. */
    controlNumber: text(),
    qrUrl: text(),
    submittedAt: moment(),
    decidedAt: moment(),
    createdAt: createdAt(),
  },
  (table) => [
    index('etims_submissions_due')
      .on(table.nextAt)
      .where(sql`${table.nextAt} is not null`),
    index('etims_submissions_state').on(table.state, table.createdAt),
    uniqueIndex('etims_submissions_control').on(table.controlNumber),
    check('etims_submissions_state', sql`${table.state} in ('queued', 'submitted', 'accepted', 'rejected', 'stuck')`),
    check('etims_submissions_accepted', sql`(${table.state} = 'accepted') = (${table.controlNumber} is not null)`),
    check('etims_submissions_next', sql`(${table.state} in ('queued', 'submitted')) >= (${table.nextAt} is not null)`),
  ],
)
