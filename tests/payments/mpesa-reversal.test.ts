import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { lockTransaction } from '../../src/domain/payments/lock-transaction.ts'
import { paybillToken } from '../../src/domain/payments/receive-paybill.ts'
import { requestRefund } from '../../src/domain/payments/request-refund.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { seconds } from '../../src/lib/time.ts'
import { lockOrderOf } from '../../src/workflows/checkout/lock-order.ts'
import { startRefund } from '../../src/workflows/checkout/start-refund.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

const rights = { MPESA_INITIATOR_NAME: 'refunder', MPESA_SECURITY_CREDENTIAL: 'encrypted-for-the-simulator' }

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk({ environment: rights })))
afterEach(() => desk.simulator.reset())
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

/** An order paid on the phone, with its receipt. */
async function sold(): Promise<{ order: UnpaidOrder; receipt: string }> {
  desk.simulator.turn({ reversalResult: 'held' })
  const order = await desk.order()
  await desk.press(await desk.prompt(order), 'pin')
  await desk.drain()
  const { receipt, state } = await desk.charge(order)
  expect(state).toBe('succeeded')
  return { order, receipt: receipt ?? 'none' }
}

async function refund(order: UnpaidOrder, amountMinor: bigint, key: string): Promise<string> {
  const id = await desk.context.payDb.transaction(async (tx) => {
    await lockOrderOf(tx, order.transactionId)
    const charge = await lockTransaction(tx, order.transactionId)
    return await requestRefund(tx, systemStamp('test', desk.context), charge, { amountMinor, reason: 'return', canRefund: true, key })
  })
  await startRefund(desk.context, id)
  return id
}

const finish = async (): Promise<void> => {
  await desk.simulator.reversals.finish()
  await desk.drain()
}

async function wait(forS: number, stepS: number): Promise<void> {
  for (let passed = 0; passed < forS; passed += stepS) {
    desk.clock.advance(seconds(stepS))
    await desk.drain()
  }
}

