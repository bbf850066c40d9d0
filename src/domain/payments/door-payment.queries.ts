import { and, eq, sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { orders } from '../orders/order.table.ts'
import { ledgerEntries, transactions } from './transaction.table.ts'

/** Whether the order of a charge still waits for its money: unpaid, or on its way to be paid at the door. */
export async function isAwaitingMoney(db: DbOrTx, transactionId: string): Promise<boolean> {
  const rows = await db
    .select({ id: orders.id })
    .from(orders)
    .innerJoin(transactions, eq(transactions.orderId, orders.id))
    .where(
      and(
        eq(transactions.id, transactionId),
        sql`(${orders.state} = 'awaiting_payment' or (${orders.paymentMethod} = 'cod' and ${orders.paidAt} is null and ${orders.state} in ('packed', 'on_the_road')))`,
      ),
    )
  return rows.length > 0
}

/** The open pay-on-delivery charge of an order. */
export async function openCashCharge(db: DbOrTx, orderId: string): Promise<{ id: string; amountMinor: bigint } | undefined> {
  const [row] = await db
    .select({ id: transactions.id, amountMinor: transactions.amountMinor })
    .from(transactions)
    .where(
      and(
        eq(transactions.orderId, orderId),
        eq(transactions.kind, 'charge'),
        eq(transactions.provider, 'cod'),
        sql`${transactions.state} in ('created', 'pending', 'processing')`,
      ),
    )
  return row
}

/** Cash a rider holds of one charge. */
export interface HeldCash {
  readonly holderId: string
  readonly transactionId: string
  readonly amountMinor: bigint
}

/** Cash that was counted at doors and not handed in, of one rider or of all. */
export async function cashInHand(db: DbOrTx, holderId?: string): Promise<HeldCash[]> {
  const rows = await db
    .select({
      holderId: sql<string>`${ledgerEntries.holderId}`,
      transactionId: ledgerEntries.transactionId,
      amountMinor: sql<string>`sum(${ledgerEntries.amountMinor})::text`,
    })
    .from(ledgerEntries)
    .where(and(eq(ledgerEntries.account, 'cash_in_hand'), holderId === undefined ? undefined : eq(ledgerEntries.holderId, holderId)))
    .groupBy(ledgerEntries.holderId, ledgerEntries.transactionId)
    .having(sql`sum(${ledgerEntries.amountMinor}) <> 0`)
    .orderBy(ledgerEntries.holderId, ledgerEntries.transactionId)
  return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }))
}
