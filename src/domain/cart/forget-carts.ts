import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { cartLines, carts } from './cart.table.ts'

/** Empties the open bag of an account and gives it up; bags that became orders stay with them. A step. */
export async function forgetCarts(tx: Tx, accountId: string): Promise<void> {
  const open = await tx
    .update(carts)
    .set({ status: 'abandoned', updatedAt: sql`now()` })
    .where(and(eq(carts.accountId, accountId), eq(carts.status, 'active')))
    .returning({ id: carts.id })
  if (open.length > 0)
    await tx.delete(cartLines).where(
      inArray(
        cartLines.cartId,
        open.map(({ id }) => id),
      ),
    )
}
