import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { minutes } from '../../../lib/time.ts'
import { sessionLife } from './session.rules.ts'

/** How often the use of a session is written down. */
const touchEveryMs = minutes(1)

/** Moves the end of a used session on, at most once a minute and never past its last moment. */
export async function touchSession(context: Context, session: { id: string; roles: readonly string[]; lastSeenAt: Date }): Promise<void> {
  const now = context.clock.now()
  if (now.getTime() - session.lastSeenAt.getTime() < touchEveryMs) return
  const { idleMs } = sessionLife(context.config.access, session.roles)
  await context.db.execute(sql`
    update sessions set last_seen_at = ${now.toISOString()}::timestamptz,
      expires_at = greatest(expires_at, least(coalesce(ends_at, expires_at), ${new Date(now.getTime() + idleMs).toISOString()}::timestamptz))
    where id = ${session.id} and revoked_at is null`)
}
