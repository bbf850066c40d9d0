import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { openPowerCutBench, type PowerCutBench, type Step } from '../support/power-cut.ts'

/**
 * Power cuts while money is settled: the shopper has entered the PIN, the provider has the money, and the shop dies at a numbered
 * step between the callback and the paid order. After the next start the order is paid, once.
 */
const settlementSteps: Step[] = [
  { name: '1 the callback is stored', table: 'webhook_events', on: 'insert' },
  { name: '2 the callback is taken up', table: 'webhook_events', on: 'update', when: "new.state <> 'processed'" },
  { name: '3 the capture is noted', table: 'transaction_events', on: 'insert', when: "new.effect = 'captured'" },
  { name: '4 the charge succeeds', table: 'transactions', on: 'update', when: "new.state = 'succeeded'" },
  { name: '5 the ledger is posted', table: 'ledger_entries', on: 'insert' },
  { name: '6 the goods leave the shelf', table: 'stock_moves', on: 'insert', when: "new.kind = 'sold'" },
  { name: '7 the holds end', table: 'stock_holds', on: 'update', when: "new.state = 'consumed'" },
  { name: '8 the order is paid', table: 'orders', on: 'update', when: "new.state = 'paid'" },
  { name: '9 its event is written', table: 'order_events', on: 'insert', when: "new.to_state = 'paid'" },
  { name: '10 the message is staged', table: 'outbox', on: 'insert', when: "new.topic = 'order.paid'" },
  { name: '11 the callback is marked done', table: 'webhook_events', on: 'update', when: "new.state = 'processed'" },
  { name: '12 the commit', table: 'ledger_entries', on: 'insert', atCommit: true },
]

let bench: PowerCutBench
beforeAll(async () => void (bench = await openPowerCutBench(settlementSteps)))
afterEach(() => bench.tidy())
afterAll(() => bench.close())

describe('the power fails while money is settled, when', () => {
  test.each(settlementSteps.map((step) => [step.name, step] as const))(
    '%s',
    async (_name, step) => {
      await bench.start()
      const who = await bench.shopper()
      expect((await who.checkout()).status).toBe(201)
      const [prompt] = await bench.prompts(who)
      const cut = await bench.pauseAt(step)
      const pressed = bench.press(prompt?.id ?? '', 'pin')
      await cut()
      await pressed
      await bench.start()
      // The callback that met a dead process may never come again; here it does, and may be the second or the third.
      await bench.press(prompt?.id ?? '', 'resend')
      await bench.expectPaidOnce(who)
    },
    60_000,
  )
})
