import { sql } from 'drizzle-orm'
import { and, eq } from 'drizzle-orm'
import type { Actor } from '../../lib/actor.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { days } from '../../lib/time.ts'
import type { Tx } from '../../platform/db.ts'
import { carts } from './cart.table.ts'

/** How long a guest's bag is kept. */
export const bagAgeMs = days(30)

/** An open bag, and the token for the visitor's cookie when it was made for a guest just now. */
export interface OpenCart {
  readonly id: string
  readonly newToken: string | undefined
}

/**
 * The actor's active bag, made when there is none. Two requests of one visitor at once end with one bag: the unique index lets
 * one insert through and the other reads it.
 */
export async function openCart(tx: Tx, stamp: Stamp, actor: Actor): Promise<OpenCart> {
  const isPerson = actor.kind === 'person'
  const known = actor.kind === 'guest' ? actor.cartTokenHash : undefined
  const newToken = isPerson || known !== undefined ? undefined : stamp.ids.token()
  const accountId = isPerson ? actor.accountId : null
  const tokenHash = isPerson ? null : (known ?? sha256Hex(newToken ?? ''))
  const mine = isPerson ? eq(carts.accountId, actor.accountId) : eq(carts.tokenHash, tokenHash ?? '')
  const open = and(mine, eq(carts.status, 'active'))
  const [existing] = await tx.update(carts).set({ updatedAt: stamp.now }).where(open).returning({ id: carts.id })
  if (existing !== undefined) return { id: existing.id, newToken }
  await tx
    .insert(carts)
    .values({ id: stamp.ids.next(), accountId, tokenHash, createdAt: stamp.now, updatedAt: stamp.now })
    .onConflictDoNothing()
  const [cart] = await tx
    .select({ id: carts.id })
    .from(carts)
    .where(sql`${open}`)
  if (cart === undefined) throw new Error('openCart: the bag just written is not there')
  return { id: cart.id, newToken }
}
