import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { chargeStates, disputeStates, payoutStates, refundStates } from '../../src/domain/payments/transaction.states.ts'
import { projectEvent, type ProjectedEvent, type Projection } from '../../src/domain/payments/transaction.projection.ts'
import type { Effect } from '../../src/domain/payments/provider.port.ts'
import { ledgerEntries, transactionEvents, transactions } from '../../src/domain/payments/transaction.table.ts'
import { findProjectionDifferences } from '../../src/domain/payments/rebuild-projection.ts'
import type { States } from '../../src/lib/states.ts'
import { openPayDesk, type PayDesk } from '../support/pay-desk.ts'

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterAll(async () => await desk.close())

const machines: Record<string, States<string>> = {
  charge: chargeStates,
  refund: refundStates,
  dispute: disputeStates,
  payout: payoutStates,
}
const effects = [
  'created',
  'start_attempted',
  'accepted',
  'accept_unknown',
  'rejected',
  'checked',
  'action_required',
  'processing',
  'success_claimed',
  'captured',
  'attempt_failed',
  'failed',
  'cancelled',
  'expired',
  'integrity_failed',
  'contradiction',
  'refund_requested',
  'refund_confirmed',
  'refund_pending',
  'refund_manual',
  'refund_succeeded',
  'refund_failed',
  'inquiry_opened',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'parked',
  'cash_handed_in',
  'goods_returned',
] as const satisfies readonly Effect[]

describe('states', () => {
  for (const [name, machine] of Object.entries(machines)) {
    test(`the database allows a ${name} exactly the moves the code does`, async () => {
      const rows = await desk.database.db.execute<{ move: string }>(
        sql`select from_state || ' ' || to_state as move from state_transitions where machine = ${name}`,
      )
      const moves = machine.all.flatMap((from) => (machine.moves[from] ?? []).map((to) => `${from} ${to}`))
      expect(rows.map((row) => row.move).sort()).toEqual(moves.sort())
    })
  }

  test('no effect in any state leads to a move that is not allowed, and none takes money away', () => {
    for (const state of chargeStates.all) {
      for (const effect of effects) {
        for (const source of ['webhook', 'poll', 'staff'] as const) {
          for (const stateReason of [null, 'success_claimed', 'amount_differs', 'contradiction']) {
            const held = state === 'succeeded' || state === 'duplicate' ? 100n : 0n
            const before: Projection = {
              kind: 'charge',
              amountMinor: 100n,
              state,
              stateReason,
              capturedMinor: held,
              refundedMinor: 0n,
              refundPendingMinor: 0n,
              disputedMinor: 0n,
            }
            const event: ProjectedEvent = {
              effect,
              source,
              amountMinor: 0n,
              reason: undefined,
              isDuplicate: false,
              refundFrom: undefined,
              disputeFrom: undefined,
            }
            const after = projectEvent(before, event)
            expect(after.state === state || chargeStates.can(state, after.state as typeof state)).toBe(true)
            expect(after.capturedMinor >= before.capturedMinor).toBe(true)
            expect(after.capturedMinor > 0n === (after.state === 'succeeded' || after.state === 'duplicate')).toBe(true)
          }
        }
      }
    }
  })
})

