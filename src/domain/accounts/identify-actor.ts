import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { type Actor, type Role, staffRoles, type VendorMembership } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { cookieName, readCookie } from '../../platform/http/cookies.ts'
import { isCsrfToken } from '../../platform/http/csrf.ts'
import { identifyKey } from './api-keys/identify-key.ts'
import { touchSession } from './sessions/touch-session.ts'

interface SessionRow extends Record<string, unknown> {
  session_id: string
  account_id: string
  name: string
  roles: string[]
  last_seen_at: string
  proven_at: string | null
  second_factor_at: string | null
  vendors: VendorMembership[] | null
}

/**
 * Who sent a request: a person by bearer token or session cookie, a program by an API key, else a guest with their bag's token. One
 * query for a person, none for a guest. A dead, revoked or made-up token is simply a guest: the route decides whether that is
 * enough. A key that is wrong, or a signature that does not hold, is refused with `signature_invalid`, a form of another site with `cross_site`.
 */
export async function identifyActor(context: Context, request: Request): Promise<Actor> {
  const bag = readCookie(request, cookieName(context.config, 'bag'))
  const cartTokenHash = bag === undefined ? undefined : sha256Hex(bag)
  const program = await identifyKey(context, request)
  if (program !== undefined) return program
  const bearer = bearerToken(request)
  const token = bearer ?? readCookie(request, cookieName(context.config, 'sid'))
  if (token === undefined) return { kind: 'guest', cartTokenHash }
  const [row] = await context.db.execute<SessionRow>(sql`
    select s.id as session_id, a.id as account_id, a.name, a.roles, s.last_seen_at, s.proven_at, s.second_factor_at,
      (select json_agg(json_build_object('vendorId', m.vendor_id, 'name', v.name, 'role', m.role, 'scopes', m.scopes) order by m.vendor_id)
       from vendor_members m join vendors v on v.id = m.vendor_id
       where m.account_id = a.id and m.is_active and v.status = 'approved') as vendors
    from sessions s join accounts a on a.id = s.account_id
    where s.token_hash = ${sha256Hex(token)} and s.revoked_at is null and s.expires_at > ${context.clock.now().toISOString()}::timestamptz and a.status = 'active'`)
  if (row === undefined) return { kind: 'guest', cartTokenHash }
  if (bearer === undefined) mustBeOwnForm(context, request, row.session_id)
  await touchSession(context, { id: row.session_id, roles: row.roles, lastSeenAt: new Date(row.last_seen_at) })
  const roles = row.roles as Role[]
  const isHeldBack = context.config.access.staffSecondFactor === 'required' && row.second_factor_at === null
  const suspendedRoles = isHeldBack ? roles.filter((role) => staffRoles.includes(role)) : []
  return {
    kind: 'person',
    accountId: row.account_id,
    sessionId: row.session_id,
    name: row.name,
    roles: roles.filter((role) => !suspendedRoles.includes(role)),
    vendors: row.vendors ?? [],
    cartTokenHash,
    provenAt: row.proven_at === null ? undefined : new Date(row.proven_at),
    suspendedRoles,
  }
}

/**
 * A cookie comes along whoever made the request, so one that changes something must show that our own page made it. Browsers say so
 * (Sec-Fetch-Site, Origin; judged at the front door for every request); one that says neither brings a token bound to its session.
 */
function mustBeOwnForm(context: Context, request: Request, sessionId: string): void {
  if (request.method === 'GET' || request.method === 'HEAD' || request.headers.has('sec-fetch-site') || request.headers.has('origin'))
    return
  if (!isCsrfToken(context.config, sessionId, request.headers.get('x-csrf-token') ?? '')) throw new Refusal('cross_site')
}

function bearerToken(request: Request): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{16,128})$/.exec(request.headers.get('authorization') ?? '')?.[1]
}
