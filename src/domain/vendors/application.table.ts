import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, moment } from '../../platform/columns.ts'
import { accounts } from '../accounts/account.table.ts'
import { vendors } from './vendor.table.ts'

/** Somebody asks to sell here. One open application a person; decided once, by staff, with a reason. */
export const vendorApplications = pgTable(
  'vendor_applications',
  {
    id: id(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'restrict' }),
    name: text().notNull(),
    legalName: text().notNull().default(''),
    town: text().notNull(),
    story: text().notNull().default(''),
    phone: text().notNull(),
    kraPin: text().notNull(),
    state: text().notNull().default('pending'),
    decidedBy: uuid().references(() => accounts.id, { onDelete: 'restrict' }),
    decidedAt: moment(),
    reason: text().notNull().default(''),
    /** The vendor the approval made. */
    vendorId: uuid().references(() => vendors.id, { onDelete: 'restrict' }),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('vendor_applications_one_open')
      .on(table.accountId)
      .where(sql`${table.state} = 'pending'`),
    index('vendor_applications_state').on(table.state, table.id),
    check('vendor_applications_state', sql`${table.state} in ('pending', 'approved', 'rejected')`),
    check('vendor_applications_kra_pin', sql`${table.kraPin} ~ '^[A-Z][0-9]{9}[A-Z]$'`),
    check('vendor_applications_phone', sql`${table.phone} ~ '^254[17][0-9]{8}$'`),
    check(
      'vendor_applications_decided',
      sql`(${table.state} = 'pending') = (${table.decidedAt} is null) and (${table.decidedAt} is null) = (${table.decidedBy} is null) and (${table.state} = 'approved') = (${table.vendorId} is not null) and (${table.state} <> 'rejected' or ${table.reason} <> '')`,
    ),
  ],
)

/**
 * Papers that prove who applies. The bytes lie encrypted under a random name, outside anything the web serves. A picture is kept as
 * re-encoded; a document cannot be made harmless, so it stays in quarantine and is only ever handed out as a download.
 */
export const applicationFiles = pgTable(
  'vendor_application_files',
  {
    id: id(),
    applicationId: uuid()
      .notNull()
      .references(() => vendorApplications.id, { onDelete: 'restrict' }),
    purpose: text().notNull(),
    mediaType: text().notNull(),
    bytes: integer().notNull(),
    /** Of what is kept, before encryption. */
    sha256: text().notNull(),
    storedName: text().notNull().unique(),
    isQuarantined: boolean().notNull(),
    createdAt: createdAt(),
    /** When the bytes were deleted, after the time the law allows. */
    removedAt: moment(),
  },
  (table) => [
    index('vendor_application_files_application').on(table.applicationId),
    check('vendor_application_files_purpose', sql`${table.purpose} in ('identity', 'kra_certificate', 'business_permit')`),
    check('vendor_application_files_type', sql`${table.mediaType} in ('image/webp', 'application/pdf')`),
    check('vendor_application_files_quarantine', sql`${table.isQuarantined} = (${table.mediaType} = 'application/pdf')`),
    check('vendor_application_files_bytes', sql`${table.bytes} between 1 and 5242880`),
  ],
)

/** A link that makes whoever opens it signed in a member of a vendor. Kept as a hash; works once, for some days. */
export const vendorInvites = pgTable(
  'vendor_invites',
  {
    id: id(),
    vendorId: uuid()
      .notNull()
      .references(() => vendors.id, { onDelete: 'cascade' }),
    /** Only an account with this address may use it; the link alone is not enough. */
    email: text().notNull(),
    role: text().notNull(),
    scopes: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    tokenHash: text().notNull().unique(),
    invitedBy: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'restrict' }),
    expiresAt: moment().notNull(),
    acceptedAt: moment(),
    acceptedBy: uuid().references(() => accounts.id, { onDelete: 'restrict' }),
    revokedAt: moment(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('vendor_invites_one_open')
      .on(table.vendorId, sql`lower(${table.email})`)
      .where(sql`${table.acceptedAt} is null and ${table.revokedAt} is null`),
    check('vendor_invites_role', sql`${table.role} in ('manager', 'staff')`),
    check('vendor_invites_scopes', sql`${table.scopes} <@ array['catalog', 'orders', 'delivery', 'finance']`),
    check('vendor_invites_accepted', sql`(${table.acceptedAt} is null) = (${table.acceptedBy} is null)`),
  ],
)
