import { eq } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { vendors } from './vendor.table.ts'

/** Whether there is such a vendor, in whatever state. `vendorId` is a UUID. */
export async function vendorExists(db: DbOrTx, vendorId: string): Promise<boolean> {
  const found = await db.select({ id: vendors.id }).from(vendors).where(eq(vendors.id, vendorId))
  return found.length > 0
}

/** A vendor as its members see it. */
export async function vendorProfile(db: DbOrTx, vendorId: string): Promise<typeof vendors.$inferSelect | undefined> {
  const [vendor] = await db.select().from(vendors).where(eq(vendors.id, vendorId))
  return vendor
}
