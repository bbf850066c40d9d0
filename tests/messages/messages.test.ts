import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { orderMessage, type OrderEventName } from '../../src/domain/notifications/order-message.ts'
import { writeOrderMessage } from '../../src/domain/notifications/order-message.templates.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { enqueue } from '../../src/platform/outbox.ts'
import { crew, type Crew } from '../delivery/delivery-story.ts'
import { makeVariant } from '../support/factories.ts'
import { type MailSink, openMailSink } from '../support/mail-sink.ts'
import { buyAndPay, deliver, pack, place, type Placed, press } from '../support/shopper.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let sink: MailSink
let shop: TestShop
let people: Crew
beforeAll(async () => {
  sink = await openMailSink()
  shop = await openShop({ environment: { SMTP_URL: sink.url, MAIL_FROM: 'hello@rahim.co.ke' } })
  people = await crew(shop)
})
afterAll(async () => {
  await shop.close()
  await sink.close()
})

const goods = async () => (await makeVariant(shop.context, shop.catalogue)).variantId
const told = async (order: Placed) =>
  (
    (await (await people.staff.get(`/api/v1/admin/messages?order=${order.number}&limit=100`)).json()) as {
      items: { event: string; channel: string; state: string }[]
    }
  ).items
    .map(({ event, channel, state }) => `${event} ${channel} ${state}`)
    .reverse()
const texts = (order: Placed) => shop.context.sms.recent().filter(({ to }) => to === `254${order.phone.slice(1)}`)
const letters = (order: Placed) => sink.letters.filter(({ text }) => text?.includes(order.token))

test('a purchase is told step by step, by text and by letter, each once', async () => {
  const order = await buyAndPay(shop, { lines: [{ variantId: await goods(), quantity: 2 }] })
  for (const { id } of await pack(shop, people.staff, order)) await deliver(shop, people.rider, id)
  expect((await told(order)).sort()).toEqual(
    ['placed', 'paid', 'packed', 'on_the_road', 'rider_near', 'delivered']
      .flatMap((event) => [`${event} email sent`, `${event} sms sent`])
      .sort((a, b) => (a < b ? -1 : 1)),
  )
  expect(texts(order)).toHaveLength(6)
  const paid = letters(order).find(({ subject }) => subject?.startsWith('We received'))
  expect(paid?.text).toContain('- 2 x Kanga dress')
  expect(paid?.text).toContain('Total: KSh 3,200')
  expect(new Set(letters(order).map(({ messageId }) => messageId)).size).toBe(6)
})

test('speaks Swahili to who ordered in Swahili', async () => {
  const order = await place(shop, { lines: [{ variantId: await goods() }], body: { language: 'sw' } })
  await press(shop, order)
  expect(texts(order)[0]?.text).toContain('tumepokea')
  expect(letters(order).every(({ text }) => text?.startsWith('Habari,'))).toBe(true)
})

test('an event staged ten times is told once', async () => {
  const order = await buyAndPay(shop, { lines: [{ variantId: await goods() }] })
  const before = texts(order).length
  for (let again = 0; again < 10; again++)
    await shop.context.db.transaction(async (tx) => await enqueue(tx, systemStamp('test', shop.context), orderMessage('packed', order.id)))
  await shop.settle()
  expect(texts(order)).toHaveLength(before + 1)
})

test('a letter nobody will ever take is marked so, and the text goes out all the same', async () => {
  sink.refuseWith(550)
  const order = await place(shop, { lines: [{ variantId: await goods() }] })
  await shop.settle()
  sink.refuseWith(undefined)
  expect((await told(order)).sort()).toEqual(['placed email failed', 'placed sms sent'])
})

test('nobody but staff reads the log', async () => {
  expect((await people.vendor.get('/api/v1/admin/messages')).status).toBe(403)
  expect((await shop.fetch('/api/v1/admin/messages')).status).toBe(401)
})

describe('every sentence', () => {
  const events: OrderEventName[] = [
    'placed',
    'paid',
    'payment_failed',
    'owed_back',
    'refunded',
    'packed',
    'on_the_road',
    'rider_near',
    'attempt_failed',
    'delivered',
    'cancelled',
    'expired',
    'return_requested',
    'return_approved',
    'return_refused',
    'return_received',
    'note',
  ]
  // The default alphabet of GSM 03.38, without its extension, which counts double.
  const gsm = /^[A-Za-z0-9 \n\r@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà]*$/
  const about = {
    orderNumber: 'RAH-7K2M9QXB',
    currency: 'KES',
    totalMinor: 12_345_600n,
    amountMinor: 12_345_600n,
    receipt: 'UB91ABCDEF',
    promisedTo: new Date('2026-11-25T15:00:00Z'),
    orderUrl: 'https://rahim.co.ke/track/0123456789abcdefghijklmnopqrst',
    payUrl: 'https://rahim.co.ke/pay/0123456789abcdefghijklmnopqrst',
    returnNumber: 'RAH-7K2M9QXB-R1',
    words: 'The label was cut off.',
    items: ['2 x Kanga dress, M, Indigo'],
  }
  test.each(
    events.flatMap((event) =>
      (['en', 'sw'] as const).flatMap((lang) => [true, false].map((isPaidAtDoor) => [event, lang, isPaidAtDoor] as const)),
    ),
  )('about %s in %s is one plain text message', (event, lang, isPaidAtDoor) => {
    const { sms, subject, text } = writeOrderMessage(event, lang, { ...about, isPaidAtDoor })
    expect(sms).toMatch(gsm)
    expect(sms.length).toBeLessThanOrEqual(160)
    expect(subject.length).toBeGreaterThan(5)
    expect(text).toContain(about.orderNumber.slice(0, 12))
  })
})
