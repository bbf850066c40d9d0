import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { lockTransaction } from '../../src/domain/payments/lock-transaction.ts'
import type { DisputeReading, Effect } from '../../src/domain/payments/provider.port.ts'
import { requestRefund } from '../../src/domain/payments/request-refund.ts'
import { settleDispute } from '../../src/domain/payments/settle-dispute.ts'
import { type ProjectedEvent, type Projection, projectEvent } from '../../src/domain/payments/transaction.projection.ts'
import { transactionsOfOrder } from '../../src/domain/payments/transaction.queries.ts'
import { ledgerEntries, transactions } from '../../src/domain/payments/transaction.table.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { lockOrderOf } from '../../src/workflows/checkout/lock-order.ts'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

setDefaultTimeout(240_000)
const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

/** All the news there can be of one paid charge: two refunds of ours and a dispute at the bank. */
const all = [
  'r1 pending',
  'r1 sent',
  'r1 failed',
  'r2 pending',
  'r2 sent',
  'd1 open',
  'd1 lost',
  'd1 won',
  'd2 open',
  'd2 lost',
  'paid again',
] as const
type News = (typeof all)[number]

const stories: Record<string, readonly News[]> = {
  'two refunds': ['r1 pending', 'r1 sent', 'r2 pending', 'r2 sent', 'paid again'],
  'a refund that came back': ['r1 pending', 'r1 sent', 'r1 failed', 'r2 pending', 'r2 sent'],
  'a refund that never happened': ['r1 pending', 'r1 failed', 'r2 pending'],
  'a dispute that was won': ['d1 open', 'd1 won', 'r1 sent', 'paid again'],
  'a dispute that was lost': ['d1 open', 'd1 lost', 'r1 sent', 'r2 sent'],
  'everything at once': ['r1 pending', 'r1 sent', 'r1 failed', 'r2 sent', 'd1 open', 'd1 won', 'd2 open', 'd2 lost', 'paid again'],
  'an appeal': ['d1 open', 'd1 lost', 'd1 won', 'r2 sent'],
}

interface Paid {
  readonly order: UnpaidOrder
  readonly refunds: readonly [string, string]
}

const amounts = [70_000n, 33_300n] as const

async function paidOrder(): Promise<Paid> {
  const order = await desk.order()
  await settlePayment(desk.context, captured(order))
  const refunds = await desk.context.payDb.transaction(async (tx) => {
    await lockOrderOf(tx, order.transactionId)
    const ids: string[] = []
    for (const [index, amountMinor] of amounts.entries())
      ids.push(
        await requestRefund(tx, systemStamp('test', desk.context), await lockTransaction(tx, order.transactionId), {
          // M-Pesa moves whole shillings.
          amountMinor,
          reason: 'return',
          canRefund: true,
          key: `part-${index}`,
        }),
      )
    return ids
  })
  return { order, refunds: [refunds[0] ?? '', refunds[1] ?? ''] }
}

const captured = (order: UnpaidOrder) =>
  ({
    transactionId: order.transactionId,
    effect: 'captured',
    effectRef: `ws_CO_${order.transactionId}`,
    source: 'poll',
    provenAmountMinor: order.totalMinor,
    provenCurrency: 'KES',
  }) as const

async function tell({ order, refunds }: Paid, news: News): Promise<void> {
  const [about, what] = news.split(' ') as [string, string]
  if (about === 'paid') return void (await settlePayment(desk.context, captured(order)))
  if (about.startsWith('r')) {
    const effect = { pending: 'refund_pending', sent: 'refund_succeeded', failed: 'refund_failed' }[what] as Effect
    const id = refunds[about === 'r1' ? 0 : 1]
    return void (await settlePayment(desk.context, { transactionId: id, effect, effectRef: `${id}:${what}`, source: 'webhook' }))
  }
  const reading: DisputeReading = {
    kind: 'dispute',
    keys: { providerRefs: [] },
    disputeRef: `${about}-${order.transactionId}`,
    amountMinor: about === 'd1' ? 66_700n : order.totalMinor,
    currency: 'KES',
    status: what as 'open' | 'won' | 'lost',
    reason: 'fraudulent',
    dueAt: undefined,
    news: {
      effect: { open: 'dispute_opened', won: 'dispute_won', lost: 'dispute_lost' }[what] as Effect,
      effectRef: `${about}:${what}`,
      source: 'webhook',
    },
  }
  await desk.context.payDb.transaction(async (tx) => {
    await lockOrderOf(tx, order.transactionId)
    await settleDispute(tx, systemStamp('test', desk.context), await lockTransaction(tx, order.transactionId), reading, {
      source: 'webhook',
    })
  })
}

/** What must not depend on the order in which the news came: every row, every counter, every balance. */
async function outcome({ order }: Paid) {
  const rows = await desk.database.db.select().from(transactions).where(eq(transactions.orderId, order.orderId))
  const entries = await desk.database.db.select().from(ledgerEntries).where(eq(ledgerEntries.orderId, order.orderId))
  const balances: Record<string, bigint> = {}
  for (const { account, amountMinor } of entries) balances[account] = (balances[account] ?? 0n) + amountMinor
  return {
    order: await desk.orderState(order),
    rows: rows
      .map((row) => ({
        kind: row.kind,
        state: row.state,
        amount: row.amountMinor,
        captured: row.capturedMinor,
        refunded: row.refundedMinor,
        pending: row.refundPendingMinor,
        disputed: row.disputedMinor,
      }))
      .sort((a, b) => `${a.kind} ${a.amount}`.localeCompare(`${b.kind} ${b.amount}`)),
    shown: (await transactionsOfOrder(desk.database.db, order.orderId)).find((row) => row.kind === 'charge')?.state,
    balances: Object.fromEntries(Object.entries(balances).filter(([, amount]) => amount !== 0n)),
  }
}

