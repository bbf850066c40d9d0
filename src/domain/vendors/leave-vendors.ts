import { and, eq, ne } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { vendorMembers } from './vendor.table.ts'

/** Ends what somebody was in other people's shops. Shops of their own are handed over before. A step. */
export async function leaveVendors(tx: Tx, accountId: string): Promise<void> {
  await tx
    .update(vendorMembers)
    .set({ isActive: false, scopes: [] })
    .where(and(eq(vendorMembers.accountId, accountId), ne(vendorMembers.role, 'owner')))
}
