import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { PaymentFact } from '../../src/domain/payments/provider.port.ts'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { openPayDesk, type PayDesk, type UnpaidOrder } from '../support/pay-desk.ts'

let desk: PayDesk
beforeAll(async () => void (desk = await openPayDesk()))
afterAll(async () => {
  expect(await desk.checkLaws()).toEqual([])
  await desk.close()
})

type Told = 'accepted' | 'checked' | 'claimed' | 'confirmed' | 'cancelled' | 'no_answer' | 'failed_by_poll'

/** The same facts a provider tells, by callback and by query, about one prompt. */
function fact(order: UnpaidOrder, told: Told): PaymentFact {
  const checkout = `ws_CO_${order.transactionId}`
  const ids = { transactionId: order.transactionId, sessionRef: checkout, paymentRef: `m-${order.transactionId}` }
  const byPoll = { transactionId: order.transactionId, sessionRef: checkout, source: 'poll' } as const
  switch (told) {
    case 'accepted':
      return { ...ids, effect: 'accepted', effectRef: checkout, source: 'api', expiresAt: desk.clock.now() }
    case 'checked':
      return { ...byPoll, effect: 'checked', effectRef: 'check-1' }
    case 'claimed':
      return {
        ...ids,
        effect: 'success_claimed',
        effectRef: `${checkout}:R`,
        source: 'webhook',
        provenAmountMinor: order.totalMinor,
        provenCurrency: 'KES',
        receipt: `R${order.transactionId.slice(-12)}`,
      }
    case 'confirmed':
      return { ...byPoll, effect: 'captured', effectRef: checkout, provenAmountMinor: order.totalMinor, provenCurrency: 'KES' }
    case 'cancelled':
      return { ...ids, effect: 'cancelled', effectRef: checkout, source: 'webhook', reason: 'cancelled_by_customer' }
    case 'no_answer':
      return { ...ids, effect: 'expired', effectRef: checkout, source: 'webhook', reason: 'no_answer' }
    case 'failed_by_poll':
      return { ...byPoll, effect: 'expired', effectRef: checkout, reason: 'no_answer' }
    default:
      return told satisfies never
  }
}

/** What must not depend on the order in which news came. */
async function outcome(order: UnpaidOrder) {
  const charge = await desk.charge(order)
  const events = await desk.events(order.transactionId)
  return {
    order: await desk.orderState(order),
    state: charge.state,
    reason: charge.stateReason,
    captured: charge.capturedMinor,
    proven: charge.provenAmountMinor,
    hasIds: [charge.sessionRef !== null, charge.paymentRef !== null, charge.receipt !== null],
    events: events.map((event) => event.effect).sort(),
    refunds: (await desk.charges(order)).length - 1,
  }
}

// What really happened to the prompt, and all the news there can be of it.
const stories: Record<string, readonly Told[]> = {
  paid: ['accepted', 'checked', 'claimed', 'confirmed'],
  'paid after it had ended': ['accepted', 'no_answer', 'failed_by_poll', 'claimed', 'confirmed'],
  'paid, told by the query alone': ['accepted', 'checked', 'confirmed'],
  cancelled: ['accepted', 'checked', 'cancelled'],
  'never answered': ['accepted', 'no_answer', 'failed_by_poll'],
  'claimed and not yet confirmed': ['accepted', 'checked', 'claimed', 'cancelled'],
}

for (const [name, story] of Object.entries(stories)) {
  test(`in any order, and repeated at will, the news of a prompt end the same: ${name}`, async () => {
    const straight = await desk.order()
    for (const told of story) await settlePayment(desk.context, fact(straight, told))
    const expected = await outcome(straight)
    const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...story], { minLength: story.length }),
        fc.array(fc.constantFrom(...story), { maxLength: 5 }),
        fc.boolean(),
        async (shuffled, repeats, isAtOnce) => {
          const order = await desk.order()
          const news = [...shuffled, ...repeats].map((told) => fact(order, told))
          if (isAtOnce) await Promise.all(news.map(async (each) => await settlePayment(desk.context, each)))
          else for (const each of news) await settlePayment(desk.context, each)
          expect(await outcome(order)).toEqual(expected)
        },
      ),
      { numRuns: 15, seed, endOnFailure: true },
    )
    console.log(`  seed ${seed}`)
  })
}
