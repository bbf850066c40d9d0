import { eq } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { orders } from './order.table.ts'

/** What stands in orders of a person who was forgotten: a number of the right form that is nobody's. */
const nobody = { contactName: 'Erased', contactPhone: '254700000000' }

/**
 * Takes the person out of their orders: name, phone, e-mail, landmark, pin and note. County and town stay for statistics, amounts for
 * the books. A step. Answers the ids of the orders.
 */
export async function pseudonymiseOrders(tx: Tx, accountId: string): Promise<string[]> {
  const changed = await tx
    .update(orders)
    .set({ ...nobody, contactEmail: null, landmark: 'erased', lat: null, lng: null, note: '', paymentPhone: null })
    .where(eq(orders.accountId, accountId))
    .returning({ id: orders.id })
  return changed.map(({ id }) => id)
}
