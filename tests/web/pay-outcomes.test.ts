import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { seconds } from '../../src/lib/time.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { makeVariant } from '../support/factories.ts'
import { expectWholePage, formVisitor, type SeenPage } from '../support/form-visitor.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
const clock = fakeClock()
beforeAll(async () => void (shop = await openShop({ overrides: { clock } })))
afterAll(() => shop.close())
beforeEach(async () => void (await shop.post('/sandbox/mpesa/reset', {})))

let serial = 0
const turn = (knobs: object) => shop.post('/sandbox/mpesa/knobs', knobs)

interface Paying {
  readonly path: string
  readonly phone: string
  /** What the page says now to the one who ordered. */
  look(): Promise<SeenPage>
  /** What somebody does with the request on the phone. */
  act(action: string, pin?: string): Promise<void>
}

/** Orders a dress; the request is on the phone afterwards unless M-Pesa refused it. */
async function order(): Promise<Paying> {
  const { slug } = await makeVariant(shop.context, shop.catalogue)
  const visitor = formVisitor(shop)
  const phone = `07114${String(10_000 + ++serial)}`
  await visitor.send((await visitor.get(`/p/${slug}`)).form('/cart/lines'))
  const filled = await visitor.send((await visitor.get('/checkout')).form('/checkout'), {
    phone,
    name: 'Amina Wanjiru',
    county: 'Nairobi',
    town: 'Kilimani',
    landmark: 'Blue gate opposite the school',
    do: 'price',
  })
  const { path } = await visitor.send(filled.form('/checkout'), { do: 'pay' })
  await shop.settle()
  return {
    path,
    phone,
    look: () => visitor.get(path),
    async act(action, pin) {
      const { items } = (await (await shop.fetch(`/sandbox/mpesa/prompts?phone=${phone}`)).json()) as {
        items: { id: string; state: string }[]
      }
      const prompt = items.find(({ state }) => state === 'waiting')
      if (prompt === undefined) throw new Error('there is no request on the phone')
      await shop.post(`/sandbox/mpesa/prompts/${prompt.id}/${action}`, pin === undefined ? {} : { pin })
      await shop.settle()
    },
  }
}

const headingOf = ({ html }: SeenPage): string => /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? ''

/** The page says one thing: to who ordered, after a reload, on another phone, and in Swahili in other words. */
async function expectMoment(paying: Paying, heading: string, ...sentences: string[]): Promise<SeenPage> {
  const page = await paying.look()
  expectWholePage(page)
  expect(headingOf(page)).toBe(heading)
  for (const sentence of sentences) expect(page.html).toContain(sentence)
  expect(headingOf(await paying.look())).toBe(heading)
  expect(headingOf(await formVisitor(shop).get(paying.path))).toBe(heading)
  const swahili = await formVisitor(shop).get(`/sw${paying.path}`)
  expect(swahili.html).toContain('<html lang="sw">')
  expect(headingOf(swahili)).not.toBe(heading)
  expect(headingOf(swahili)).not.toBe('')
  return page
}

const notCharged = 'You have not been charged.'

describe('the pay page after M-Pesa', () => {
  test('asked the phone: says so, and that the PIN is never asked for here', async () => {
    const paying = await order()
    const page = await expectMoment(paying, 'Check your phone', 'We will never ask for your PIN here.', 'About 60 seconds left')
    expect(page.forms.some(({ action }) => action === paying.path)).toBe(false)
  })

  test('took the money: the receipt, and the way to the order', async () => {
    const paying = await order()
    await paying.act('pin', '1234')
    await expectMoment(paying, 'Paid. Thank you', 'Receipt ', 'See your order')
  })

  for (const [what, action, pin, heading, sentence] of [
    ['found too little money', 'poor', undefined, 'There is not enough money in M-Pesa', notCharged],
    ['was given a wrong PIN', 'pin', '9999', 'The PIN was not right', notCharged],
    ['was told no', 'cancel', undefined, 'You cancelled the request', 'Nothing was paid'],
    ['got no answer', 'ignore', undefined, 'The request ran out of time', notCharged],
  ] as const) {
    test(`${what}: says so, says what was not charged, and offers to try again`, async () => {
      const paying = await order()
      await paying.act(action, pin)
      const page = await expectMoment(paying, heading, sentence, 'You can still pay KSh', 'Try again: KSh', 'Cancel this order instead')
      // The same order is paid again from the same page.
      const again = await formVisitor(shop).send(page.form(paying.path), { phone: paying.phone })
      expect(again.path).toBe(paying.path)
      await shop.settle()
      await paying.act('pin', '1234')
      await expectMoment(paying, 'Paid. Thank you')
    })
  }

  test('has another request open: says to close it', async () => {
    await turn({ pushFault: 'locked' })
    await expectMoment(await order(), 'Another M-Pesa request is open on your phone', notCharged, 'Try again: KSh')
  })

  test('is silent: waits, then says that it does not know, and that nobody should pay again', async () => {
    const paying = await order()
    await paying.act('lose', '1234')
    await turn({ queryFault: 'error500' })
    clock.advance(seconds(61))
    await expectMoment(paying, 'Waiting to hear from M-Pesa', 'there is nothing more to do')
    clock.advance(seconds(30))
    const page = await expectMoment(paying, 'We have not heard from M-Pesa yet', 'Do not pay again')
    expect(page.forms.some(({ action }) => action === paying.path)).toBe(false)
  })

  test('confirmed another amount: people look at it, and nobody should pay again', async () => {
    const paying = await order()
    await paying.act('wrong-amount', '1234')
    await expectMoment(paying, 'We are looking at this payment ourselves', 'Do not pay again')
  })
})

describe('one form makes one order', () => {
  test('whether it is tapped twice, loaded again or gone back to', async () => {
    const count = async () => Number((await shop.database.sql`select count(*)::int as n from orders`)[0]?.['n'])
    const { slug } = await makeVariant(shop.context, shop.catalogue)
    const visitor = formVisitor(shop)
    await visitor.send((await visitor.get(`/p/${slug}`)).form('/cart/lines'))
    const fields = { phone: '0711400001', name: 'Amina Wanjiru', county: 'Nairobi', town: 'Kilimani', landmark: 'Blue gate' }
    const filled = await visitor.send((await visitor.get('/checkout')).form('/checkout'), { ...fields, do: 'price' })
    const before = await count()
    const sent = filled.form('/checkout')
    const [first, second] = await Promise.all([visitor.send(sent, { do: 'pay' }), visitor.send(sent, { do: 'pay' })])
    const third = await visitor.send(sent, { do: 'pay' })
    const changed = await visitor.send(sent, { do: 'pay', town: 'Westlands' })
    expect(new Set([first, second, third, changed].map(({ path }) => path).filter((path) => path.startsWith('/pay/'))).size).toBe(1)
    expect(third.path).toStartWith('/pay/')
    expect(changed.path).toBe(third.path)
    expect((await count()) - before).toBe(1)
    // The back button finds an empty bag that leads to the order.
    expect((await visitor.get('/checkout')).html).toContain(third.path)
  })
})
