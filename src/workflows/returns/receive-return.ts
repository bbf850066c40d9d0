import { and, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { restock } from '../../domain/catalog/restock.ts'
import { orderMessage } from '../../domain/notifications/order-message.ts'
import { countReturned } from '../../domain/orders/count-returned.ts'
import { type LinePart, partOfLine } from '../../domain/orders/line.parts.ts'
import { moveOrder } from '../../domain/orders/move-order.ts'
import { noteEvent } from '../../domain/orders/note-event.ts'
import { orderLines } from '../../domain/orders/order.table.ts'
import { applyEvent } from '../../domain/payments/apply-event.ts'
import { returnPosting } from '../../domain/payments/ledger.postings.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import { namedData } from '../../domain/payments/named-claw-back.queries.ts'
import { aloneMinor, stageRefund } from '../../domain/payments/stage-refund.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import { acceptLine } from '../../domain/returns/accept-line.ts'
import { moveReturn } from '../../domain/returns/move-return.ts'
import { type ReturnState, returnStates } from '../../domain/returns/return.states.ts'
import { findReturn, type ReturnLineRow, type ReturnWithLines } from '../../domain/returns/return.queries.ts'
import type { Actor } from '../../lib/actor.ts'
import { isWholeShillings, standardVatBasisPoints, vatInside } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { audit } from '../../platform/audit.ts'
import type { Tx } from '../../platform/db.ts'
import { withRetry } from '../../platform/db-error.ts'
import { enqueue } from '../../platform/outbox.ts'
import { lockOrderById, type LockedOrder } from './lock-own-order.ts'

/** What was in the parcel. A line that is not named was there in full, and is sold again unless it came back damaged. */
export interface Received {
  readonly lineId: string
  readonly acceptedQuantity: number
  readonly isRestocked?: boolean | undefined
}

type OrderLine = typeof orderLines.$inferSelect

/** A line of the parcel with what it is worth. */
interface Accepted {
  readonly asked: ReturnLineRow
  readonly line: OrderLine
  readonly quantity: number
  readonly isRestocked: boolean
  readonly part: LinePart
}

/**
 * The goods are here: what was accepted lies on its shelf again (unless it cannot be sold), and what was paid for it goes back by the
 * way it came, to the cent, taken from those who had it. The delivery fee goes back with the last goods of the order. All in one
 * commit; the provider is called after it. What one member of staff may not send back alone waits for a second one. Refuses with
 * not_found, return_state, conflict, refund_exceeds when less is left of the payment, invalid_input for what was not asked for.
 */
export async function receiveReturn(
  context: Context,
  actor: Actor,
  id: string,
  received: readonly Received[] = [],
): Promise<ReturnWithLines> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  await withRetry(
    async () =>
      await context.payDb.transaction(async (tx) => {
        const asked = await findReturn(tx, id)
        if (asked === undefined) throw new Refusal('not_found')
        const order = await lockOrderById(tx, asked.orderId)
        await receive(context, tx, stamp, order, (await findReturn(tx, id)) ?? asked, received)
      }),
  )
  context.outbox.wake()
  const changed = await findReturn(context.payDb, id)
  if (changed === undefined) throw new Refusal('not_found')
  return changed
}

async function receive(
  context: Context,
  tx: Tx,
  stamp: Stamp,
  order: LockedOrder,
  found: ReturnWithLines,
  received: readonly Received[],
): Promise<void> {
  if (!returnStates.can(found.state as ReturnState, 'received')) throw new Refusal('return_state')
  const lines = await tx.select().from(orderLines).where(eq(orderLines.orderId, order.id)).orderBy(orderLines.id)
  const accepted = judge(found, lines, received)
  const isAll = lines.every((line) => line.refundedQuantity + quantityOf(accepted, line.id) === line.quantity)
  // The fee is given back once: nothing is left to complete the order a second time.
  const deliveryRefundMinor = isAll ? order.deliveryMinor : 0n
  const refundMinor = accepted.reduce((sum, { part }) => sum + part.paidMinor, deliveryRefundMinor)
  for (const { asked, line, quantity, isRestocked, part } of accepted) {
    await acceptLine(tx, asked.id, { quantity, isRestocked, part })
    // What was asked for and not in the parcel may be asked for again.
    await countReturned(tx, order.id, { lineId: line.id, returned: quantity - asked.quantity, refunded: quantity })
  }
  const refundId = await payBack(context, tx, stamp, order, found, accepted, { refundMinor, deliveryRefundMinor })
  await moveReturn(tx, stamp, found, 'received', { refundMinor, deliveryRefundMinor, refundId })
  await noteEvent(tx, stamp, {
    orderId: order.id,
    state: order.state,
    kind: 'return_received',
    reason: found.number,
    data: { returnId: found.id, refundMinor: Number(refundMinor) },
  })
  if (isAll && order.state === 'delivered') await moveOrder(tx, stamp, order, 'returned', 'everything came back')
  await audit(tx, stamp, {
    action: 'return.received',
    target: found.id,
    data: { number: found.number, refundMinor: refundMinor.toString() },
  })
  await enqueue(tx, stamp, orderMessage('return_received', order.id, found.id))
  // The shelves last, as everywhere.
  await restock(tx, stamp, {
    orderId: order.id,
    cause: `return:${found.id}`,
    goods: accepted
      .filter(({ isRestocked, quantity }) => isRestocked && quantity > 0)
      .map(({ line, quantity }) => ({ variantId: line.variantId, warehouseId: line.warehouseId, quantity })),
  })
}

