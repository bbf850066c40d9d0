import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { guest, type Visitor } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { bring, type Crew, crew, newRider, packed, paidOrder, type PaidOrder } from './delivery-story.ts'

let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop()
  people = await crew(shop)
})
afterAll(() => shop.close())

const text = (html: string): string =>
  html
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', '’')
    .replace(/\s+/g, ' ')
const page = async (order: PaidOrder) => {
  const answer = await guest(shop).get(`/track/${order.token}`, { accept: 'text/html' })
  expect(answer.status).toBe(200)
  return { html: await answer.clone().text(), text: text(await answer.text()), headers: answer.headers }
}
const form = (rider: Visitor, path: string, fields: Record<string, string> = {}): Promise<Response> =>
  shop.fetch(path, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization: `Bearer ${rider.token}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })

describe('the track page', () => {
  test('tells the whole story without scripts, and shows the rider only while they have the goods', async () => {
    const story = await packed(shop, people.staff)
    const { order } = story
    expect((await page(order)).text).toContain('We are finding a rider')
    await bring(story, people.rider, 'assigned')
    await people.rider.post(`/api/v1/deliveries/${story.id}/positions`, { fixes: [{ lat: -1.3, lng: 36.85 }] })
    const assigned = await page(order)
    expect(assigned.text).toContain('Juma will bring your order')
    expect(assigned.text).toContain('KMFB 123A')
    expect(assigned.text).toContain(story.code)
    expect(assigned.html).not.toContain('data-rider')
    expect(assigned.html).not.toContain('tel:+254')
    await bring(story, people.rider, 'en_route')
    const riding = await page(order)
    expect(riding.text).toMatch(/Arriving \d\d:\d\d to \d\d:\d\d/)
    expect(riding.text).toContain('Seen ')
    expect(riding.html).toContain('data-rider')
    await bring(story, people.rider, 'delivered')
    const done = await page(order)
    expect(done.text).toMatch(/Delivered at \d\d:\d\d/)
    for (const gone of ['data-rider', 'data-socket', 'data-fixed-at', `>${story.code}<`]) expect(done.html).not.toContain(gone)
  })

  test('before packing it says so, and nobody else may keep it', async () => {
    const order = await paidOrder(shop)
    const { text: words, headers } = await page(order)
    expect(words).toContain('We are packing your order')
    expect(headers.get('cache-control')).toBe('private, no-store')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('content-security-policy')).toContain(`connect-src 'self' ${shop.context.config.publicUrl.replace('http', 'ws')}`)
    expect((await guest(shop).get('/track/made-up', { accept: 'text/html' })).status).toBe(404)
    expect((await guest(shop).get('/track')).status).toBe(200)
  })

  test('what somebody wrote in an address is text, never markup', async () => {
    const order = await paidOrder(shop, guest(shop), {
      address: { county: 'Nairobi', town: 'Kilimani', landmark: '<script>alert(1)</script>"\'' },
    })
    await packed(shop, people.staff, order)
    expect((await page(order)).html).not.toContain('<script>alert')
  })
})

describe('the rider’s page', () => {
  test('runs a whole day by forms alone', async () => {
    const rider = await newRider(shop, { isOnDuty: false })
    const story = await packed(shop, people.staff)
    const look = async () => text(await (await rider.get('/driver', { accept: 'text/html' })).text())
    const press = async (verb: string, fields: Record<string, string> = {}) =>
      (await form(rider, `/driver/deliveries/${story.id}/${verb}`, fields)).headers.get('location')
    expect(await look()).toContain('you are off duty')
    expect((await form(rider, '/driver/duty', { duty: 'on' })).headers.get('location')).toBe('/driver?done=on')
    expect(await look()).toContain('Take it')
    expect(await press('accept')).toBe('/driver?done=accept')
    expect(await look()).toContain('Fetch it at Nairobi')
    expect(await press('pickup')).toBe('/driver?done=pickup')
    expect(await press('depart')).toBe('/driver?done=depart')
    expect(await press('arrive')).toBe('/driver?done=arrive')
    const wrong = story.code === '0000' ? '1111' : '0000'
    expect(await press('deliver', { code: wrong })).toBe('/driver?problem=drop_off_code_wrong&left=4')
    expect(text(await (await rider.get('/driver?problem=drop_off_code_wrong&left=4')).text())).toContain('4 tries left.')
    expect(await press('deliver', { code: story.code })).toBe('/driver?done=deliver')
    expect(await look()).toContain('Nothing to bring right now')
    await form(rider, '/driver/duty', { duty: 'off' })
  })

  test('is for riders: others are asked to sign in or told that it is not theirs', async () => {
    expect((await guest(shop).get('/driver', { accept: 'text/html' })).status).toBe(401)
    expect((await people.vendor.get('/driver', { accept: 'text/html' })).status).toBe(403)
    const answer = await people.rider.get('/driver')
    expect(answer.headers.get('permissions-policy')).toContain('geolocation=(self)')
    expect(await answer.text()).not.toContain('drop-off')
  })
})
