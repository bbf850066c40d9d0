import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { minutes } from '../../src/lib/time.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { releaseHolds } from '../../src/domain/catalog/release-holds.ts'
import { moveOrder } from '../../src/domain/orders/move-order.ts'
import { orders } from '../../src/domain/orders/order.table.ts'
import { paymentStatusForOrder, transactionsOfOrder } from '../../src/domain/payments/transaction.queries.ts'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { expireUnpaid } from '../../src/workflows/checkout/expire-unpaid.ts'
import { openPayDesk, type PayDesk, shelf, type UnpaidOrder } from '../support/pay-desk.ts'

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

/** Lets a prompt end unanswered and the order run out; then the purse is opened after all. */
async function expiredOrder(wish: { stock: number; variantId?: string }): Promise<{ order: UnpaidOrder; prompt: string }> {
  const order = await desk.order(wish)
  const prompt = await desk.prompt(order)
  await desk.press(prompt, 'ignore')
  // Only this order's time is up; others of this file keep theirs.
  await desk.database.db
    .update(orders)
    .set({ expiresAt: new Date(desk.clock.now().getTime() - 1) })
    .where(eq(orders.id, order.orderId))
  await expireUnpaid(desk.context)
  expect(await desk.orderState(order)).toBe('expired')
  return { order, prompt }
}

async function payLate(prompt: string): Promise<void> {
  await desk.simulator.settleLate(prompt)
  for (let passed = 0; passed < 60; passed += 5) {
    desk.clock.advance(minutes(5))
    await desk.drain()
  }
}

describe('money that comes late', () => {
  test('for an expired order whose goods are still there sells them', async () => {
    const { order, prompt } = await expiredOrder({ stock: 3 })
    expect(await shelf(desk, order.variantId)).toEqual({ onHand: 3, reserved: 0 })
    await payLate(prompt)
    expect(await desk.orderState(order)).toBe('paid')
    expect(await shelf(desk, order.variantId)).toEqual({ onHand: 2, reserved: 0 })
  })

  test('for an expired order whose goods are gone is owed back in the same commit, and the shopper is told', async () => {
    const { order, prompt } = await expiredOrder({ stock: 1 })
    const quicker = await desk.order({ variantId: order.variantId })
    await desk.press(await desk.prompt(quicker), 'pin')
    await payLate(prompt)
    expect(await desk.orderState(order)).toBe('expired')
    const [charge, refund] = await desk.charges(order)
    expect(charge).toMatchObject({ state: 'succeeded', capturedMinor: 170_000n, refundPendingMinor: 170_000n })
    expect(refund).toMatchObject({
      kind: 'refund',
      state: 'manual',
      stateReason: 'goods_gone',
      amountMinor: 170_000n,
      parentId: charge?.id ?? '',
    })
    expect(desk.context.sms.recent().some((text) => text.to === order.phone && /sending it back/.test(text.text))).toBe(true)
  })

  test('for a cancelled order is owed back and does not reopen it', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.press(prompt, 'ignore')
    await desk.database.db.transaction(async (tx) => {
      await moveOrder(tx, systemStamp('test', desk.context), { id: order.orderId, state: 'awaiting_payment' }, 'cancelled')
      await releaseHolds(tx, systemStamp('test', desk.context), order.orderId)
    })
    await payLate(prompt)
    expect(await desk.orderState(order)).toBe('cancelled')
    expect((await desk.charges(order)).map((row) => [row.kind, row.state, row.stateReason])).toEqual([
      ['charge', 'succeeded', null],
      ['refund', 'manual', 'order_cancelled'],
    ])
  })

  test('for an order another charge has paid is a duplicate and is owed back once, however often it is told', async () => {
    const first = await desk.order()
    const prompt = await desk.prompt(first)
    await desk.press(prompt, 'ignore')
    const second = await desk.again(first)
    await desk.press(await desk.prompt(second), 'pin')
    expect(await desk.orderState(first)).toBe('paid')
    await payLate(prompt)
    for (let i = 0; i < 3; i += 1) await payLate(prompt)
    const rows = await desk.charges(first)
    expect(rows.map((row) => [row.kind, row.state])).toEqual([
      ['charge', 'duplicate'],
      ['charge', 'succeeded'],
      ['refund', 'manual'],
    ])
    expect(rows[0]).toMatchObject({ duplicateOf: second.transactionId, refundPendingMinor: 170_000n, refundedMinor: 0n })
    expect((await paymentStatusForOrder(desk.database.db, first.orderId))?.transactionId).toBe(second.transactionId)
  })
})

