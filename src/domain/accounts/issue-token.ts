import type { Context } from '../../context.ts'
import { derivedToken, sha256Hex } from '../../lib/signature.ts'
import { after } from '../../lib/time.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { accountTokens } from './account-token.table.ts'

/** What a link to the owner of an account is for. */
export type TokenPurpose = 'reset' | 'contact'

/**
 * Makes a link's row and answers its token, which is derived from the row's id: it can be written into a letter again after a crash
 * and is stored nowhere. The same id again makes no second row. A step.
 */
export async function issueToken(
  context: Context,
  tx: DbOrTx,
  wish: { id: string; accountId: string; purpose: TokenPurpose; contact?: string; lifeMs: number },
): Promise<string> {
  const now = context.clock.now()
  const token = derivedToken(context.config.appSecret, wish.purpose, wish.id)
  await tx
    .insert(accountTokens)
    .values({
      id: wish.id,
      accountId: wish.accountId,
      purpose: wish.purpose,
      contact: wish.contact ?? null,
      tokenHash: sha256Hex(token),
      createdAt: now,
      expiresAt: after(now, wish.lifeMs),
    })
    .onConflictDoNothing({ target: accountTokens.id })
  return token
}
