import { sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { Cart } from './cart.queries.ts'

/**
 * Closes a bag whose selected lines became an order. Lines left unselected go on in a new bag of the same visitor, so that
 * buying a part never loses the rest.
 */
export async function closeCart(tx: Tx, stamp: Stamp, cart: Cart): Promise<void> {
  const now = sql`${stamp.now.toISOString()}::timestamptz`
  await tx.execute(sql`update carts set status = 'ordered', updated_at = ${now} where id = ${cart.id}::uuid`)
  const left = cart.lines.filter((line) => !(line.isSelected && line.isSold))
  if (left.length === 0) return
  await tx.execute(sql`
    with rest as (
      insert into carts (id, account_id, token_hash, created_at, updated_at)
      select ${stamp.ids.next()}::uuid, account_id, token_hash, ${now}, ${now} from carts where id = ${cart.id}::uuid returning id
    )
    update cart_lines set cart_id = rest.id, is_selected = true from rest where cart_lines.id = any(${sql.param(left.map((line) => line.id))}::uuid[])`)
}
