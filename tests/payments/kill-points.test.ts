import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { claimChecks } from '../../src/domain/payments/claim-checks.ts'
import { applyEvent } from '../../src/domain/payments/apply-event.ts'
import { lockTransaction } from '../../src/domain/payments/lock-transaction.ts'
import { findTransactionRef } from '../../src/domain/payments/transaction.queries.ts'
import { claimWebhooks, putBackWebhook } from '../../src/domain/payments/webhook-event.queue.ts'
import { webhookEvents } from '../../src/domain/payments/webhook-event.table.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { minutes, seconds } from '../../src/lib/time.ts'
import { messages } from '../../src/domain/notifications/message.table.ts'
import { outbox } from '../../src/platform/outbox.table.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

// The process dies between two numbered steps: what it had committed is there, what it had in hand is not. Dying is played by doing
// exactly the steps before the point and letting somebody else go on.
let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

/** Takes the start message as the process that dies would. */
const takeStartMessage = async (order: UnpaidOrder) =>
  await desk.database.db
    .update(outbox)
    .set({ attempts: 1, lockedUntil: new Date(desk.clock.now().getTime() + 60_000) })
    .where(eq(outbox.dedupeKey, `payment.start:${order.transactionId}`))

const beginAttempt = async (order: UnpaidOrder) =>
  await desk.context.payDb.transaction(async (tx) => {
    const row = await lockTransaction(tx, order.transactionId)
    await applyEvent(tx, systemStamp('test', desk.context), row, {
      transactionId: row.id,
      effect: 'start_attempted',
      effectRef: row.id,
      source: 'system',
    })
  })

async function lateEnough(): Promise<void> {
  desk.clock.advance(minutes(1) + seconds(1))
  await desk.drain()
}

describe('starting a payment, death', () => {
  test('after the order, before anything was sent: the next process sends it', async () => {
    const order = await desk.order()
    await takeStartMessage(order)
    await desk.drain()
    expect(desk.simulator.prompts(order.phone)).toHaveLength(0)
    await lateEnough()
    expect(desk.simulator.prompts(order.phone)).toHaveLength(1)
  })

  test('after the attempt was written down, before the call: no prompt is sent blindly, the charge expires softly, the shopper may try again', async () => {
    const order = await desk.order()
    await takeStartMessage(order)
    await beginAttempt(order)
    await lateEnough()
    expect(desk.simulator.prompts(order.phone)).toHaveLength(0)
    expect((await desk.charge(order)).state).toBe('pending')
    for (let i = 0; i < 12; i += 1) await lateEnough()
    expect((await desk.charge(order)).state).toBe('expired')
    const again = await desk.again(order)
    await desk.press(await desk.prompt(again), 'pin')
    expect(await desk.orderState(order)).toBe('paid')
  })

  test('after the call, before its answer was written down: one prompt, and its callback pays', async () => {
    const order = await desk.order()
    await takeStartMessage(order)
    await beginAttempt(order)
    const ref = await findTransactionRef(desk.context.payDb, desk.context.config, order.transactionId)
    if (ref === undefined) throw new Error('no charge')
    await desk.context.providers.get('mpesa')?.start(ref)
    await lateEnough()
    const prompts = desk.simulator.prompts(order.phone)
    expect(prompts).toHaveLength(1)
    await desk.press(prompts[0]?.id ?? '', 'pin')
    expect(await desk.orderState(order)).toBe('paid')
  })
})

