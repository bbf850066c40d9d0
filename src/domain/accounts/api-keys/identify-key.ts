import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { type ApiScope, type PersonActor, type Role, staffRoles, type VendorMembership } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { unseal } from '../../../lib/seal.ts'
import { equalInConstantTime, hmacHex, sha256Hex } from '../../../lib/signature.ts'
import { minutes } from '../../../lib/time.ts'
import { requestScope } from '../../../platform/http/request-scope.ts'
import { keyForm, keyPrefix, signingPurpose } from './key.form.ts'

const skewMs = minutes(5)
const emptyHash = sha256Hex('')

interface KeyRow extends Record<string, unknown> {
  id: string
  account_id: string
  name: string
  roles: string[]
  vendor_id: string | null
  key_hash: string
  sealed_signing_secret: string | null
  scopes: string[]
  last_used_at: string | null
  vendors: VendorMembership[] | null
}

/**
 * The program behind a key, as the account that made it, narrowed to the key's vendor and scopes; undefined when the request brings
 * no key. With `Authorization: Bearer rok_...` the key itself; or signed: `X-Key-Id`, `X-Timestamp` (seconds) and `X-Signature`, the
 * hex HMAC-SHA256 of timestamp, method, path with query and the SHA-256 of the body, one a line. Refuses with `signature_invalid`
 * what is unknown, ended, off by more than five minutes, or was used before.
 */
export async function identifyKey(context: Context, request: Request): Promise<PersonActor | undefined> {
  const key = keyForm.exec(request.headers.get('authorization') ?? '')?.[1]
  const signedPrefix = request.headers.get('x-key-id') ?? undefined
  if (key === undefined && signedPrefix === undefined) return undefined
  const row = await findKey(context, key === undefined ? (signedPrefix ?? '') : keyPrefix(key))
  const isRight =
    row !== undefined &&
    (key === undefined
      ? await isSigned(context, request, row)
      : // A key that was made for signing opens nothing when it is merely shown.
        row.sealed_signing_secret === null && equalInConstantTime(row.key_hash, sha256Hex(key)))
  if (!isRight || row === undefined) throw new Refusal('signature_invalid', { detail: 'The API key or the signature is not valid.' })
  await noteUse(context, row)
  return actorOf(row)
}

async function findKey(context: Context, prefix: string): Promise<KeyRow | undefined> {
  const [row] = await context.db.execute<KeyRow>(sql`
    select k.id, k.account_id, a.name, a.roles, k.vendor_id, k.key_hash, k.sealed_signing_secret, k.scopes, k.last_used_at,
      (select json_agg(json_build_object('vendorId', m.vendor_id, 'name', v.name, 'role', m.role, 'scopes', m.scopes) order by m.vendor_id)
       from vendor_members m join vendors v on v.id = m.vendor_id
       where m.account_id = a.id and m.is_active and v.status = 'approved' and m.vendor_id = k.vendor_id) as vendors
    from api_keys k join accounts a on a.id = k.account_id
    where k.prefix = ${prefix.slice(0, 40)} and k.revoked_at is null and a.status = 'active'
      and (k.expires_at is null or k.expires_at > ${context.clock.now().toISOString()}::timestamptz)`)
  return row
}

async function isSigned(context: Context, request: Request, row: KeyRow): Promise<boolean> {
  const timestamp = request.headers.get('x-timestamp') ?? ''
  const given = (request.headers.get('x-signature') ?? '').toLowerCase()
  if (!/^\d{10}$/.test(timestamp) || !/^[0-9a-f]{64}$/.test(given) || row.sealed_signing_secret === null) return false
  if (Math.abs(context.clock.now().getTime() - Number(timestamp) * 1_000) > skewMs) return false
  const secret = unseal(context.config.appSecret, signingPurpose, row.sealed_signing_secret)
  if (secret === undefined) return false
  const url = new URL(request.url)
  const body = requestScope()?.bodySha256 ?? emptyHash
  const expected = hmacHex('sha256', secret, [timestamp, request.method, `${url.pathname}${url.search}`, body].join('\n'))
  // Kept for twice the skew: a signature dated five minutes ahead may come back ten minutes later.
  return equalInConstantTime(expected, given) && (await context.throttle.once(`signature:${row.id}:${given}`, 2 * skewMs))
}

/** Writes the last use down, at most once a minute. */
async function noteUse(context: Context, row: KeyRow): Promise<void> {
  const now = context.clock.now()
  if (row.last_used_at !== null && now.getTime() - new Date(row.last_used_at).getTime() < minutes(1)) return
  await context.db.execute(sql`update api_keys set last_used_at = ${now.toISOString()}::timestamptz where id = ${row.id}`)
}

/** A key of a vendor acts only there and holds no role of the shop; a key of the shop holds the staff roles its owner has today. */
const actorOf = (row: KeyRow): PersonActor => ({
  kind: 'person',
  accountId: row.account_id,
  // No session: what asks the database for one finds none.
  sessionId: row.id,
  name: row.name,
  roles: row.vendor_id === null ? (row.roles as Role[]).filter((role) => staffRoles.includes(role)) : [],
  vendors: row.vendors ?? [],
  cartTokenHash: undefined,
  apiKey: { id: row.id, scopes: row.scopes as ApiScope[] },
})
