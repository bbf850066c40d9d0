import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor, Role, VendorMembership, VendorScope } from '../../lib/actor.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { cookieName, readCookie } from '../../platform/http/cookies.ts'

interface SessionRow extends Record<string, unknown> {
  session_id: string
  account_id: string
  name: string
  roles: string[]
  vendors: { vendorId: string; name: string; role: VendorMembership['role']; scopes: VendorScope[] }[] | null
}

/**
 * Who sent a request: a person by bearer token or session cookie, else a guest with their bag's token. One query for a person,
 * none for a guest. A dead, revoked or made-up token is simply a guest: the route decides whether that is enough.
 */
export async function identifyActor(context: Context, request: Request): Promise<Actor> {
  const bag = readCookie(request, cookieName(context.config, 'bag'))
  const cartTokenHash = bag === undefined ? undefined : sha256Hex(bag)
  const token = bearerToken(request) ?? readCookie(request, cookieName(context.config, 'sid'))
  if (token === undefined) return { kind: 'guest', cartTokenHash }
  const [row] = await context.db.execute<SessionRow>(sql`
    select s.id as session_id, a.id as account_id, a.name, a.roles,
      (select json_agg(json_build_object('vendorId', m.vendor_id, 'name', v.name, 'role', m.role, 'scopes', m.scopes) order by m.vendor_id)
       from vendor_members m join vendors v on v.id = m.vendor_id
       where m.account_id = a.id and m.is_active and v.status = 'approved') as vendors
    from sessions s join accounts a on a.id = s.account_id
    where s.token_hash = ${sha256Hex(token)} and s.revoked_at is null and s.expires_at > ${context.clock.now().toISOString()}::timestamptz and a.status = 'active'`)
  if (row === undefined) return { kind: 'guest', cartTokenHash }
  return {
    kind: 'person',
    accountId: row.account_id,
    sessionId: row.session_id,
    name: row.name,
    roles: row.roles as Role[],
    vendors: row.vendors ?? [],
    cartTokenHash,
  }
}

function bearerToken(request: Request): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{16,128})$/.exec(request.headers.get('authorization') ?? '')?.[1]
}
