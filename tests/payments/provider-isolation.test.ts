import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Knobs } from '../../src/domain/payments/simulators/mpesa.knobs.ts'
import { type MpesaSimulator, simulatorOf } from '../../src/domain/payments/simulators/mpesa.simulator.ts'
import { type StripeSimulator, stripeSimulatorOf } from '../../src/domain/payments/simulators/stripe.simulator.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { buy, guest } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { until } from '../support/shop-process.ts'

let shop: TestShop
let mpesa: MpesaSimulator
let stripe: StripeSimulator
beforeAll(async () => {
  shop = await openShop()
  const [phones, cards] = [simulatorOf(shop.context), stripeSimulatorOf(shop.context)]
  if (phones === undefined || cards === undefined) throw new Error('the sandbox is on in tests')
  mpesa = phones
  stripe = cards
  shop.context.outbox.start()
})
afterEach(() => mpesa.reset())
afterAll(async () => {
  await shop.settle()
  expect(await checkInvariants(shop.database.db)).toEqual([])
  await shop.close()
})

let serial = 0

/** Places an order and answers its charge. */
async function order(method: 'mpesa' | 'card'): Promise<string> {
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  const phone = `07${String(31_000_117 + ++serial * 1_000)}`
  const answer = await buy(guest(shop), variantId, { body: { contact: { name: 'Amina Wanjiru', phone }, payment: { method } } })
  expect(answer.status).toBe(201)
  return ((await answer.json()) as { payment: { transactionId: string } }).payment.transactionId
}

const statesOf = async (ids: readonly string[]): Promise<string[]> => {
  const rows = await shop.database.sql<{ state: string }[]>`select state from transactions where id = any(${[...ids]}::uuid[])`
  return rows.map(({ state }) => state)
}
const all = (ids: readonly string[], state: string) => async (): Promise<boolean> => (await statesOf(ids)).every((each) => each === state)

// More starts than one topic may have in hand, so that a slow provider would hold up everybody if it could.
const waiting = 12

test.each<[string, Partial<Knobs>]>([
  ['slow', { answerDelayMs: 4_000 }],
  ['hanging', { pushFault: 'lost_hang', hangMs: 1_500 }],
  ['answering nonsense', { pushFault: 'lost_html' }],
])(
  'while M-Pesa is %s, cards are paid, the catalogue is read, nothing fails, and afterwards all is settled',
  async (_, knobs) => {
    mpesa.turn(knobs)
    const byPhone: string[] = []
    for (let count = 0; count < waiting; count++) byPhone.push(await order('mpesa'))
    const byCard = [await order('card'), await order('card'), await order('card')]
    await until(all(byCard, 'pending'), 'the card pages to be open')
    for (const session of stripe.sessions().filter(({ clientReferenceId }) => byCard.includes(clientReferenceId ?? '')))
      await stripe.pay(session.id, '4242424242424242')
    await until(all(byCard, 'succeeded'), 'the cards to be charged')
    expect((await shop.fetch('/api/v1/products')).status).toBe(200)
    for (const state of await statesOf(byPhone)) expect(['created', 'pending', 'processing']).toContain(state)

    mpesa.turn({ answerDelayMs: 0, pushFault: 'none' })
    await until(all(byPhone, 'pending'), 'every prompt to be out', 60_000)
    for (const prompt of mpesa.prompts().filter(({ state }) => state === 'waiting')) await mpesa.act(prompt.id, 'pin', '1234')
    await until(all(byPhone, 'succeeded'), 'every prompt to be paid', 60_000)
  },
  120_000,
)
