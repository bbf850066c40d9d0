import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { openPowerCutBench, type PowerCutBench, type Step } from '../support/power-cut.ts'

/**
 * Power cuts during a checkout. The real shop runs in a process of its own; a trigger stops its transaction at a numbered step, the
 * process is killed there with SIGKILL, another one is started, and the shopper's phone tries again. Whatever the step: one order,
 * one prompt, one payment, no stock lost, every invariant holds.
 */
const checkoutSteps: Step[] = [
  { name: '1 the key is claimed', table: 'idempotency_keys', on: 'insert' },
  { name: '2 the order is written', table: 'orders', on: 'insert' },
  { name: '3 its lines are written', table: 'order_lines', on: 'insert' },
  { name: '4 its first event is written', table: 'order_events', on: 'insert' },
  { name: '5 the bag is closed', table: 'carts', on: 'update', when: "new.status = 'ordered'" },
  { name: '6 the charge is written', table: 'transactions', on: 'insert' },
  { name: '7 its event is written', table: 'transaction_events', on: 'insert', when: "new.effect = 'created'" },
  { name: '8 the provider call is staged', table: 'outbox', on: 'insert', when: "new.topic like 'payment.start.%'" },
  { name: '9 the goods are held', table: 'stock_holds', on: 'insert' },
  { name: '10 the answer is kept', table: 'idempotency_keys', on: 'update' },
  { name: '11 the commit', table: 'stock_holds', on: 'insert', atCommit: true },
  {
    name: '12 the staged call is taken up',
    table: 'outbox',
    on: 'update',
    when: "new.topic like 'payment.start.%' and new.done_at is null",
  },
  { name: '13 the attempt is noted before the call', table: 'transaction_events', on: 'insert', when: "new.effect = 'start_attempted'" },
  { name: '14 the provider’s answer is noted', table: 'transaction_events', on: 'insert', when: "new.effect = 'accepted'" },
  {
    name: '15 the staged call is marked done',
    table: 'outbox',
    on: 'update',
    when: "new.topic like 'payment.start.%' and new.done_at is not null",
  },
]

let bench: PowerCutBench
beforeAll(async () => void (bench = await openPowerCutBench(checkoutSteps)))
afterEach(() => bench.tidy())
afterAll(() => bench.close())

describe('the power fails during a checkout, when', () => {
  test.each(checkoutSteps.map((step) => [step.name, step] as const))(
    '%s',
    async (_name, step) => {
      await bench.start()
      const who = await bench.shopper()
      const cut = await bench.pauseAt(step)
      // The reply may be lost with the process; the phone asks again.
      const first = who.checkout().catch(() => undefined)
      await cut()
      await first
      await bench.start()
      expect((await who.checkout()).status).toBe(201)
      expect((await bench.orderOf(who)).state).toBe('awaiting_payment')
      expect(await bench.reserved(who)).toBe(2)
      const prompts = await bench.prompts(who)
      // A push has no idempotency key at the provider: a lost answer must never become a second prompt.
      expect(prompts).toHaveLength(1)
      await bench.press(prompts[0]?.id ?? '', 'pin')
      await bench.expectPaidOnce(who)
    },
    60_000,
  )
})
