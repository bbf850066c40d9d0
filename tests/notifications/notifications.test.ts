import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Notice, notify } from '../../src/domain/notifications/notify.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { bring, type Crew, crew, packed, paidOrder } from '../delivery/delivery-story.ts'
import { person, type Visitor } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openSocket, type SocketProbe } from '../support/socket-probe.ts'

// Two processes of one shop: what is told in one is heard in the other.
let shop: TestShop
let beside: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop()
  beside = await openShop({ beside: shop })
  shop.context.outbox.start()
  people = await crew(shop)
})
afterAll(async () => {
  await beside.close()
  await shop.close()
})

const watch = (who: Visitor | undefined, at = shop, headers: Record<string, string> = {}, query = ''): Promise<SocketProbe> =>
  openSocket(`${at.origin}/ws/notifications/${query}`, {
    ...(who === undefined ? {} : { authorization: `Bearer ${who.token}` }),
    ...headers,
  })
const v1 = { 'sec-websocket-protocol': 'notify.v1' }
const tell = (who: Visitor, about: string, more: Partial<Notice> = {}): Promise<boolean> =>
  shop.context.db
    .transaction((tx) =>
      notify(tx, systemStamp('test', shop.context), {
        accountId: who.accountId ?? '',
        event: 'order.paid',
        about,
        title: 'Paid',
        message: `Order ${about} is paid.`,
        level: 'success',
        url: `/orders/${about}`,
        ...more,
      }),
    )
    .finally(() => shop.context.outbox.wake())
const list = async (who: Visitor, query = '') =>
  (await (await who.get(`/api/v1/notifications${query}`)).json()) as {
    items: { seq: number; title: string; isRead: boolean; event: string }[]
    nextCursor: string | null
    unread: number
  }

describe('the socket of the predecessor', () => {
  test('greets whoever comes, byte for byte, and tells each person only their own', async () => {
    const [amina, brian] = await Promise.all([person(shop), person(shop)])
    const [nobody, first, second] = await Promise.all([watch(undefined), watch(amina), watch(brian, beside)])
    expect(await nobody.atLeast(1)).toEqual(['{"type":"ws.hello","user":null}'])
    expect(await first.atLeast(1)).toEqual([`{"type":"ws.hello","user":"${amina.accountId}"}`])
    await second.atLeast(1)
    await tell(amina, 'RAH-1')
    await tell(brian, 'RAH-2')
    expect((await first.atLeast(2))[1]).toBe(
      '{"type":"notify","title":"Paid","message":"Order RAH-1 is paid.","level":"success","url":"/orders/RAH-1"}',
    )
    expect((await second.atLeast(2))[1]).toContain('RAH-2')
    nobody.send({ type: 'ping' })
    expect((await nobody.atLeast(2))[1]).toBe('{"type":"pong"}')
    expect([first, second, nobody].map(({ frames }) => frames.length)).toEqual([2, 2, 2])
    await Promise.all([nobody, first, second].map((socket) => socket.close()))
  })

  test('tells of a vendor application by its old name', async () => {
    const who = await person(shop)
    const socket = await watch(who)
    await socket.atLeast(1)
    await tell(who, 'a1', { event: 'vendor_application.updated', message: 'Approved', data: { application_id: 7, status: 'approved' } })
    expect((await socket.atLeast(2))[1]).toBe(
      '{"type":"vendor_application.updated","application_id":7,"status":"approved","message":"Approved"}',
    )
    await socket.close()
  })

  test('is closed to pages of other sites, and ends with the session', async () => {
    const who = await person(shop)
    const foreign = await fetch(`${shop.origin}/ws/notifications`, {
      headers: {
        upgrade: 'websocket',
        connection: 'Upgrade',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        origin: 'https://evil.example',
      },
    })
    expect(foreign.status).toBe(403)
    expect((await fetch(`${shop.origin}/ws/notifications`)).status).toBe(426)
    const socket = await watch(who, beside)
    await socket.atLeast(1)
    expect((await who.post('/api/v1/auth/logout')).status).toBe(204)
    expect((await socket.closed).code).toBe(4009)
  })
})

