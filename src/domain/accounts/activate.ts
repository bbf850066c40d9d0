import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { systemStamp } from '../../lib/stamp.ts'
import { audit } from '../../platform/audit.ts'
import { constraintOf } from '../../platform/db-error.ts'
import { accounts } from './account.table.ts'
import { consents } from './consent.table.ts'
import { registrations } from './registration.table.ts'
import { openSession, type SignedIn } from './sessions/open-session.ts'

/**
 * Makes the account of an activation link and signs its owner in. The link works once. Refuses with `gone` for one that is unknown,
 * old, used, or whose address got an account meanwhile.
 */
export async function activate(context: Context, input: { token: string; userAgent: string | null }): Promise<SignedIn> {
  const now = context.clock.now()
  try {
    return await context.db.transaction(async (tx) => {
      const [asked] = await tx
        .update(registrations)
        .set({ usedAt: now })
        .where(and(eq(registrations.tokenHash, sha256Hex(input.token)), isNull(registrations.usedAt), gt(registrations.expiresAt, now)))
        .returning()
      if (asked === undefined) throw new Refusal('gone')
      const accountId = context.ids.next()
      await tx.insert(accounts).values({
        id: accountId,
        email: asked.email,
        phone: asked.phone,
        name: asked.name,
        passwordHash: asked.passwordHash,
        passwordChangedAt: now,
        createdAt: now,
      })
      const consent = (kind: 'terms' | 'news', isGiven: boolean) => ({
        id: context.ids.next(),
        accountId,
        kind,
        version: asked.termsVersion,
        isGiven,
        createdAt: asked.createdAt,
      })
      await tx.insert(consents).values([consent('terms', true), consent('news', asked.wantsNews)])
      await audit(tx, systemStamp('accounts', context), { action: 'account.activated', target: accountId })
      return await openSession(context, tx, { accountId, roles: [], userAgent: input.userAgent, hasSecondFactor: false })
    })
  } catch (error) {
    // Somebody opened another link for the same address a moment before.
    if (/^accounts_(email|phone)_unique$/.test(constraintOf(error) ?? '')) throw new Refusal('gone', { cause: error })
    throw error
  }
}