describe('giving money back', () => {
  test('a person who has sent it marks it done, once, and the books follow', async () => {
    const first = await desk.order()
    const prompt = await desk.prompt(first)
    await desk.press(prompt, 'ignore')
    const second = await desk.again(first)
    await desk.press(await desk.prompt(second), 'pin')
    await payLate(prompt)
    const before = await desk.ledger()
    const refund = (await desk.charges(first)).find((row) => row.kind === 'refund')
    const done = {
      transactionId: refund?.id ?? '',
      effect: 'refund_succeeded',
      effectRef: 'UB9RETURN1',
      source: 'staff',
      receipt: 'UB9RETURN1',
    } as const
    expect(await settlePayment(desk.context, done)).not.toBe('repeated')
    expect(await settlePayment(desk.context, done)).toBe('repeated')
    const charge = await desk.charge(first)
    expect(charge).toMatchObject({ state: 'duplicate', refundedMinor: 170_000n, refundPendingMinor: 0n })
    const after = await desk.ledger()
    expect((after['refunds_payable'] ?? 0n) - (before['refunds_payable'] ?? 0n)).toBe(170_000n)
    expect((after['provider_clearing'] ?? 0n) - (before['provider_clearing'] ?? 0n)).toBe(-170_000n)
    expect((await transactionsOfOrder(desk.database.db, first.orderId)).find((row) => row.id === charge.id)?.state).toBe('refunded')
  })

  test('a refund that failed owes the money again, and one that comes back after it succeeded is ours to return', async () => {
    const { order, prompt } = await expiredOrder({ stock: 1 })
    const quicker = await desk.order({ variantId: order.variantId })
    await desk.press(await desk.prompt(quicker), 'pin')
    await payLate(prompt)
    const refund = (await desk.charges(order)).find((row) => row.kind === 'refund')
    const told = (effect: 'refund_succeeded' | 'refund_failed', effectRef: string) =>
      settlePayment(desk.context, { transactionId: refund?.id ?? '', effect, effectRef, source: 'staff' })
    const before = await desk.ledger()
    await told('refund_succeeded', 'sent')
    await told('refund_failed', 'came back')
    expect((await desk.ledger())['customer_to_return']).toBe((before['customer_to_return'] ?? 0n) - 170_000n)
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 0n, refundPendingMinor: 0n })
    await told('refund_succeeded', 'sent again')
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 170_000n, refundPendingMinor: 0n })
    expect((await desk.ledger())['customer_to_return'] ?? 0n).toBe(before['customer_to_return'] ?? 0n)
    expect((await desk.ledger())['order_receivable'] ?? 0n).toBe(before['order_receivable'] ?? 0n)
  })

  test('more than came in can never go back, whoever asks', async () => {
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'pin')
    const { requestRefund } = await import('../../src/domain/payments/request-refund.ts')
    const { lockTransaction } = await import('../../src/domain/payments/lock-transaction.ts')
    const ask = async (amountMinor: bigint, key: string) =>
      await desk.context.payDb.transaction(
        async (tx) =>
          await requestRefund(tx, systemStamp('test', desk.context), await lockTransaction(tx, order.transactionId), {
            amountMinor,
            reason: 'return',
            canRefund: false,
            key,
          }),
      )
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => ask(50_000n, `line-${index}`)))
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(3)
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'refund_exceeds' })
    expect(await desk.charge(order)).toMatchObject({ refundPendingMinor: 150_000n })
    expect(await ask(50_000n, 'line-0').catch((error: unknown) => error)).toEqual(expect.anything())
    const [sum] = await desk.database.db.execute<{ count: string }>(
      sql`select count(*)::text as count from transactions where parent_id = ${order.transactionId}::uuid`,
    )
    expect(sum?.count).toBe('3')
  })
})
