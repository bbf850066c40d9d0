import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { answerMessage } from '../../src/workflows/assistant/answer-message.ts'
import { maskText } from '../../src/workflows/assistant/intent.model.ts'
import { type Intent, readIntent } from '../../src/workflows/assistant/read-intent.ts'
import { buy, guest, person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

interface SeenAnswer {
  readonly intent: Intent
  readonly lang: string
  readonly text: string
  readonly links: readonly { readonly kind: string; readonly label: string; readonly href: string }[]
}

let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(() => shop.close())

const ask = async (who: Visitor, message: string, more: Record<string, string> = {}): Promise<SeenAnswer> => {
  const answer = await who.post('/api/v1/assistant/messages', { message, ...more })
  expect(answer.status).toBe(200)
  return (await answer.json()) as SeenAnswer
}

test.each([
  ['Where is my order?', 'order', 'en'],
  ['has my parcel left yet', 'order', 'en'],
  ['agizo langu liko wapi', 'order', 'sw'],
  ['please cancel my order', 'cancel', 'en'],
  ['nataka kughairi agizo', 'cancel', 'sw'],
  ['I want to change the address', 'change', 'en'],
  ['How much is delivery to Kisumu?', 'fees', 'en'],
  ['gharama ya kuleta Mombasa', 'fees', 'sw'],
  ['How do I return a dress?', 'returns', 'en'],
  ['narudisha nguo vipi? kurudisha', 'returns', 'sw'],
  ['where is my refund', 'refund', 'en'],
  ['I was charged twice', 'refund', 'en'],
  ['M-Pesa did not send a prompt', 'payment', 'en'],
  ['malipo hayafanyi kazi', 'payment', 'sw'],
  ['which size should I take', 'size', 'en'],
  ['saizi gani', 'size', 'sw'],
  ['can I talk to a human', 'person', 'en'],
  ['hello', 'greeting', 'en'],
  ['the history of zebras', 'unknown', undefined],
] as const)('"%s" is about %s', (text, intent, lang) => expect(readIntent(text)).toEqual({ intent, lang }))

describe('an order', () => {
  test('is told to its owner and the holder of its link; to others like one that does not exist', async () => {
    const buyer = await person(shop)
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const { order, orderToken } = (await (await buy(buyer, variantId)).json()) as { order: { number: string }; orderToken: string }
    const own = await ask(buyer, `Where is ${order.number.toLowerCase()}?`)
    expect(own.text).toContain(`Order ${order.number}: waiting for payment`)
    expect(own.links[0]).toEqual({ kind: 'page', label: 'See your order', href: `/orders/${order.number}` })
    expect((await ask(buyer, 'where is my order')).text).toContain(order.number)
    expect((await ask(guest(shop), 'where is my order', { orderToken })).text).toContain(order.number)

    const foreign = await ask(await person(shop), `where is ${order.number}`)
    const missing = await ask(await person(shop), 'where is RAH-22222222')
    expect(foreign).toEqual(missing)
    expect(foreign.text).toContain('only to who placed it')
    for (const answer of [own, foreign]) expect(JSON.stringify(answer)).not.toMatch(/0712|254712345678|Kilimani|Blue gate|Amina/)
  })

  test('is never changed: cancelling leads to the real form', async () => {
    const buyer = await person(shop)
    const { variantId } = await makeVariant(shop.context, shop.catalogue)
    const { order } = (await (await buy(buyer, variantId)).json()) as { order: { number: string } }
    const answer = await ask(buyer, `cancel ${order.number} now`)
    expect(answer.links[0]).toMatchObject({ kind: 'form', href: `/orders/${order.number}` })
    const [kept] = await shop.database.sql`select state from orders where number = ${order.number}`
    expect(kept?.['state']).toBe('awaiting_payment')
  })
})

describe('an answer', () => {
  test('links to the page it came from, in the language asked, and always to a person', async () => {
    const english = await ask(guest(shop), 'what is the delivery fee to Nairobi?')
    expect(english.text).toMatch(/^Delivery to Nairobi: KSh\s\d+, /)
    expect(english.links.map(({ kind, href }) => [kind, href.replace(/\d+/, 'n')])).toEqual([
      ['page', '/help/delivery'],
      ['person', 'https://wa.me/n'],
    ])
    const swahili = await ask(guest(shop), 'saizi gani inanifaa?')
    expect([swahili.lang, swahili.links[0]?.href]).toEqual(['sw', '/sw/help/sizes'])
    expect((await ask(guest(shop), 'which size?', { lang: 'sw' })).lang).toBe('sw')
    expect((await ask(guest(shop), 'Nairobi')).text).toContain('Delivery to Nairobi')
  })

  test('knows the desks of who asks, and no others', async () => {
    const owner = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'owner', scopes: [] } })
    const packer = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff', scopes: ['orders'] } })
    const question = 'what work is there to do?'
    expect((await ask(owner, question)).text).toMatch(/to pack\. .* is owed KSh/)
    const packers = (await ask(packer, question)).text
    expect(packers).toContain('to pack')
    expect(packers).not.toContain('owed')
    expect((await ask(await person(shop, { roles: ['driver'] }), question)).links[0]?.href).toBe('/driver')
    expect((await ask(await person(shop, { roles: ['support'] }), question)).links[0]?.href).toBe('/admin')
    for (const nobody of [guest(shop), await person(shop)]) expect((await ask(nobody, question)).text).toContain('no desk')
  })

  test('is refused for what is no question, and any text gets one', async () => {
    for (const body of [{}, { message: '' }, { message: '   ' }, { message: 'x'.repeat(501) }, { message: 'x', lang: 'fr' }])
      expect([body, (await guest(shop).post('/api/v1/assistant/messages', body)).status]).toEqual([body, 422])
    for (const text of ["'; drop table orders; --", '<script>', '%_\\', '🧵', 'RAH-', '\u202e', '{"a":1}']) await ask(guest(shop), text)
  })

  test('may be sorted by a model that sees no numbers and writes no word of it', async () => {
    const seen: string[] = []
    const model = { nameIntent: (text: string) => (seen.push(text), Promise.resolve('returns' as const)) }
    const answer = await answerMessage(
      { ...shop.context, model },
      { kind: 'guest', cartTokenHash: undefined },
      { message: 'zebras ate it, 0712 345 678, me@example.com' },
    )
    expect(answer.intent).toBe('returns')
    expect(seen).toEqual(['zebras ate it, [number], [mail]'])
    expect(maskText('RAH-4F7K2M9P to +254712345678')).toBe('[order] to [number]')
  })
})
