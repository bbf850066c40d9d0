import type { Context } from '../../../context.ts'
import { type ApiScope, isStaff, type PersonActor } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { seal } from '../../../lib/seal.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import { after, days } from '../../../lib/time.ts'
import { audit } from '../../../platform/audit.ts'
import { apiKeys } from '../api-key.table.ts'
import { signingPurpose } from './key.form.ts'

/** What a new key is to be good for. Without a vendor it is a key of the shop, which only an admin makes. */
export interface KeyWish {
  readonly name: string
  readonly vendorId?: string | undefined
  readonly scopes: readonly ApiScope[]
  readonly days?: number | undefined
  /** Requests must be signed with a second secret; the key alone opens nothing. */
  readonly isSigning?: boolean | undefined
}

/** A key as it is shown once. */
export interface MadeKey {
  readonly id: string
  readonly keyId: string
  /** Absent for a signing key. */
  readonly key: string | null
  readonly signingSecret: string | null
  readonly expiresAt: Date | null
}

/**
 * Makes an API key. An owner or manager makes keys of their vendor, an admin keys of the shop. Refuses with `vendor_required` when
 * somebody of several vendors names none, `not_found` for a vendor that is not theirs, `not_allowed`.
 */
export async function createApiKey(context: Context, actor: PersonActor, wish: KeyWish): Promise<MadeKey> {
  const vendorId = vendorOf(actor, wish.vendorId)
  const now = context.clock.now()
  const id = context.ids.next()
  const keyId = `rok_${context.ids
    .token()
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)
    .padEnd(8, '0')}`
  const key = `${keyId}_${context.ids.token()}`
  const signingSecret = wish.isSigning === true ? context.ids.token() : null
  const expiresAt = wish.days === undefined ? null : after(now, days(wish.days))
  await context.db.transaction(async (tx) => {
    await tx.insert(apiKeys).values({
      id,
      accountId: actor.accountId,
      vendorId,
      name: wish.name,
      prefix: keyId,
      keyHash: sha256Hex(key),
      sealedSigningSecret: signingSecret === null ? null : seal(context.config.appSecret, signingPurpose, signingSecret),
      scopes: [...new Set(wish.scopes)],
      createdAt: now,
      expiresAt,
    })
    const data = { scopes: wish.scopes, vendorId }
    await audit(tx, { now, ids: context.ids, actor }, { action: 'api_key.created', target: id, data })
  })
  return { id, keyId, key: signingSecret === null ? key : null, signingSecret, expiresAt }
}

function vendorOf(actor: PersonActor, named: string | undefined): string | null {
  const runs = actor.vendors.filter(({ role }) => role !== 'staff')
  if (named !== undefined) {
    if (!actor.vendors.some(({ vendorId }) => vendorId === named)) throw new Refusal('not_found')
    if (!runs.some(({ vendorId }) => vendorId === named)) throw new Refusal('not_allowed')
    return named
  }
  if (isStaff(actor)) {
    if (!actor.roles.includes('admin')) throw new Refusal('not_allowed')
    return null
  }
  const [only, ...others] = runs
  if (only === undefined) throw new Refusal('not_allowed')
  if (others.length > 0) throw new Refusal('vendor_required')
  return only.vendorId
}