describe('notify.v1', () => {
  test('counts, goes on after a break, and marks as read', async () => {
    const who = await person(shop)
    await tell(who, 'one')
    await tell(who, 'two')
    const socket = await watch(who, shop, v1)
    expect(await socket.find((frame) => frame['t'] === 'snap')).toMatchObject({ ch: 'me', off: 2, unread: 2, rec: false, evs: [] })
    await tell(who, 'three')
    expect(await socket.find((frame) => frame['t'] === 'evt')).toMatchObject({ o: 3, k: 'order.paid', title: 'Paid', level: 'success' })
    await socket.close()
    await tell(who, 'four')
    const back = await watch(who, beside, v1, '?off=2')
    const snap = await back.find((frame) => frame['t'] === 'snap')
    expect(snap).toMatchObject({ off: 4, rec: true })
    expect((snap['evs'] as { o: number }[]).map(({ o }) => o)).toEqual([3, 4])
    back.send({ t: 'read', o: 3 })
    expect(await back.find((frame) => frame['t'] === 'ack')).toEqual({ t: 'ack', o: 3, unread: 1 })
    back.send({ t: 'read', o: -1 })
    back.send('nonsense')
    await back.find((frame) => frame['c'] === 'invalid_frame')
    expect((await list(who)).unread).toBe(1)
    await back.close()
  })

  test('opens with a ticket', async () => {
    const who = await person(shop)
    const { ticket } = (await (await who.post('/api/v1/realtime/tickets', {})).json()) as { ticket: string }
    const socket = await watch(undefined, beside, {}, `?ticket=${ticket}`)
    expect(await socket.atLeast(1)).toEqual([`{"type":"ws.hello","user":"${who.accountId}"}`])
    await socket.close()
    expect(await watch(undefined, shop, {}, `?ticket=${ticket}`).catch(() => 'refused')).toBe('refused')
  })
})

describe('the list', () => {
  test('pages from the newest, reads up to a number and never back', async () => {
    const who = await person(shop)
    expect(await list(who)).toEqual({ items: [], nextCursor: null, unread: 0 })
    for (let index = 1; index <= 5; index++) await tell(who, String(index))
    const page = await list(who, '?limit=2')
    expect(page.items.map(({ seq, isRead }) => [seq, isRead])).toEqual([
      [5, false],
      [4, false],
    ])
    expect((await list(who, `?limit=2&cursor=${page.nextCursor}`)).items.map(({ seq }) => seq)).toEqual([3, 2])
    const read = async (upTo: number) => (await (await who.post('/api/v1/notifications/read', { upTo })).json()) as { unread: number }
    expect(await read(3)).toEqual({ unread: 2 })
    expect(await read(1)).toEqual({ unread: 2 })
    expect(await read(1_000)).toEqual({ unread: 0 })
    expect((await list(who)).items.every(({ isRead }) => isRead)).toBe(true)
    expect((await shop.fetch('/api/v1/notifications')).status).toBe(401)
    expect((await who.post('/api/v1/notifications/read', { upTo: -1 })).status).toBe(422)
  })

  test('tells of the same thing once, however many tell it at once, and numbers without gaps', async () => {
    const who = await person(shop)
    const told = await Promise.all(Array.from({ length: 30 }, (_, index) => tell(who, `thing ${index % 10}`)))
    expect(told.filter(Boolean).length).toBe(10)
    expect((await list(who, '?limit=50')).items.map(({ seq }) => seq)).toEqual(Array.from({ length: 10 }, (_, index) => 10 - index))
  })

  test('leaves out what somebody does not want to hear of', async () => {
    const who = await person(shop)
    const prefer = (body: object) => who.send('PUT', '/api/v1/notifications/preferences', body)
    expect(await (await prefer({ event: 'order.paid', inApp: false })).json()).toEqual({
      event: 'order.paid',
      inApp: false,
      email: true,
      sms: false,
    })
    expect(await tell(who, 'x')).toBe(false)
    expect(await tell(who, 'x', { event: 'order.refunded' })).toBe(true)
    const { items } = (await (await who.get('/api/v1/notifications/preferences')).json()) as { items: { event: string; inApp: boolean }[] }
    expect(items.filter(({ inApp }) => !inApp).map(({ event }) => event)).toEqual(['order.paid'])
    expect((await prefer({ event: 'no.such.thing', inApp: false })).status).toBe(422)
  })
})

test('a delivery tells its shopper and its riders, in the commit of each move', async () => {
  const shopper = await person(shop)
  const story = await packed(shop, people.staff, await paidOrder(shop, shopper))
  const socket = await watch(shopper, beside)
  await socket.atLeast(1)
  await bring(story, people.rider, 'delivered')
  const frames = (await socket.atLeast(4)).slice(1).map((frame) => JSON.parse(frame) as { title: string; url: string })
  expect(frames.map(({ title }) => title)).toEqual(['Your order is on the way', 'The rider is almost there', 'Delivered'])
  expect(frames.every(({ url }) => url === `/orders/${story.order.number}`)).toBe(true)
  expect((await list(people.rider)).items[0]).toMatchObject({ event: 'run.assigned' })
  await socket.close()
})
