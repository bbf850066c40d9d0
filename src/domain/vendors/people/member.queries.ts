import { and, asc, desc, eq, isNull } from 'drizzle-orm'
import type { DbOrTx } from '../../../platform/db.ts'
import { accounts } from '../../accounts/account.table.ts'
import { vendorInvites } from '../application.table.ts'
import { vendorMembers } from '../vendor.table.ts'

/** Who works for a vendor now, owner first. */
export const membersOf = async (db: DbOrTx, vendorId: string) =>
  await db
    .select({
      accountId: vendorMembers.accountId,
      name: accounts.name,
      email: accounts.email,
      role: vendorMembers.role,
      scopes: vendorMembers.scopes,
      since: vendorMembers.createdAt,
    })
    .from(vendorMembers)
    .innerJoin(accounts, eq(accounts.id, vendorMembers.accountId))
    .where(and(eq(vendorMembers.vendorId, vendorId), eq(vendorMembers.isActive, true)))
    .orderBy(asc(vendorMembers.createdAt), asc(vendorMembers.accountId))
    .limit(200)

/** Invites that nobody has used or taken back, newest first; some may be past their time. */
export const invitesOf = async (db: DbOrTx, vendorId: string) =>
  await db
    .select()
    .from(vendorInvites)
    .where(and(eq(vendorInvites.vendorId, vendorId), isNull(vendorInvites.acceptedAt), isNull(vendorInvites.revokedAt)))
    .orderBy(desc(vendorInvites.id))
    .limit(200)