describe('what the database refuses, whatever the code does', () => {
  const charge = async () => await desk.order()
  const refused = async (work: Promise<unknown>, what: RegExp) => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(String((error as { cause?: unknown } | undefined)?.cause ?? error)).toMatch(what)
  }
  const db = () => desk.database.db

  test('a success without the provider’s own amount', async () => {
    const order = await charge()
    const set = { state: 'succeeded', succeededAt: new Date(), capturedMinor: 170_000n }
    await refused(desk.database.db.update(transactions).set(set).where(eq(transactions.id, order.transactionId)), /transactions_proven/)
    await refused(
      desk.database.db
        .update(transactions)
        .set({ ...set, provenAmountMinor: 169_900n, provenCurrency: 'KES' })
        .where(eq(transactions.id, order.transactionId)),
      /transactions_proven/,
    )
    await refused(
      desk.database.db
        .update(transactions)
        .set({ ...set, provenAmountMinor: 170_000n, provenCurrency: 'USD' })
        .where(eq(transactions.id, order.transactionId)),
      /transactions_proven/,
    )
  })

  test('a second paying charge for one order, and a second open one', async () => {
    const order = await charge()
    await desk.press(await desk.prompt(order), 'pin')
    const [paid] = await desk.charges(order)
    if (paid === undefined) throw new Error('no charge')
    const twin = {
      ...paid,
      id: desk.context.ids.next(),
      reference: 'twin',
      callbackTokenHash: null,
      sessionRef: null,
      paymentRef: null,
      receipt: null,
    }
    await refused(desk.database.db.insert(transactions).values(twin), /transactions_one_settling_charge/)
    const open = await charge()
    const [row] = await desk.charges(open)
    if (row === undefined) throw new Error('no charge')
    await refused(
      desk.database.db.insert(transactions).values({ ...row, id: desk.context.ids.next(), reference: 'twin', callbackTokenHash: null }),
      /transactions_one_open_charge/,
    )
  })

  test('an illegal move, a changed amount, a removed row', async () => {
    const order = await charge()
    await desk.press(await desk.prompt(order), 'pin')
    await refused(
      desk.database.db.update(transactions).set({ state: 'failed' }).where(eq(transactions.id, order.transactionId)),
      /may not move/,
    )
    await refused(
      desk.database.db.update(transactions).set({ amountMinor: 100n }).where(eq(transactions.id, order.transactionId)),
      /never changes/,
    )
    await refused(desk.database.db.delete(transactions), /append-only/)
  })

  test('a rewritten event or posting, and a posting that does not sum to zero', async () => {
    const order = await charge()
    await desk.press(await desk.prompt(order), 'pin')
    await refused(desk.database.db.update(transactionEvents).set({ toState: 'failed' }), /append-only/)
    await refused(desk.database.db.delete(ledgerEntries), /append-only/)
    const [event] = await desk.events(order.transactionId)
    const line = {
      id: desk.context.ids.next(),
      eventId: event?.id ?? '',
      transactionId: order.transactionId,
      line: 1,
      account: 'bank',
      amountMinor: 1n,
      currency: 'KES',
    }
    await refused(desk.database.db.insert(ledgerEntries).values(line), /does not sum to zero/)
  })

  test('counters beyond what was captured, half shillings, a receipt twice', async () => {
    const order = await charge()
    const id = eq(transactions.id, order.transactionId)
    await refused(db().update(transactions).set({ refundPendingMinor: 1n }).where(id), /transactions_counters/)
    const [row] = await desk.charges(order)
    if (row === undefined) throw new Error('no charge')
    const other = { ...row, id: desk.context.ids.next(), reference: 'half', callbackTokenHash: null, state: 'failed' }
    await refused(
      db()
        .insert(transactions)
        .values({ ...other, amountMinor: 150n, providerAmountMinor: 150n }),
      /transactions_mpesa_shillings/,
    )
    await db().update(transactions).set({ receipt: 'UBONCEONLY' }).where(id)
    await refused(
      db()
        .insert(transactions)
        .values({ ...other, receipt: 'UBONCEONLY' }),
      /transactions_receipt/,
    )
  })
})

test('a counter changed by hand is found by comparing the row with its events', async () => {
  const order = await desk.order()
  await desk.press(await desk.prompt(order), 'pin')
  expect(await findProjectionDifferences(desk.database.db)).toEqual([])
  await desk.database.db.update(transactions).set({ refundedMinor: 100n }).where(eq(transactions.id, order.transactionId))
  expect(await findProjectionDifferences(desk.database.db)).toEqual([
    { transactionId: order.transactionId, column: 'refundedMinor', stored: '100', rebuilt: '0' },
  ])
})

test('the ledger says whose money it is', async () => {
  const fresh = await openPayDesk()
  const order = await fresh.order()
  await fresh.press(await fresh.prompt(order), 'pin')
  expect(await fresh.ledger()).toEqual({
    provider_clearing: 170_000n,
    order_receivable: 0n,
    vendor_payable: -147_000n,
    commission_income: -2_586n,
    commission_vat: -414n,
    delivery_income: -17_241n,
    vat_payable: -2_759n,
  })
  await fresh.close()
})
