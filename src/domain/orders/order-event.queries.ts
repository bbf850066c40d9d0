import { asc, eq } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import type { OrderState } from './order.states.ts'
import { orderEvents } from './order.table.ts'

/** One step an order took. */
export interface OrderStep {
  readonly state: OrderState
  readonly at: Date
}

/** What happened to an order, oldest first. Who did it and why stays inside. */
export async function stepsOfOrder(db: DbOrTx, orderId: string): Promise<OrderStep[]> {
  const rows = await db
    .select({ state: orderEvents.toState, at: orderEvents.createdAt })
    .from(orderEvents)
    .where(eq(orderEvents.orderId, orderId))
    .orderBy(asc(orderEvents.createdAt), asc(orderEvents.id))
    .limit(100)
  return rows.map((row) => ({ state: row.state as OrderState, at: row.at }))
}
