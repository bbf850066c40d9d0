import type { Context } from '../../../context.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import { after } from '../../../lib/time.ts'
import type { DbOrTx } from '../../../platform/db.ts'
import { sessions } from '../account.table.ts'
import { sessionLife } from './session.rules.ts'

/** A fresh sign-in: the token is shown once and kept only as a hash. */
export interface SignedIn {
  readonly token: string
  readonly expiresAt: Date
  readonly accountId: string
}

/** Whose session it is and how they showed who they are. */
export interface SessionWish {
  readonly accountId: string
  readonly roles: readonly string[]
  readonly userAgent: string | null
  readonly hasSecondFactor: boolean
}

/** Opens a session with a token of its own. A step: sign-in, activation and reset open one in their commit. */
export async function openSession(context: Context, db: DbOrTx, wish: SessionWish): Promise<SignedIn> {
  const now = context.clock.now()
  const life = sessionLife(context.config.access, wish.roles)
  const token = context.ids.token()
  const expiresAt = after(now, Math.min(life.idleMs, life.wholeMs))
  await db.insert(sessions).values({
    id: context.ids.next(),
    accountId: wish.accountId,
    tokenHash: sha256Hex(token),
    userAgent: wish.userAgent?.slice(0, 200) ?? null,
    createdAt: now,
    lastSeenAt: now,
    expiresAt,
    endsAt: after(now, life.wholeMs),
    provenAt: now,
    secondFactorAt: wish.hasSecondFactor ? now : null,
  })
  return { token, expiresAt, accountId: wish.accountId }
}
