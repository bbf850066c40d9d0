import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { isPublicAddress } from '../../src/lib/public-address.ts'
import { webhookSignature } from '../../src/lib/webhook-signature.ts'
import { createWebhookSender } from '../../src/platform/webhook-sender.ts'
import { person, type Visitor } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, pay, place, read } from '../support/vendors.ts'

let shop: TestShop
let clock: FakeClock
let admin: Visitor
let heard: { id: string; timestamp: string; signature: string; body: string }[] = []
let answer: () => Response | Promise<Response> = () => new Response('ok')
const receiver = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    const header = (name: string): string => request.headers.get(name) ?? ''
    heard.push({
      id: header('webhook-id'),
      timestamp: header('webhook-timestamp'),
      signature: header('webhook-signature'),
      body: await request.text(),
    })
    return await answer()
  },
})
const url = `http://127.0.0.1:${receiver.port}/hook`
beforeAll(async () => {
  clock = fakeClock(new Date().toISOString())
  shop = await openShop({ overrides: { clock } })
  admin = await person(shop, { roles: ['admin'] })
})
afterAll(async () => {
  await receiver.stop(true)
  await shop.close()
})

const base = '/api/v1/webhook-endpoints'
const endpoint = async (by: Visitor, types: string[]) => (await read(by.post(base, { url, types }))).body as { id: string; secret: string }
const log = async (by: Visitor, id: string) => (await read(by.get(`${base}/${id}/deliveries`))).body.items
async function drained(next: () => Response | Promise<Response> = () => new Response('ok')) {
  answer = next
  heard = []
  await shop.settle()
  return heard
}

describe('a message', () => {
  test('is signed as the specification’s own example is', () => {
    // https://github.com/standard-webhooks/standard-webhooks: the example of the specification.
    expect(
      webhookSignature(
        ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
        'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
        1_649_367_553,
        '{"email":"test@example.com","username":"test_user"}',
      ),
    ).toBe('v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=')
  })

  test('tells of a paid order, once, to whoever wants to hear of it, and holds no person', async () => {
    const { id, secret } = await endpoint(admin, ['order.paid'])
    const deaf = await endpoint(admin, ['order.delivered'])
    const order = await place(shop, [{ vendorId: shop.catalogue.vendorId, priceMinor: 100_000n }])
    await pay(shop, order)
    const [message, ...more] = await drained()
    expect(more).toEqual([])
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ type: 'order.paid', data: { orderNumber: order.number, state: 'paid' } })
    expect(message?.body).not.toMatch(/Amina|2547|Kilimani/)
    expect(message?.signature).toBe(webhookSignature([secret], message?.id ?? '', Number(message?.timestamp), message?.body ?? ''))
    expect(await log(admin, id)).toMatchObject([{ state: 'delivered', messageId: message?.id, attempts: [{ status: 200, answer: 'ok' }] }])
    expect(await log(admin, deaf.id)).toEqual([])
  })

  test('that is not taken is tried again later with the same id and bytes, and can be replayed by hand', async () => {
    const { id } = await endpoint(admin, ['webhook.test'])
    await admin.post(`${base}/${id}/test`)
    const [first] = await drained(() => new Response('no', { status: 500 }))
    expect(await drained()).toEqual([])
    clock.advance(6_000)
    const [second] = await drained()
    expect([second?.id, second?.body]).toEqual([first?.id, first?.body])
    const [delivery] = await log(admin, id)
    expect(delivery).toMatchObject({ state: 'delivered', attempts: [{ status: 500, answer: 'no' }, { status: 200 }] })
    expect((await admin.post(`${base}/${id}/deliveries/${delivery.id}/replay`)).status).toBe(200)
    expect((await drained())[0]?.id).toBe(first?.id)
  })

  test('carries both signatures while the secret is being changed', async () => {
    const { id, secret } = await endpoint(admin, ['webhook.test'])
    const fresh = (await read(admin.post(`${base}/${id}/secret`))).body.secret
    await admin.post(`${base}/${id}/test`)
    const [message] = await drained()
    expect(message?.signature).toBe(webhookSignature([fresh, secret], message?.id ?? '', Number(message?.timestamp), message?.body ?? ''))
    const [row] = await shop.database.sql`select * from webhook_endpoints where id = ${id}`
    expect(JSON.stringify(row)).not.toContain(fresh)
  })

  test('follows no redirect, and waits for no endless answer', async () => {
    const { id } = await endpoint(admin, ['webhook.test'])
    await admin.post(`${base}/${id}/test`)
    await drained(() => Response.redirect('http://169.254.169.254/latest/meta-data', 302))
    expect((await log(admin, id))[0].attempts).toMatchObject([{ failure: 'redirect', status: 302, answer: '' }])
    clock.advance(6_000)
    await drained(() => new Response('x'.repeat(5_000_000)))
    expect((await log(admin, id))[0].attempts[1].answer).toHaveLength(1_024)
  })
})

