import { and, eq, or, sql } from 'drizzle-orm'
import { orders } from '../../domain/orders/order.table.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { parseOrderNumber } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { Tx } from '../../platform/db.ts'

/** An order as the database holds it, locked. */
export type LockedOrder = typeof orders.$inferSelect

/** Locks an order for its owner, the holder of its token, or staff. Anybody else's order is not_found. */
export async function lockOwnOrder(tx: Tx, actor: Actor, number: string, token: string | undefined): Promise<LockedOrder> {
  const parsed = parseOrderNumber(number)
  if (parsed === undefined) throw new Refusal('not_found')
  const mine = or(
    isStaff(actor) ? sql`true` : undefined,
    actor.kind === 'person' ? eq(orders.accountId, actor.accountId) : undefined,
    token === undefined ? undefined : eq(orders.tokenHash, sha256Hex(token)),
  )
  if (mine === undefined) throw new Refusal('not_found')
  const [order] = await tx
    .select()
    .from(orders)
    .where(and(eq(orders.number, parsed), mine))
    .for('update')
  if (order === undefined) throw new Refusal('not_found')
  return order
}

/** Locks an order by its id: the first lock of every change of a return. */
export async function lockOrderById(tx: Tx, id: string): Promise<LockedOrder> {
  const [order] = await tx.select().from(orders).where(eq(orders.id, id)).for('update')
  if (order === undefined) throw new Refusal('not_found')
  return order
}