describe('taking a callback, death', () => {
  test('after the answer, before it was applied: the next process applies it', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.simulator.act(prompt, 'pin')
    const taken = await claimWebhooks(desk.context.payDb, desk.clock.now(), 10)
    expect(taken).toHaveLength(1)
    await desk.drain()
    expect((await desk.charge(order)).state).toBe('pending')
    await lateEnough()
    expect(await desk.orderState(order)).toBe('paid')
    const [row] = await desk.database.db.select().from(webhookEvents).where(eq(webhookEvents.transactionId, order.transactionId))
    expect(row).toMatchObject({ state: 'processed', attempts: 2 })
  })

  test('after it was applied, before the query: the check that is due asks', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.simulator.act(prompt, 'pin')
    const [taken] = await claimWebhooks(desk.context.payDb, desk.clock.now(), 10)
    const { applyWebhook } = await import('../../src/workflows/checkout/apply-webhook.ts')
    if (taken !== undefined) await applyWebhook(desk.context, taken)
    await claimChecks(desk.context.payDb, desk.clock.now(), 10)
    await desk.drain()
    expect((await desk.charge(order)).state).toBe('processing')
    await lateEnough()
    expect(await desk.orderState(order)).toBe('paid')
  })

  // Seed 127185971 of the simulation: the commit stood, its answer was lost, and the worker put a message back that was done.
  test('an applied message whose commit had no answer stays applied', async () => {
    const order = await desk.order()
    const prompt = await desk.prompt(order)
    await desk.simulator.act(prompt, 'pin')
    const [taken] = await claimWebhooks(desk.context.payDb, desk.clock.now(), 10)
    if (taken === undefined) throw new Error('no callback came')
    const { applyWebhook } = await import('../../src/workflows/checkout/apply-webhook.ts')
    await applyWebhook(desk.context, taken)
    await putBackWebhook(desk.context.payDb, desk.clock.now(), taken, 'failed', new Error('connection closed'))
    const [row] = await desk.database.db.select().from(webhookEvents).where(eq(webhookEvents.id, taken.id))
    expect(row).toMatchObject({ state: 'processed', nextAttemptAt: null })
    await lateEnough()
    expect(await desk.orderState(order)).toBe('paid')
  })

  test('the callback never came at all: asking finds the money', async () => {
    const order = await desk.order()
    await desk.press(await desk.prompt(order), 'lose')
    await lateEnough()
    expect(await desk.orderState(order)).toBe('paid')
  })
})

test('death after a text was sent, before it was marked: it goes out again under the same id', async () => {
  const order = await desk.order()
  await desk.press(await desk.prompt(order), 'pin')
  const again = async () => {
    await desk.database.db
      .update(outbox)
      .set({ doneAt: null, lockedUntil: null })
      .where(eq(outbox.dedupeKey, `order.paid:${order.orderId}`))
    await desk.drain()
    return desk.context.sms.recent().filter((text) => text.to === order.phone)
  }
  // The text is marked sent, so the repeated work sends nothing.
  expect(await again()).toHaveLength(1)
  await desk.database.db.update(messages).set({ state: 'queued', sentAt: null }).where(eq(messages.orderId, order.orderId))
  const texts = await again()
  expect(texts).toHaveLength(2)
  expect(new Set(texts.map((text) => text.messageId)).size).toBe(1)
})

test('two processes at once share the work and do nothing twice', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, async () => await desk.order()))
  // A second outbox on the same tables, as another process would have.
  const { buildContext } = await import('../../src/context.ts')
  const { checkoutJobs } = await import('../../src/workflows/checkout/checkout.jobs.ts')
  const { messagesJobs } = await import('../../src/workflows/messages/messages.jobs.ts')
  const other = buildContext(
    desk.context.config,
    { databaseUrl: desk.database.url, redisUrl: 'redis://127.0.0.1:1' },
    { withoutCron: true, clock: desk.clock },
  )
  checkoutJobs(other.context)
  messagesJobs(other.context)
  await Promise.all([desk.drain(), other.context.outbox.drainOnce()])
  for (const order of all) expect(desk.simulator.prompts(order.phone)).toHaveLength(1)
  await Promise.all(all.map(async (order) => await desk.simulator.act(desk.simulator.prompts(order.phone)[0]?.id ?? '', 'pin')))
  await Promise.all([desk.drain(), other.context.outbox.drainOnce()])
  await desk.drain()
  for (const order of all) expect(await desk.orderState(order)).toBe('paid')
  await other.dispose()
})
