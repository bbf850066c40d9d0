import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'

/** Shops that sell here. Commission is in basis points and frozen into each order line at sale. */
export const vendors = pgTable(
  'vendors',
  {
    id: id(),
    slug: text().notNull().unique(),
    name: text().notNull(),
    story: text().notNull().default(''),
    town: text().notNull().default(''),
    commissionBasisPoints: integer().notNull().default(200),
    status: text().notNull().default('pending'),
    /** The name on invoices, where it differs from the one on the shelf. */
    legalName: text().notNull().default(''),
    /** KRA PIN of the business. */
    kraPin: text(),
    /** 254712345678 */
    phone: text(),
    /** How the vendor is paid: to an M-Pesa number, or to an account (bank code, branch code, number: `01-100-1234567890`). */
    payoutMethod: text().notNull().default('mpesa'),
    payoutAccount: text().notNull().default(''),
    createdAt: createdAt(),
  },
  (table) => [
    check('vendors_kra_pin', sql`${table.kraPin} ~ '^[A-Z][0-9]{9}[A-Z]$'`),
    check('vendors_phone', sql`${table.phone} ~ '^254[17][0-9]{8}$'`),
    check(
      'vendors_payout',
      sql`case ${table.payoutMethod} when 'mpesa' then ${table.payoutAccount} ~ '^(254[17][0-9]{8})?$' when 'bank' then ${table.payoutAccount} ~ '^[0-9]{2}-[0-9]{3}-[0-9]{6,20}$' else false end`,
    ),
    check('vendors_commission', sql`${table.commissionBasisPoints} between 0 and 10000`),
    check('vendors_status', sql`${table.status} in ('pending', 'approved', 'suspended')`),
  ],
)

/** Who acts for a vendor, as what, with which scopes. One owner a vendor. */
export const vendorMembers = pgTable(
  'vendor_members',
  {
    vendorId: uuid()
      .notNull()
      .references(() => vendors.id, { onDelete: 'cascade' }),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    role: text().notNull(),
    scopes: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    isActive: boolean().notNull().default(true),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.vendorId, table.accountId] }),
    index('vendor_members_account').on(table.accountId),
    uniqueIndex('vendor_members_one_owner')
      .on(table.vendorId)
      .where(sql`${table.role} = 'owner'`),
    check('vendor_members_role', sql`${table.role} in ('owner', 'manager', 'staff')`),
    check('vendor_members_scopes', sql`${table.scopes} <@ array['catalog', 'orders', 'delivery', 'finance']`),
  ],
)