describe('an endpoint', () => {
  test('that answers 410, or takes nothing for five days, is switched off with a notice, and can be switched on again', async () => {
    const gone = await endpoint(admin, ['webhook.test'])
    await admin.post(`${base}/${gone.id}/test`)
    await drained(() => new Response('', { status: 410 }))
    const dead = await endpoint(admin, ['webhook.test'])
    for (let day = 0; day < 7; day++) {
      const later = await person(shop, { roles: ['admin'] })
      await later.post(`${base}/${dead.id}/test`)
      await drained(() => new Response('', { status: 503 }))
      clock.advance(86_400_000)
    }
    const now = await person(shop, { roles: ['admin'] })
    const states = (await read(now.get(base))).body.items.filter((each: { id: string }) => [gone.id, dead.id].includes(each.id))
    expect(states).toMatchObject([
      { status: 'disabled', disabledReason: 'it answered 410 Gone' },
      { status: 'disabled', disabledReason: 'it took nothing for five days' },
    ])
    const notices = await shop.database.sql`select title from notifications where account_id = ${admin.accountId ?? ''}`
    expect(notices).toHaveLength(2)
    expect((await now.send('PATCH', `${base}/${dead.id}`, { status: 'active' })).status).toBe(200)
    await now.post(`${base}/${dead.id}/test`)
    expect((await drained()).length).toBeGreaterThan(0)
  })

  test('of a vendor hears of orders with its goods only, and is not there for others', async () => {
    const [looms, soles] = [await makeVendor(shop, { name: 'Looms' }), await makeVendor(shop, { name: 'Soles' })]
    const owner = await person(shop, { member: { vendorId: looms, role: 'owner' } })
    const other = await person(shop, { member: { vendorId: soles, role: 'owner' } })
    const { id } = await endpoint(owner, ['order.paid'])
    await pay(shop, await place(shop, [{ vendorId: soles, priceMinor: 100_000n }]))
    const own = await place(shop, [{ vendorId: looms, priceMinor: 100_000n }])
    await pay(shop, own)
    await drained()
    expect((await log(owner, id)).map((each: { body: string }) => JSON.parse(each.body).data.orderNumber)).toEqual([own.number])
    for (const [method, path] of [
      ['GET', `${base}/${id}/deliveries`],
      ['DELETE', `${base}/${id}`],
      ['POST', `${base}/${id}/secret`],
      ['POST', `${base}/${id}/test`],
    ] as const)
      expect((await other.send(method, path)).status).toBe(404)
    const clerk = await person(shop, { member: { vendorId: looms, role: 'staff', scopes: ['orders'] } })
    expect((await clerk.get(base)).status).toBe(403)
    const support = await person(shop, { roles: ['support'] })
    expect((await support.get(base)).status).toBe(403)
  })
})

describe('an address', () => {
  test('in a private, local, shared or reserved network is not on the internet', () => {
    for (const address of [
      '10.0.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
    ])
      expect([address, isPublicAddress(address)]).toEqual([address, false])
    for (const address of [
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      '::ffff:10.0.0.1',
      '::ffff:127.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::',
      '2001:db8::1',
      'ff02::1',
      'nonsense',
      '1.2.3',
      '010.0.0.1',
    ])
      expect([address, isPublicAddress(address)]).toEqual([address, false])
    for (const address of ['8.8.8.8', '196.201.214.200', '172.32.0.1', '2a00:1450:4001::1', '::ffff:8.8.8.8'])
      expect([address, isPublicAddress(address)]).toEqual([address, true])
  })

  test('is refused when it is saved and again when it is called, whatever the name server says in between', async () => {
    const said = [['8.8.8.8'], ['127.0.0.1'], ['8.8.8.8', '10.0.0.1']]
    const sender = createWebhookSender({
      requiresHttps: false,
      allowsPrivate: false,
      resolve: async () => await Promise.resolve(said.shift() ?? []),
    })
    const named = `http://rebind.example:${receiver.port}/hook`
    expect(await sender.check(named)).toBeUndefined()
    heard = []
    expect((await sender.send(named, {}, '{}')).failure).toBe('refused_address')
    expect((await sender.send(named, {}, '{}')).failure).toBe('refused_address')
    for (const text of ['http://127.0.0.1/', 'http://[::1]/', 'http://0x7f.1/', 'http://2130706433/', 'http://169.254.169.254/'])
      expect(await sender.check(text)).toBe('refused_address')
    expect(heard).toEqual([])
    const production = createWebhookSender({
      requiresHttps: true,
      allowsPrivate: false,
      resolve: async () => await Promise.resolve(['8.8.8.8']),
    })
    expect(await production.check('http://hooks.duka.co.ke/')).toBe('insecure')
    expect(await production.check('https://hooks.duka.co.ke/')).toBeUndefined()
  })

  test('that is none, or holds a password, is refused with a clear code', async () => {
    // Days have gone by above, and sessions of staff are short.
    const admin = await person(shop, { roles: ['admin'] })
    for (const wrong of ['ftp://x.co.ke/', 'http://user:pass@127.0.0.1/', 'javascript:alert(1)'])
      expect((await read(admin.post(base, { url: wrong, types: ['order.paid'] }))).body.code).toBe('webhook_address')
    expect((await admin.post(base, { url: 'no address', types: ['order.paid'] })).status).toBe(422)
    expect((await admin.post(base, { url, types: ['everything'] })).status).toBe(422)
  })

  test('that does not answer in time is given up for this try', async () => {
    answer = async () => {
      await Bun.sleep(5_000)
      return new Response('late')
    }
    const sender = createWebhookSender({ requiresHttps: false, allowsPrivate: true, timeoutMs: 50 })
    expect((await sender.send(url, {}, '{}')).failure).toBe('timeout')
    expect((await sender.send('http://127.0.0.1:1/', {}, '{}')).failure).toBe('network')
  })
})
