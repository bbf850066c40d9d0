import { and, eq, gt, isNull } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { accountTokens } from './account-token.table.ts'
import type { TokenPurpose } from './issue-token.ts'

/** Spends a link of an account: of two at once one gets it. A step. Refuses with `gone` for one that is unknown, old or used. */
export async function spendToken(
  tx: DbOrTx,
  now: Date,
  purpose: TokenPurpose,
  token: string,
): Promise<{ accountId: string; contact: string | null }> {
  const [spent] = await tx
    .update(accountTokens)
    .set({ usedAt: now })
    .where(
      and(
        eq(accountTokens.tokenHash, sha256Hex(token)),
        eq(accountTokens.purpose, purpose),
        isNull(accountTokens.usedAt),
        gt(accountTokens.expiresAt, now),
      ),
    )
    .returning({ accountId: accountTokens.accountId, contact: accountTokens.contact })
  if (spent === undefined) throw new Refusal('gone')
  return spent
}
