import { eq, sql } from 'drizzle-orm'
import { consumeHolds } from '../../domain/catalog/consume-holds.ts'
import { retakeStock } from '../../domain/catalog/retake-stock.ts'
import { stockLevels, stockMoves } from '../../domain/catalog/stock.table.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import { orderLines, orders } from '../../domain/orders/order.table.ts'
import { holdsMoney } from '../../domain/payments/transaction.projection.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import type { AppliedEvent } from '../../domain/payments/apply-event.ts'
import { recogniseSale } from '../../domain/payments/recognise-sale.ts'
import { requestRefund } from '../../domain/payments/request-refund.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import type { Tx } from '../../platform/db.ts'
import { applyCharge, type ChargeToWrite, openCharges } from './apply-charges.ts'
import { importStamp, type ImportTools, type NewLink, readLinks, writeLinks } from './import-tools.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import { readOrderReferences } from './order-references.ts'
import type { PlannedOrder } from './plan-order.ts'

/**
 * Brings an order that is here already up to what the old shop has learnt since: payments it did not have, and money that has come
 * for one that had none. What the order itself has become here since is not undone. Everything in the caller's commit.
 */
export async function catchUpOrder(
  tx: Tx,
  tools: ImportTools,
  { plan, orderId, digest }: { plan: PlannedOrder; orderId: string; digest: string },
): Promise<{ opened: number; changed: number; merged: number }> {
  const [order] = await tx.select().from(orders).where(eq(orders.id, orderId)).for('update')
  if (order === undefined) throw new Error(`the link of old order ${plan.id} leads to no order`)
  const known = await readOrderReferences(tx, tools, [plan])
  const news = { opened: 0, changed: 0, merged: 0 }
  const links: NewLink[] = []
  for (const charge of plan.charges) {
    const own = new Map<string, string>()
    for (const { table, id } of charge.rows) {
      const link = (await readLinks(tx, tools.source, table, [id])).get(id)
      if (link !== undefined) own.set(`${table} ${id}`, link.targetId)
    }
    const [targetId] = own.values()
    const write: ChargeToWrite = {
      charge: targetId === undefined ? charge : { ...charge, refunds: [] },
      orderId,
      totalMinor: order.totalMinor,
      sale: undefined,
      account: known.account,
    }
    const row = targetId === undefined ? (await openCharges(tx, tools, [write]))[0] : await lockTransaction(tx, targetId)
    if (row === undefined) throw new Error('the charge was not written')
    for (const { table, id } of charge.rows)
      if (!own.has(`${table} ${id}`)) links.push({ table, id, target: 'transactions', targetId: row.id })
    if (targetId === undefined) news.opened++
    else if (row.state === charge.becomes || holdsMoney(row.state) || row.state === 'review' || !isNews(charge.becomes)) continue
    else news.changed++
    const paidBy = await paidByAnother(tx, orderId, row.id)
    const becomes = charge.becomes === 'succeeded' && paidBy !== undefined ? 'duplicate' : charge.becomes
    const { applied } = await applyCharge(tx, tools, {
      write: { ...write, charge: { ...write.charge, becomes } },
      row,
      paidByAnother: paidBy,
    })
    if (holdsMoney(applied.row.state) && charge.refunds.length === 0) await follow(tx, tools, order, plan.id, applied)
  }
  await writeLinks(tx, tools.source, [...links, { table: 'orders_order', id: plan.id, target: 'orders', targetId: orderId, digest }])
  return news
}

/** Only money and doubt are news for a charge that ended without: it cannot end twice. */
const isNews = (becomes: string): boolean => becomes === 'succeeded' || becomes === 'duplicate' || becomes === 'review'

async function paidByAnother(tx: Tx, orderId: string, chargeId: string): Promise<string | undefined> {
  const [other] = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(
      sql`${transactions.orderId} = ${orderId} and ${transactions.kind} = 'charge' and ${transactions.state} = 'succeeded' and ${transactions.id} <> ${chargeId}`,
    )
  return other?.id
}

/**
 * Late money sells the order. The old shop had the goods: where its last count here does not show them, they came and went as those
 * of the orders before. An order that was called off here, or paid by another charge, is owed its money back.
 */
async function follow(tx: Tx, tools: ImportTools, order: typeof orders.$inferSelect, oldId: string, applied: AppliedEvent): Promise<void> {
  const stamp = importStamp(tools, tools.clock.now())
  const charge = await lockTransaction(tx, applied.row.id)
  const { eventId } = applied
  if (applied.outcome !== 'paid' || eventId === undefined || order.state !== 'expired') {
    await requestRefund(tx, stamp, charge, {
      amountMinor: charge.capturedMinor,
      reason: applied.outcome === 'duplicate' ? 'duplicate' : 'order_cancelled',
      canRefund: false,
      key: 'legacy-late',
    })
    return
  }
  if (!(await retakeStock(tx, stamp, order.id))) {
    await receiveGoods(tx, tools, order.id, oldId)
    if (!(await retakeStock(tx, stamp, order.id))) throw new Error(`the goods of old order ${oldId} cannot be set aside`)
  }
  await consumeHolds(tx, stamp, order.id)
  await moveOrder(tx, stamp, order, 'paid', `payment ${charge.reference}`)
  await recogniseSale(tx, stamp, { eventId, transactionId: charge.id, orderId: order.id })
}

async function receiveGoods(tx: Tx, tools: ImportTools, orderId: string, oldId: string): Promise<void> {
  const lines = await tx
    .select({
      variantId: orderLines.variantId,
      warehouseId: orderLines.warehouseId,
      quantity: sql<number>`sum(${orderLines.quantity})::int`,
    })
    .from(orderLines)
    .where(eq(orderLines.orderId, orderId))
    .groupBy(orderLines.variantId, orderLines.warehouseId)
    .orderBy(orderLines.variantId, orderLines.warehouseId)
  await insertRows(
    tx,
    stockLevels,
    lines.map(({ variantId, warehouseId, quantity }) => ({ variantId, warehouseId, onHand: quantity, reserved: 0 })),
    sql` on conflict (variant_id, warehouse_id) do update set on_hand = stock_levels.on_hand + excluded.on_hand`,
  )
  await insertRows(
    tx,
    stockMoves,
    lines.map(({ variantId, warehouseId, quantity }) => ({
      id: tools.ids.next(),
      variantId,
      warehouseId,
      kind: 'received',
      delta: quantity,
      cause: `legacy order ${oldId}`,
      actor: 'system:import',
      createdAt: tools.clock.now(),
    })),
  )
}