describe('news of refunds and disputes, in any order and repeated at will, end in the same rows and the same books', () => {
  for (const [name, story] of Object.entries(stories)) {
    test(name, async () => {
      const straight = await paidOrder()
      for (const news of story) await tell(straight, news)
      const expected = await outcome(straight)
      let sequences = 0
      await fc.assert(
        fc.asyncProperty(
          fc.shuffledSubarray([...story], { minLength: story.length }),
          fc.array(fc.constantFrom(...story), { maxLength: 4 }),
          async (shuffled, repeats) => {
            const paid = await paidOrder()
            for (const news of [...shuffled, ...repeats]) await tell(paid, news)
            expect(await outcome(paid)).toEqual(expected)
            sequences += 1
          },
        ),
        { numRuns: 10, seed, endOnFailure: true },
      )
      console.log(`  ${sequences} sequences, seed ${seed}`)
    })
  }
})

describe('the pure rule, on thousands of sequences', () => {
  const effects = [
    'accepted',
    'checked',
    'success_claimed',
    'captured',
    'cancelled',
    'expired',
    'failed',
    'action_required',
    'processing',
  ] as const
  const event = (effect: Effect, change: Partial<ProjectedEvent> = {}): ProjectedEvent => ({
    effect,
    source: 'webhook',
    amountMinor: 100n,
    reason: undefined,
    isDuplicate: false,
    refundFrom: undefined,
    disputeFrom: undefined,
    ...change,
  })
  const fresh = (kind: string): Projection => ({
    kind,
    amountMinor: 100n,
    state: kind === 'dispute' ? 'open' : 'created',
    stateReason: null,
    capturedMinor: 0n,
    refundedMinor: 0n,
    refundPendingMinor: 0n,
    disputedMinor: 0n,
  })
  const run = (kind: string, news: readonly Effect[]): Projection =>
    news.reduce((before, effect) => projectEvent(before, event(effect)), fresh(kind))

  test('a charge that was paid is paid, whatever else was said before or after', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...effects), { maxLength: 12 }), fc.nat(12), (noise, at) => {
        const news: Effect[] = [...noise.slice(0, at), 'captured', ...noise.slice(at)]
        expect(run('charge', news)).toMatchObject({ state: 'succeeded', capturedMinor: 100n })
      }),
      { numRuns: 1_500, seed },
    )
  })

  test('a refund ends by its last word and a dispute by its decision', () => {
    const refund = fc.array(fc.constantFrom('refund_pending', 'refund_succeeded', 'refund_manual' as const), { maxLength: 8 })
    fc.assert(
      fc.property(refund, fc.nat(8), (noise, at) => {
        expect(run('refund', [...noise.slice(0, at), 'refund_failed', ...noise.slice(at)] as Effect[]).state).toBe('failed')
        expect(run('refund', [...noise.slice(0, at), 'refund_succeeded', ...noise.slice(at)] as Effect[]).state).toBe('succeeded')
      }),
      { numRuns: 750, seed },
    )
    fc.assert(
      fc.property(fc.array(fc.constantFrom('dispute_opened', 'dispute_lost' as const), { maxLength: 8 }), fc.nat(8), (noise, at) => {
        expect(run('dispute', [...noise.slice(0, at), 'dispute_won', ...noise.slice(at)] as Effect[]).state).toBe('won')
      }),
      { numRuns: 750, seed },
    )
  })
})

test('a hundred refunds asked for at once never exceed the charge', async () => {
  const order = await desk.order()
  await settlePayment(desk.context, captured(order))
  const ask = async (index: number) =>
    await desk.context.payDb.transaction(async (tx) => {
      await lockOrderOf(tx, order.transactionId)
      return await requestRefund(tx, systemStamp('test', desk.context), await lockTransaction(tx, order.transactionId), {
        amountMinor: 30_000n,
        reason: 'return',
        canRefund: true,
        key: `at-once-${index}`,
      })
    })
  const answers = await Promise.allSettled(Array.from({ length: 100 }, async (_, index) => await ask(index)))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'refund_exceeds' })
  expect(await desk.charge(order)).toMatchObject({ refundPendingMinor: 150_000n })
})

test('what a dispute holds cannot be promised to anybody else', async () => {
  const paid = await paidOrder()
  await tell(paid, 'd1 open')
  expect((await outcome(paid)).shown).toBe('disputed')
  const ask = desk.context.payDb.transaction(
    async (tx) =>
      await requestRefund(tx, systemStamp('test', desk.context), await lockTransaction(tx, paid.order.transactionId), {
        amountMinor: 100n,
        reason: 'return',
        canRefund: true,
        key: 'too-much',
      }),
  )
  expect(await ask.catch((error: unknown) => error)).toMatchObject({ code: 'refund_exceeds' })
})
