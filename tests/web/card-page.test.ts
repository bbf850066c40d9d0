import { afterAll, beforeAll, expect, test } from 'bun:test'
import { makeVariant } from '../support/factories.ts'
import { expectWholePage, type FormVisitor, formVisitor, type SeenPage } from '../support/form-visitor.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(() => shop.close())

const address = {
  phone: '0712 345 678',
  name: 'Amina Wanjiru',
  county: 'Nairobi',
  town: 'Kilimani',
  landmark: 'Blue gate opposite the school',
}

/** Orders one piece by card, and answers the page that follows the payment. */
async function order(visitor: FormVisitor): Promise<SeenPage> {
  const { slug } = await makeVariant(shop.context, shop.catalogue, { priceMinor: 150_000n })
  await visitor.send((await visitor.get(`/p/${slug}`)).form('/cart/lines'))
  const priced = await visitor.send((await visitor.get('/checkout')).form('/checkout'), { ...address, do: 'price' })
  expect(priced.html).toContain('value="card"')
  return await visitor.send(priced.form('/checkout'), { method: 'card' })
}

/** The path of the first link whose words begin so. */
const linkTo = (page: SeenPage, words: string): string => {
  const [, href = ''] = new RegExp(`href="([^"]+)"[^>]*>\\s*${words}`).exec(page.html) ?? []
  expect(href).not.toBe('')
  return new URL(href.replaceAll('&amp;', '&'), shop.origin).pathname
}

test('a card pays an order by plain links and forms, after one card that was declined', async () => {
  const visitor = formVisitor(shop)
  const opening = await order(visitor)
  expect(opening.html).toContain('Opening the card payment page')
  await shop.settle()
  const payPath = /action="(\/pay\/[^"/]+)\//.exec(opening.html)?.[1] ?? new URL(opening.path, shop.origin).pathname
  const ready = await visitor.get(payPath)
  expectWholePage(ready)
  expect(ready.html).toContain('You pay KSh\u00a01,700 on a secure page')
  const card = await visitor.get(linkTo(ready, 'Continue to card payment'))
  expectWholePage(card)
  expect(card.html).not.toContain('<script>')
  const declined = await visitor.send(card.form(/sandbox\/stripe\/pay/), { card: '4000 0000 0000 0002', do: 'pay' })
  expect(declined.html).toContain('The card was declined. Nothing was charged; try another one.')
  const form = declined.form(/sandbox\/stripe\/pay/)
  const answer = await visitor.raw(form.action, {
    method: 'POST',
    body: new URLSearchParams({ card: '4242 4242 4242 4242', do: 'pay' }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect({ status: answer.status, back: new URL(answer.headers.get('location') ?? '').pathname }).toEqual({ status: 303, back: payPath })
  await shop.settle()
  const paid = await visitor.get(payPath)
  expect(paid.html).toContain('Paid. Thank you')
})

test('coming back without having paid changes nothing, and another way of paying is offered', async () => {
  const visitor = formVisitor(shop)
  const opening = await order(visitor)
  await shop.settle()
  const payPath = new URL(opening.path, shop.origin).pathname
  for (let visit = 0; visit < 3; visit += 1) {
    const back = await visitor.get(payPath)
    await shop.settle()
    expect(back.html).toContain('Continue to card payment')
    expect(back.html).toContain('Pay another way')
  }
  const [row] = await shop.database.sql`select state, checks from transactions order by created_at desc limit 1`
  expect(row).toMatchObject({ state: 'pending', checks: 1 })
  const other = await visitor.send((await visitor.get(payPath)).form(payPath), { method: 'mpesa' })
  expect(other.html).toContain('Sending a request to')
})
