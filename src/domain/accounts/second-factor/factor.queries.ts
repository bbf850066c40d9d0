import { and, count, eq, isNotNull, isNull } from 'drizzle-orm'
import type { DbOrTx } from '../../../platform/db.ts'
import { recoveryCodes, totpFactors } from '../second-factor.table.ts'

/** The confirmed second factor of an account, its secret sealed. */
export async function factorOf(db: DbOrTx, accountId: string): Promise<{ sealedSecret: string; confirmedAt: Date | null } | undefined> {
  const [factor] = await db
    .select({ sealedSecret: totpFactors.sealedSecret, confirmedAt: totpFactors.confirmedAt })
    .from(totpFactors)
    .where(and(eq(totpFactors.accountId, accountId), isNotNull(totpFactors.confirmedAt)))
  return factor
}

/** How many recovery codes of an account are left. */
export async function recoveryCodesLeft(db: DbOrTx, accountId: string): Promise<number> {
  const [row] = await db
    .select({ left: count() })
    .from(recoveryCodes)
    .where(and(eq(recoveryCodes.accountId, accountId), isNull(recoveryCodes.usedAt)))
  return row?.left ?? 0
}
