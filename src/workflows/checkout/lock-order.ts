import { sql } from 'drizzle-orm'
import { isStaff, type Actor } from '../../lib/actor.ts'
import { parseOrderNumber } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { Tx } from '../../platform/db.ts'

/** An order locked for a change by somebody who may make it. */
export interface LockedOrder {
  readonly id: string
  readonly number: string
  readonly state: string
  readonly totalMinor: bigint
  readonly paymentMethod: string
  readonly contactPhone: string
  readonly paymentPhone: string | null
}

/**
 * Locks an order by number for its owner, the holder of its token, or staff. The first lock of the order: order, then
 * transactions, then deliveries, then shelves (architecture.md). Anybody else's order is not_found.
 */
export async function lockOrder(tx: Tx, actor: Actor, number: string, token: string | undefined): Promise<LockedOrder> {
  const parsed = parseOrderNumber(number)
  if (parsed === undefined) throw new Refusal('not_found')
  const accountId = actor.kind === 'person' ? actor.accountId : null
  const tokenHash = token === undefined ? null : sha256Hex(token)
  const [row] = await tx.execute<{
    id: string
    number: string
    state: string
    total_minor: string
    payment_method: string
    contact_phone: string
    payment_phone: string | null
  }>(sql`
    select o.id, o.number, o.state, o.total_minor, o.payment_method, o.contact_phone, o.payment_phone from orders o
    where o.number = ${parsed} and (${isStaff(actor)}::boolean or o.account_id = ${accountId}::uuid or o.token_hash = ${tokenHash}::text) for update`)
  if (row === undefined) throw new Refusal('not_found')
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    totalMinor: BigInt(row.total_minor),
    paymentMethod: row.payment_method,
    contactPhone: row.contact_phone,
    paymentPhone: row.payment_phone,
  }
}

/** Locks the order a transaction belongs to, before the transaction itself. */
export async function lockOrderOf(tx: Tx, transactionId: string): Promise<void> {
  await tx.execute(
    sql`select o.id from orders o join transactions t on t.order_id = o.id where t.id = ${transactionId}::uuid for update of o`,
  )
}

/** Locks an order by id, for somebody whose right to it was proven otherwise. Refuses with not_found. */
export async function lockOrderById(tx: Tx, id: string): Promise<{ readonly totalMinor: bigint; readonly contactPhone: string }> {
  const [row] = await tx.execute<{ total_minor: string; contact_phone: string }>(
    sql`select total_minor, contact_phone from orders where id = ${id}::uuid for update`,
  )
  if (row === undefined) throw new Refusal('not_found')
  return { totalMinor: BigInt(row.total_minor), contactPhone: row.contact_phone }
}
