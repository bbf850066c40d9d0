import { and, eq, sql } from 'drizzle-orm'
import { Refusal } from '../lib/refusal.ts'
import { sha256Hex } from '../lib/signature.ts'
import type { DbOrTx, Tx } from './db.ts'
import { sqlState } from './db-error.ts'
import { idempotencyKeys } from './idempotency.table.ts'

/** A stored answer: status and the exact bytes. */
export interface StoredAnswer {
  readonly status: number
  readonly body: string
}

/** One use of an Idempotency-Key. */
export interface IdempotentRequest {
  /** Who asks for what, so that a key of one person never answers another. */
  readonly scope: string
  readonly key: string
  readonly requestHash: string
}

const form = /^[A-Za-z0-9_-]{8,100}$/

/**
 * Reads the Idempotency-Key header and hashes the request. The hash is over the parsed body with sorted names, so that the same
 * request spelt with other white space is the same request. Refuses with idempotency_key_required.
 */
export function idempotentRequest(scope: string, header: string | null | undefined, body: unknown): IdempotentRequest {
  if (header === null || header === undefined || !form.test(header)) throw new Refusal('idempotency_key_required')
  return { scope, key: header, requestHash: sha256Hex(canonical(body)) }
}

/** The answer already given under this key, if any. Refuses with idempotency_mismatch when it was used for another request. */
export async function storedAnswer(db: DbOrTx, request: IdempotentRequest): Promise<StoredAnswer | undefined> {
  const [row] = await db
    .select({ requestHash: idempotencyKeys.requestHash, status: idempotencyKeys.status, body: idempotencyKeys.body })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.scope, request.scope), eq(idempotencyKeys.key, request.key)))
  if (row === undefined) return undefined
  if (row.requestHash !== request.requestHash) throw new Refusal('idempotency_mismatch')
  if (row.status === null || row.body === null) throw new Refusal('idempotency_in_progress', { retryAfterS: 1 })
  return { status: row.status, body: row.body }
}

/**
 * Claims the key inside the transaction that does the work. The row is written before the work and waits for a twin that runs at
 * the same moment; false means the twin has committed and its answer is to be read. The claim and the effects commit or vanish
 * together, so a crash in between leaves a key that was never used. Refuses with idempotency_in_progress when the twin takes
 * longer than the lock time-out.
 */
export async function claimKey(tx: Tx, request: IdempotentRequest, now: Date): Promise<boolean> {
  try {
    // By hand, as is the answer below: building these two statements anew took longer than the database took to do them.
    const claimed = await tx.execute(sql`
      insert into idempotency_keys (scope, key, request_hash, created_at)
      values (${request.scope}, ${request.key}, ${request.requestHash}, ${now.toISOString()}::timestamptz) on conflict do nothing returning key`)
    return claimed.length === 1
  } catch (error) {
    if (sqlState(error) === '55P03') throw new Refusal('idempotency_in_progress', { retryAfterS: 1, cause: error })
    throw error
  }
}

/** Keeps the answer, in the transaction that made it true. */
export async function keepAnswer(tx: Tx, request: IdempotentRequest, answer: StoredAnswer, now: Date): Promise<void> {
  await tx.execute(sql`
    update idempotency_keys set status = ${answer.status}, body = ${answer.body}, answered_at = ${now.toISOString()}::timestamptz
    where scope = ${request.scope} and key = ${request.key}`)
}

/** Removes keys older than `before`; 72 hours, so that a fault shipped on a Friday can be replayed on Monday. */
export async function forgetKeys(db: DbOrTx, before: Date): Promise<number> {
  const gone = await db
    .delete(idempotencyKeys)
    .where(sql`${idempotencyKeys.createdAt} < ${before.toISOString()}::timestamptz`)
    .returning({ key: idempotencyKeys.key })
  return gone.length
}

/** Removes the stored answers of one person: they hold names and addresses. A step of forgetting somebody. */
export async function forgetKeysOf(tx: DbOrTx, accountId: string): Promise<void> {
  await tx.delete(idempotencyKeys).where(sql`${idempotencyKeys.scope} like ${`%${accountId}%`}`)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`)
      .join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
