import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { guest, person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/**
 * Complaint 8: a guest's bag is lost or wrongly merged at sign-in. Here the guest's quantity wins for each variant, cut to stock, the
 * shopper is told what changed, a repeat changes nothing, and nobody else's bag is ever touched.
 */
let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

interface Bag {
  readonly lines: readonly { readonly variantId: string; readonly quantity: number; readonly notice: string | null }[]
  readonly merged: readonly {
    readonly variantId: string
    readonly change: string
    readonly quantity: number
    readonly quantityBefore: number
  }[]
}
const dress = async (stock = 10) => (await makeVariant(shop.context, shop.catalogue, { stock })).variantId
const put = async (visitor: Visitor, variantId: string, quantity: number, headers: Record<string, string> = {}) =>
  await visitor.post('/api/v1/cart/lines', { variantId, quantity }, headers)
/** A guest with a bag, and the cookie that is the bag. */
const bagOf = async (lines: readonly (readonly [string, number])[]) => {
  const visitor = guest(shop)
  let cookie = ''
  for (const [variantId, quantity] of lines) {
    const answer = await put(visitor, variantId, quantity)
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
  }
  return { visitor, cookie }
}
const look = async (visitor: Visitor, cookie?: string) =>
  (await (await visitor.get('/api/v1/cart', cookie === undefined ? {} : { cookie })).json()) as Bag
const quantities = (bag: Bag) => Object.fromEntries(bag.lines.map(({ variantId, quantity }) => [variantId, quantity]))

describe('signing in with a bag', () => {
  test('brings every line over; the guest’s quantity wins, and what only the account had stays', async () => {
    const [one, two, three] = [await dress(), await dress(), await dress()]
    const shopper = await person(shop)
    await put(shopper, one, 1)
    await put(shopper, two, 2)
    const { cookie } = await bagOf([
      [one, 5],
      [three, 1],
    ])
    const bag = await look(shopper, cookie)
    expect(quantities(bag)).toEqual({ [one]: 5, [two]: 2, [three]: 1 })
    const changes = Object.fromEntries(
      bag.merged.map(({ variantId, ...line }) => [variantId, [line.change, line.quantityBefore, line.quantity]]),
    )
    expect(changes).toEqual({ [one]: ['replaced', 1, 5], [three]: ['added', 0, 1] })
  })

  test('twice, or in two tabs at once, is once', async () => {
    const variantId = await dress()
    const shopper = await person(shop)
    const { cookie } = await bagOf([[variantId, 3]])
    const looks = await Promise.all(Array.from({ length: 10 }, () => look(shopper, cookie)))
    expect(looks.filter(({ merged }) => merged.length > 0)).toHaveLength(1)
    expect(quantities(await look(shopper))).toEqual({ [variantId]: 3 })
    // The shopper takes one out; the old cookie does not bring it back.
    const [line] = (await look(shopper)).lines as unknown as { id: string }[]
    await shopper.send('PATCH', `/api/v1/cart/lines/${line?.id ?? ''}`, { quantity: 1 })
    expect(quantities(await look(shopper, cookie))).toEqual({ [variantId]: 1 })
  })

  test('cuts to what is in stock, and says so', async () => {
    const [few, none] = [await dress(4), await dress(2)]
    const { cookie } = await bagOf([
      [few, 4],
      [none, 2],
    ])
    await shop.database.sql`update stock_levels set reserved = 3 where variant_id = ${few} and warehouse_id = ${shop.catalogue.nairobiId}`
    await shop.database.sql`update stock_levels set reserved = 2 where variant_id = ${none} and warehouse_id = ${shop.catalogue.nairobiId}`
    const bag = await look(await person(shop), cookie)
    expect(bag.merged.map(({ variantId, change, quantity }) => [variantId, change, quantity])).toEqual([
      [few, 'fewer', 1],
      [none, 'sold_out', 1],
    ])
    expect(bag.lines.find(({ variantId }) => variantId === none)?.notice).toBe('sold_out')
    await shop.database.sql`update stock_levels set reserved = 0 where variant_id = any(${[few, none]})`
  })

  test('never touches the bag of another customer, whatever cookie is shown', async () => {
    const variantId = await dress()
    const { visitor, cookie } = await bagOf([[variantId, 2]])
    const first = await person(shop)
    await look(first, cookie)
    // The same cookie in the hands of somebody else: a shared computer.
    const second = await person(shop)
    expect(quantities(await look(second, cookie))).toEqual({})
    expect(quantities(await look(first))).toEqual({ [variantId]: 2 })
    expect(quantities(await look(visitor))).toEqual({})
  })

  test('does not lose the bag when the next thing is the checkout', async () => {
    const variantId = await dress()
    const shopper = await person(shop)
    const { cookie } = await bagOf([[variantId, 2]])
    const answer = await shopper.post(
      '/api/v1/checkout',
      {
        contact: { name: 'Amina', phone: '0712345678' },
        address: { county: 'Nairobi', town: 'Kilimani', landmark: 'Blue gate' },
        payment: { method: 'mpesa' },
      },
      { cookie, 'idempotency-key': crypto.randomUUID() },
    )
    expect(answer.status).toBe(201)
    expect(((await answer.json()) as { order: { lines: { quantity: number }[] } }).order.lines.map(({ quantity }) => quantity)).toEqual([2])
  })
})