describe('a refund by reversal', () => {
  test('is pending when Daraja takes it up, and done when the result says so', async () => {
    const { order, receipt } = await sold()
    const id = await refund(order, order.totalMinor, 'whole')
    expect((await desk.charge(id)).state).toBe('pending')
    await finish()
    const done = await desk.charge(id)
    expect([done.state, done.receipt?.length]).toEqual(['succeeded', 10])
    expect(desk.simulator.reversals.of(receipt)).toHaveLength(1)
    expect((await desk.charge(order)).refundedMinor).toBe(order.totalMinor)
  })

  test('goes back in parts of whole shillings', async () => {
    const { order, receipt } = await sold()
    await refund(order, 50_000n, 'one')
    await finish()
    await refund(order, 20_000n, 'two')
    await finish()
    expect((await desk.charge(order)).refundedMinor).toBe(70_000n)
    expect(desk.simulator.reversals.of(receipt)).toHaveLength(2)
  })

  test('a result that comes twice, and again a hundred times, has one effect', async () => {
    const { order } = await sold()
    const id = await refund(order, 30_000n, 'twice')
    desk.simulator.turn({ reversalResult: 'duplicate' })
    await finish()
    expect(new Set(await desk.simulator.reversals.resend(100))).toEqual(new Set([200]))
    await desk.drain()
    expect((await desk.charge(id)).state).toBe('succeeded')
    expect((await desk.charge(order)).refundedMinor).toBe(30_000n)
  })

  test('one that fails after it was taken up is owed again, and shows', async () => {
    const { order } = await sold()
    const id = await refund(order, 30_000n, 'fails')
    desk.simulator.turn({ reversalResult: 'fails' })
    await finish()
    expect(await desk.charge(id)).toMatchObject({ state: 'failed', stateReason: 'reversal_failed' })
    expect(await desk.charge(order)).toMatchObject({ refundedMinor: 0n, refundPendingMinor: 0n })
  })

  test('one whose result nobody can read as yes or no waits for a person', async () => {
    const { order } = await sold()
    const id = await refund(order, 30_000n, 'doubtful')
    desk.simulator.turn({ reversalResult: 'doubtful' })
    await finish()
    expect(await desk.charge(id)).toMatchObject({ state: 'manual', stateReason: 'reversal_doubtful' })
    expect((await desk.charge(order)).refundPendingMinor).toBe(30_000n)
  })

  test('one whose answer was lost is never sent again, and its late result still counts', async () => {
    const { order, receipt } = await sold()
    desk.simulator.turn({ reversalFault: 'lost_truncated', faultsLeft: 1 })
    const id = await refund(order, 40_000n, 'lost')
    expect(await desk.charge(id)).toMatchObject({ state: 'pending', sessionRef: null })
    await startRefund(desk.context, id)
    await wait(3_600, 300)
    expect(await desk.charge(id)).toMatchObject({ state: 'manual', stateReason: 'reversal_unknown' })
    expect(desk.simulator.reversals.of(receipt)).toHaveLength(1)
    await finish()
    expect((await desk.charge(id)).state).toBe('succeeded')
    expect((await desk.charge(order)).refundedMinor).toBe(40_000n)
  })

  test('one that nobody hears of again is looked for by a person, and the law of one payment is kept', async () => {
    const { order, receipt } = await sold()
    const id = await refund(order, 40_000n, 'silent')
    desk.simulator.turn({ reversalResult: 'lost' })
    await desk.simulator.reversals.finish()
    await wait(3_600, 300)
    expect((await desk.charge(id)).state).toBe('manual')
    expect(desk.simulator.reversals.of(receipt)).toHaveLength(1)
  })

  test('a refused request sends nothing and is a task for a person', async () => {
    const { order, receipt } = await sold()
    desk.simulator.turn({ reversalFault: 'error500', faultsLeft: 1 })
    const id = await refund(order, 40_000n, 'refused')
    expect(await desk.charge(id)).toMatchObject({ state: 'manual', stateReason: 'reversal_refused' })
    expect(desk.simulator.reversals.of(receipt)).toHaveLength(0)
  })

  test('word of a slow queue decides nothing', async () => {
    const { order } = await sold()
    const id = await refund(order, 40_000n, 'queue')
    const answer = await fetch(`${desk.origin}/webhooks/mpesa/${order.token}/timeout`, {
      method: 'POST',
      body: JSON.stringify({ Result: { ResultCode: 1, ConversationID: (await desk.charge(id)).sessionRef } }),
    })
    expect(answer.status).toBe(200)
    await desk.drain()
    expect((await desk.charge(id)).state).toBe('pending')
    await finish()
    expect((await desk.charge(id)).state).toBe('succeeded')
  })

  test('a second charge of a paid order goes back by itself', async () => {
    const { order } = await sold()
    const { mpesa, appSecret } = desk.context.config
    const address = `${desk.origin}/webhooks/mpesa/c2b/${paybillToken(appSecret, mpesa?.shortCode ?? '')}/confirmation`
    const hand = await desk.simulator.payByHand(address, order.number, Number(order.totalMinor / 100n))
    expect(hand.status).toBe(200)
    await desk.drain()
    await finish()
    expect(desk.simulator.reversals.of(hand.receipt)).toHaveLength(1)
  })
})

test('without the right to reverse a refund is a task for a person', async () => {
  const other = await openPayDesk()
  try {
    expect(other.context.providers.get('mpesa')?.canRefund).toBe(false)
  } finally {
    await other.close()
  }
})

test('callbacks from elsewhere than the addresses of Safaricom are not found, where those are configured', async () => {
  const guarded = await openPayDesk({ environment: { MPESA_IP_ALLOWLIST: '196.201.214.200, 196.201.214.206' } })
  try {
    const order = await guarded.order()
    expect((await guarded.callback(order, { Body: {} })).status).toBe(404)
    expect(await guarded.inbox()).toEqual([])
  } finally {
    await guarded.close()
  }
})