const quantityOf = (accepted: readonly Accepted[], lineId: string): number =>
  accepted.reduce((sum, { line, quantity }) => (line.id === lineId ? sum + quantity : sum), 0)

function judge(found: ReturnWithLines, lines: readonly OrderLine[], received: readonly Received[]): Accepted[] {
  const isKnown = received.every(({ lineId }) => found.lines.some((line) => line.orderLineId === lineId))
  if (!isKnown || new Set(received.map(({ lineId }) => lineId)).size !== received.length)
    throw new Refusal('invalid_input', { detail: 'Name each line of the return at most once.' })
  const accepted = found.lines.flatMap((asked): Accepted[] => {
    const line = lines.find(({ id }) => id === asked.orderLineId)
    const told = received.find(({ lineId }) => lineId === asked.orderLineId)
    if (line === undefined) return []
    const quantity = told?.acceptedQuantity ?? asked.quantity
    if (quantity > asked.quantity) throw new Refusal('invalid_input', { detail: 'More was received than was to come back.' })
    const commissionVatMinor = vatInside(line.commissionMinor, standardVatBasisPoints)
    // Units are paid back one after the other, so that the parts of a line add up to what was taken for it.
    const part = partOfLine({ ...line, commissionVatMinor }, line.refundedQuantity, quantity)
    return [{ asked, line, quantity, isRestocked: told?.isRestocked ?? asked.reason !== 'damaged', part }]
  })
  if (accepted.every(({ quantity }) => quantity === 0))
    throw new Refusal('invalid_input', { detail: 'Nothing was taken back; refuse the return instead.' })
  return accepted
}

async function payBack(
  context: Context,
  tx: Tx,
  stamp: Stamp,
  order: LockedOrder,
  found: ReturnWithLines,
  accepted: readonly Accepted[],
  { refundMinor, deliveryRefundMinor }: { refundMinor: bigint; deliveryRefundMinor: bigint },
): Promise<string | undefined> {
  const [paid] = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(and(eq(transactions.orderId, order.id), eq(transactions.kind, 'charge'), eq(transactions.state, 'succeeded')))
  if (paid === undefined) throw new Refusal('refund_exceeds')
  const charge = await lockTransaction(tx, paid.id)
  if (charge.provider === 'mpesa' && !isWholeShillings(refundMinor))
    throw new Refusal('invalid_input', { detail: 'M-Pesa moves whole shillings: take back together what makes them.' })
  const ofSale = returnPosting(
    accepted.map(({ line, part }) => ({ ...part, vendorId: line.vendorId })),
    deliveryRefundMinor,
  )
  if (refundMinor === 0n) {
    await applyEvent(tx, stamp, charge, {
      transactionId: charge.id,
      effect: 'goods_returned',
      effectRef: found.id,
      source: 'staff',
      data: { refundId: found.id, ofSale: namedData(ofSale, 0n) },
    })
    return undefined
  }
  const gone = charge.refundedMinor + charge.refundPendingMinor
  return await stageRefund(tx, stamp, charge, {
    amountMinor: refundMinor,
    reason: 'return',
    canRefund: context.providers.get(charge.provider)?.canRefund === true,
    needsSecond: gone + refundMinor > aloneMinor,
    key: found.number,
    ofSale,
  })
}
