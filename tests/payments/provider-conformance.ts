import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { lockTransaction } from '../../src/domain/payments/lock-transaction.ts'
import type { PaymentMethod } from '../../src/domain/payments/payment.methods.ts'
import { requestRefund } from '../../src/domain/payments/request-refund.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { seconds } from '../../src/lib/time.ts'
import type { Environment } from '../../src/platform/config.ts'
import { askProvider } from '../../src/workflows/checkout/ask-provider.ts'
import { lockOrderOf } from '../../src/workflows/checkout/lock-order.ts'
import { startRefund } from '../../src/workflows/checkout/start-refund.ts'
import { openPayDesk, type PayDesk, shelf, type UnpaidOrder } from '../support/pay-desk.ts'

/** A message as it would arrive: anything about it may be wrong. */
export interface Message {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** What goes wrong with the next calls of a kind. The `lost` kind has its effect first. */
export type CallTrouble = 'lost' | 'error500' | 'html'

/** The provider's side of a test: its simulator in the hands of the shopper, the provider and a forger. */
export interface ProviderHand {
  /** Ids of everything the provider has begun for a charge: sessions, prompts, orders. One, whatever was lost on the way. */
  begun(order: UnpaidOrder): readonly string[]
  /** The shopper pays, on the phone or on the page; the messages about it travel as they are told to. */
  pay(order: UnpaidOrder): Promise<void>
  /** The payment fails for good, where the provider knows such a thing. */
  fail?(order: UnpaidOrder): Promise<void>
  cancel?(order: UnpaidOrder): Promise<void>
  /** Brings news that the shopper's time is up. */
  expire?(order: UnpaidOrder): Promise<void>
  /** The money comes all the same. */
  payLate?(order: UnpaidOrder): Promise<void>
  payWrongAmount?(order: UnpaidOrder): Promise<void>
  payWrongCurrency?(order: UnpaidOrder): Promise<void>
  /** How messages travel from now on: lost for ever, or held until they are released. */
  travel(mode: 'normal' | 'lost' | 'held'): void
  release(order: 'forward' | 'reverse'): Promise<void>
  /** Every message so far again, `times` over; answers the statuses. */
  resend(order: UnpaidOrder, times: number): Promise<number[]>
  /** A rightly signed success of somebody else's payment. */
  foreign?(): Message
  /** Messages that would pay this order if they were believed, each wrong in one way. */
  forgeries?(order: UnpaidOrder): Promise<readonly (Message & { readonly how: string })[]>
  /** Lets the next `times` calls of a kind go wrong. */
  trouble(call: 'start' | 'ask' | 'refund', kind: CallTrouble, times: number): void
  slow(ms: number): void
  /** How much has been sent back for a charge, refund by refund, in the provider's currency. */
  refunds?(order: UnpaidOrder): Promise<readonly bigint[]>
  /** The next refunds end badly. */
  refundsFail?(): void
  /** Brings refunds that take their time to their end. */
  finishRefunds?(): Promise<void>
  /** Until the messages that go out beside an answer have arrived. */
  told(): Promise<void>
  reset(): void
}

/** Every case of the suite. */
export type CaseName = (typeof cases)[number]
const cases = [
  'pays',
  'fails',
  'cancels',
  'duplicates',
  'reordered',
  'late_success',
  'wrong_amount',
  'wrong_currency',
  'foreign_reference',
  'forged',
  'start_lost',
  'start_error500',
  'start_html',
  'start_down',
  'ask_trouble',
  'slow',
  'webhook_and_poll',
  'refund_full',
  'refund_parts',
  'refund_twice',
  'refund_lost',
  'refund_fails',
  'refund_exceeds',
] as const

/** A provider with its simulator, and the cases it cannot have, each with the reason. */
export interface ProviderFixture {
  readonly name: string
  readonly method: PaymentMethod
  readonly webhookPath: string | undefined
  readonly environment?: Environment
  readonly cannot: Partial<Record<CaseName, string>>
  hand(desk: PayDesk): ProviderHand
}

/** The one suite every provider passes, over real HTTP against its simulator. */
export function provideConformance(fixture: ProviderFixture): void {
  describe(`${fixture.name} keeps the contract of a provider`, () => {
    let desk: PayDesk
    let hand: ProviderHand
    beforeAll(async () => {
      desk = await openPayDesk(fixture.environment === undefined ? {} : { environment: fixture.environment })
      hand = fixture.hand(desk)
    })
    afterEach(() => void hand.reset())
    afterAll(async () => {
      expect(await desk.checkLaws()).toEqual([])
      expect(Object.values(await desk.ledger()).reduce((sum, balance) => sum + balance, 0n)).toBe(0n)
      await desk.close()
    })

    const settle = async (): Promise<void> => {
      do await hand.told()
      while ((await desk.drain()) > 0)
    }
    const wait = async (totalS: number, stepS: number): Promise<void> => {
      for (let passed = 0; passed < totalS; passed += stepS) {
        desk.clock.advance(seconds(stepS))
        await settle()
      }
    }
    const begin = async (wish: { quantity?: number } = {}): Promise<UnpaidOrder> => {
      const order = await desk.order({ method: fixture.method, stock: 5, ...wish })
      await settle()
      return order
    }
    const sell = async (): Promise<UnpaidOrder> => {
      const order = await begin()
      await hand.pay(order)
      await settle()
      expect(await standing(order)).toEqual(paid(order))
      return order
    }
    const standing = async (order: UnpaidOrder) => {
      const charge = await desk.charge(order)
      return {
        state: charge.state,
        captured: charge.capturedMinor,
        order: await desk.orderState(order),
        effects: await count(order, 'captured'),
      }
    }
    const paid = (order: UnpaidOrder) => ({ state: 'succeeded', captured: order.totalMinor, order: 'paid', effects: 1 })
    const unpaid = (state: string) => ({ state, captured: 0n, order: 'awaiting_payment', effects: 0 })
    const count = async (order: UnpaidOrder, effect: string): Promise<number> =>
      (await desk.events(order.transactionId)).filter((event) => event.effect === effect).length
    const send = async (message: Message): Promise<Response> =>
      await fetch(`${desk.origin}${fixture.webhookPath}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...message.headers },
        body: message.body,
      })

    /** A case runs, or says why this provider cannot have it; one that could run is not excused. */
    const oneCase = (name: CaseName, what: string, run: () => Promise<void>): void => {
      const reason = fixture.cannot[name]
      if (reason === undefined) test(what, run)
      else test(`(not ${fixture.name}: ${reason}) ${what}`, () => expect(reason.length).toBeGreaterThan(10))
    }

    oneCase('pays', 'a payment pays the order once, hands over the goods and begins once at the provider', async () => {
      const order = await begin({ quantity: 2 })
      expect(await standing(order)).toEqual(unpaid('pending'))
      expect(hand.begun(order)).toHaveLength(1)
      await hand.pay(order)
      await settle()
      expect(await standing(order)).toEqual(paid(order))
      expect(await shelf(desk, order.variantId)).toEqual({ onHand: 3, reserved: 0 })
    })

    oneCase('fails', 'a failure leaves the order unpaid and open for another try', async () => {
      const order = await begin()
      await hand.fail?.(order)
      await settle()
      expect(await standing(order)).toEqual(unpaid('failed'))
      const again = await desk.again(order, fixture.method)
      await settle()
      await hand.pay(again)
      await settle()
      expect(await standing(again)).toEqual(paid(again))
    })

    oneCase('cancels', 'a cancelled payment leaves the order unpaid', async () => {
      const order = await begin()
      await hand.cancel?.(order)
      await settle()
      expect(await standing(order)).toEqual(unpaid('cancelled'))
    })

    oneCase('duplicates', 'a hundred copies of every message are answered alike and change nothing', async () => {
      const order = await sell()
      const [events, inbox] = [await desk.events(order.transactionId), await desk.inbox()]
      const statuses = await hand.resend(order, 100)
      expect(new Set(statuses)).toEqual(new Set([200]))
      expect(statuses.length).toBeGreaterThanOrEqual(100)
      await settle()
      expect(await desk.events(order.transactionId)).toEqual(events)
      expect(await desk.inbox()).toHaveLength(inbox.length)
    })

    oneCase('reordered', 'messages in the reverse order come to the same', async () => {
      const order = await begin()
      hand.travel('held')
      await hand.pay(order)
      expect(await standing(order)).toEqual(unpaid('pending'))
      await hand.release('reverse')
      await settle()
      expect(await standing(order)).toEqual(paid(order))
    })

    oneCase('late_success', 'money that comes after the time was up still pays', async () => {
      const order = await begin()
      await hand.expire?.(order)
      await settle()
      expect(await standing(order)).toEqual(unpaid('expired'))
      await hand.payLate?.(order)
      await wait(900, 60)
      expect(await standing(order)).toEqual(paid(order))
    })

    for (const [name, what, reason] of [
      ['wrong_amount', 'another amount', 'amount_differs'],
      ['wrong_currency', 'another currency', 'currency_differs'],
    ] as const) {
      oneCase(name, `${what} is looked at by a person and never pays`, async () => {
        const order = await begin()
        await (name === 'wrong_amount' ? hand.payWrongAmount?.(order) : hand.payWrongCurrency?.(order))
        await settle()
        const inDoubt = { state: 'review', captured: 0n, order: 'awaiting_payment' }
        expect(await standing(order)).toMatchObject(inDoubt)
        await wait(1_200, 300)
        // A question that carries no amount may say paid again; that lifts no doubt about the amount.
        expect(await standing(order)).toMatchObject(inDoubt)
        expect((await desk.charge(order)).stateReason).toBe(reason)
      })
    }

    oneCase('foreign_reference', 'a signed message about somebody else’s payment is kept, parked and pays nothing', async () => {
      const order = await begin()
      const before = (await desk.inbox()).length
      const message = hand.foreign?.()
      if (message === undefined) throw new Error('the fixture has no foreign message')
      expect((await send(message)).status).toBe(200)
      await settle()
      expect((await desk.inbox()).slice(before).map(({ state }) => state)).toEqual(['unmatched'])
      expect(await standing(order)).toEqual(unpaid('pending'))
    })

    oneCase('forged', 'what is altered, stale or signed with another key or none is refused, without effect and without echo', async () => {
      const order = await begin()
      const before = (await desk.inbox()).length
      const forgeries = (await hand.forgeries?.(order)) ?? []
      expect(forgeries.length).toBeGreaterThanOrEqual(4)
      for (const { how, ...message } of forgeries) {
        const answer = await send(message)
        const text = await answer.text()
        expect({ how, status: answer.status }).toEqual({ how, status: 401 })
        expect(text).not.toContain(order.transactionId)
        expect(text).not.toContain(hand.begun(order)[0] ?? 'nothing')
      }
      await settle()
      expect(await desk.inbox()).toHaveLength(before)
      expect(await standing(order)).toEqual(unpaid('pending'))
    })

    oneCase('start_lost', 'a lost answer to the start begins nothing twice, and the order can be paid', async () => {
      hand.trouble('start', 'lost', 1)
      const order = await begin()
      await wait(60, 10)
      expect(hand.begun(order)).toHaveLength(1)
      await payOneWayOrTheOther(order)
    })

    for (const [name, kind] of [
      ['start_error500', 'error500'],
      ['start_html', 'html'],
    ] as const) {
      oneCase(name, `a provider that answers the start with ${kind} is overcome, or said to be down`, async () => {
        hand.trouble('start', kind, 1)
        const order = await begin()
        await wait(60, 10)
        expect(hand.begun(order).length).toBeLessThanOrEqual(1)
        await payOneWayOrTheOther(order)
      })
    }

    oneCase('start_down', 'a provider that stays down ends the try without money, and the order stays open for another', async () => {
      hand.trouble('start', 'html', 1_000)
      const order = await begin()
      await wait(600, 30)
      const { state } = await standing(order)
      expect(['failed', 'expired']).toContain(state)
      expect(await desk.orderState(order)).toBe('awaiting_payment')
      hand.reset()
      const again = await desk.again(order, fixture.method)
      await settle()
      await hand.pay(again)
      await settle()
      expect(await standing(again)).toEqual(paid(again))
    })

    /** By the same charge when it is open, by a new one when the provider refused. */
    async function payOneWayOrTheOther(order: UnpaidOrder): Promise<void> {
      const { state } = await desk.charge(order)
      expect(['pending', 'failed']).toContain(state)
      const open = state === 'failed' ? await desk.again(order, fixture.method) : order
      await settle()
      await hand.pay(open)
      await settle()
      expect(await standing(open)).toEqual(paid(open))
    }

    oneCase('ask_trouble', 'a lost message is found by asking, however badly the first questions are answered', async () => {
      const order = await begin()
      hand.travel('lost')
      await hand.pay(order)
      hand.trouble('ask', 'error500', 1)
      await wait(60, 20)
      hand.trouble('ask', 'html', 1)
      await wait(2_400, 60)
      expect(await standing(order)).toEqual(paid(order))
    })

    oneCase('slow', 'a slow provider is waited for', async () => {
      hand.slow(80)
      await sell()
    })

    oneCase('webhook_and_poll', 'the same news by message and by question at once is one effect', async () => {
      const order = await begin()
      hand.travel('held')
      await hand.pay(order)
      const ask = async (): Promise<unknown> => await askProvider(desk.context, order.transactionId)
      await Promise.all([hand.release('forward').then(() => desk.drain()), ask(), ask(), desk.drain()])
      await settle()
      expect(await standing(order)).toEqual(paid(order))
    })

    const refund = async (order: UnpaidOrder, amountMinor: bigint, key: string): Promise<string> =>
      await desk.context.payDb.transaction(async (tx) => {
        await lockOrderOf(tx, order.transactionId)
        const charge = await lockTransaction(tx, order.transactionId)
        return await requestRefund(tx, systemStamp('test', desk.context), charge, { amountMinor, reason: 'return', canRefund: true, key })
      })
    const returned = async (order: UnpaidOrder) => {
      const { refundedMinor, refundPendingMinor } = await desk.charge(order)
      return { refunded: refundedMinor, pending: refundPendingMinor }
    }
    const goBack = async (id: string): Promise<void> => {
      await startRefund(desk.context, id)
      await settle()
      await hand.finishRefunds?.()
      await settle()
    }

    oneCase('refund_full', 'a whole refund reaches the shopper once, however often it is told', async () => {
      const order = await sell()
      const id = await refund(order, order.totalMinor, 'full')
      expect(await returned(order)).toEqual({ refunded: 0n, pending: order.totalMinor })
      await goBack(id)
      expect((await desk.charge(id)).state).toBe('succeeded')
      expect(await returned(order)).toEqual({ refunded: order.totalMinor, pending: 0n })
      await hand.resend(order, 20)
      await settle()
      expect(await returned(order)).toEqual({ refunded: order.totalMinor, pending: 0n })
      expect(await hand.refunds?.(order)).toEqual([(await desk.charge(order)).providerAmountMinor])
    })

    oneCase('refund_parts', 'parts add up to the whole and not a cent more', async () => {
      const order = await sell()
      const third = order.totalMinor / 3n
      for (const [key, amount] of [
        ['one', third],
        ['two', third],
        ['rest', order.totalMinor - 2n * third],
      ] as const)
        await goBack(await refund(order, amount, key))
      expect(await returned(order)).toEqual({ refunded: order.totalMinor, pending: 0n })
      const parts = (await hand.refunds?.(order)) ?? []
      expect(parts).toHaveLength(3)
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe((await desk.charge(order)).providerAmountMinor)
    })

    oneCase('refund_twice', 'one wish for a refund sends money once, by however many hands', async () => {
      const order = await sell()
      const id = await refund(order, 50_000n, 'same')
      expect(await refund(order, 50_000n, 'same')).toBe(id)
      await Promise.all([startRefund(desk.context, id), startRefund(desk.context, id)])
      await goBack(id)
      expect(await hand.refunds?.(order)).toHaveLength(1)
      expect(await returned(order)).toEqual({ refunded: 50_000n, pending: 0n })
    })

    oneCase('refund_lost', 'a refund whose answer is lost is found or sent again, and reaches the shopper once', async () => {
      const order = await sell()
      hand.travel('lost')
      hand.trouble('refund', 'lost', 1)
      const id = await refund(order, 60_000n, 'lost')
      await goBack(id)
      await wait(3_600, 120)
      await hand.finishRefunds?.()
      await wait(14_400, 1_200)
      expect((await desk.charge(id)).state).toBe('succeeded')
      expect(await hand.refunds?.(order)).toHaveLength(1)
      expect(await returned(order)).toEqual({ refunded: 60_000n, pending: 0n })
    })

    oneCase('refund_fails', 'a refund that fails is owed again and shows', async () => {
      const order = await sell()
      hand.refundsFail?.()
      const id = await refund(order, order.totalMinor, 'fails')
      await goBack(id)
      await wait(300, 60)
      expect((await desk.charge(id)).state).toBe('failed')
      expect(await returned(order)).toEqual({ refunded: 0n, pending: 0n })
    })

    oneCase('refund_exceeds', 'more than came in is never sent back', async () => {
      const order = await sell()
      expect(await refund(order, order.totalMinor + 100n, 'more').catch((error: unknown) => error)).toMatchObject({
        code: 'refund_exceeds',
      })
      await refund(order, order.totalMinor, 'all')
      expect(await refund(order, 100n, 'again').catch((error: unknown) => error)).toMatchObject({ code: 'refund_exceeds' })
      expect((await hand.refunds?.(order)) ?? []).toEqual([])
    })
  })
}
