import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { orderStateFor } from '../../src/workflows/dispatch/follow-deliveries.ts'
import { buy, guest, person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { bring, type Crew, crew, newRider, packed, paidOrder, type Story } from './delivery-story.ts'

let shop: TestShop
let people: Crew
beforeAll(async () => {
  shop = await openShop()
  people = await crew(shop)
})
afterAll(() => shop.close())

const code = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code
const rows = async (story: Story) => {
  const [row] = await shop.database.sql`
    select d.state, d.driver_id, d.code_tries, d.event_count, o.state as order_state, (select count(*)::int from delivery_events e where e.delivery_id = d.id) as events
    from deliveries d join orders o on o.id = d.order_id where d.id = ${story.id}`
  return row as unknown as {
    state: string
    driver_id: string | null
    code_tries: number
    event_count: number
    order_state: string
    events: number
  }
}

describe('packing', () => {
  test('of many at once makes one delivery a warehouse and moves the order once', async () => {
    const order = await paidOrder(shop)
    const answers = await Promise.all(Array.from({ length: 10 }, () => people.staff.post(`/api/v1/orders/${order.number}/pack`)))
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, ...Array.from({ length: 9 }, () => 409)])
    const made = await shop.database.sql`select state, dest_is_pinned, dest_text from deliveries where order_id = ${order.id}`
    expect(made.map((row) => ({ ...row }))).toEqual([
      { state: 'pending', dest_is_pinned: false, dest_text: 'Blue gate opposite the school, Kilimani, Nairobi' },
    ])
  })

  test('is for staff and the vendor of the goods with the scope', async () => {
    const order = await paidOrder(shop)
    const path = `/api/v1/orders/${order.number}/pack`
    const unable = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff', scopes: ['catalog'] } })
    expect([(await guest(shop).post(path)).status, (await people.rider.post(path)).status, (await unable.post(path)).status]).toEqual([
      401, 403, 404,
    ])
    expect((await people.vendor.post(path)).status).toBe(200)
  })

  test('gives the delivery to the rider on duty with least to do, then to the nearest', async () => {
    const [near, far] = await Promise.all([newRider(shop), newRider(shop)])
    await shop.database.sql`update drivers set last_lat = -1.31, last_lng = 36.85 where account_id = ${near.accountId}`
    await shop.database.sql`update drivers set last_lat = -1.20, last_lng = 36.70 where account_id = ${far.accountId}`
    const driverOf = async () => (await rows(await packed(shop, people.staff))).driver_id
    expect([await driverOf(), await driverOf()]).toEqual([near.accountId, far.accountId])
    expect(await driverOf()).toBe(near.accountId)
    for (const rider of [near, far]) await rider.post('/api/v1/drivers/me/duty', { isOnDuty: false })
  })

  test('aims at the shopper’s own pin when there is one', async () => {
    const order = await paidOrder(shop, guest(shop), {
      address: { county: 'Nairobi', town: 'Kilimani', landmark: 'Blue gate', lat: -1.2921, lng: 36.7854 },
    })
    const story = await packed(shop, people.staff, order)
    const [row] = await shop.database.sql`select dest_lat, dest_lng, dest_is_pinned from deliveries where id = ${story.id}`
    expect({ ...row }).toEqual({ dest_lat: -1.2921, dest_lng: 36.7854, dest_is_pinned: true })
  })
})

describe('accepting', () => {
  test('of many riders at once gives it to exactly one, who may say so again', async () => {
    const riders = await Promise.all(Array.from({ length: 8 }, () => newRider(shop, { isOnDuty: false })))
    const story = await packed(shop, people.staff)
    await Promise.all(riders.map((rider) => rider.post('/api/v1/drivers/me/duty', { isOnDuty: true })))
    const answers = await Promise.all(riders.map((rider) => rider.post(`/api/v1/deliveries/${story.id}/accept`)))
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, ...Array.from({ length: 7 }, () => 409)])
    const { driver_id, events, event_count } = await rows(story)
    const winner = riders[answers.findIndex(({ status }) => status === 200)]
    expect([driver_id, events, event_count]).toEqual([winner?.accountId ?? '', 2, 2])
    expect((await winner?.post(`/api/v1/deliveries/${story.id}/accept`))?.status).toBe(200)
    expect((await rows(story)).events).toBe(2)
    await Promise.all(riders.map((rider) => rider.post('/api/v1/drivers/me/duty', { isOnDuty: false })))
  })

  test('needs a rider on duty', async () => {
    const story = await packed(shop, people.staff)
    expect(await code(await people.rider.post(`/api/v1/deliveries/${story.id}/accept`))).toBe('driver_off_duty')
    expect((await (await person(shop)).post(`/api/v1/deliveries/${story.id}/accept`)).status).toBe(403)
  })
})

describe('a run', () => {
  test('moves the order with it, and a step done twice is done once', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'assigned')
    expect((await rows(story)).order_state).toBe('packed')
    const pickup = () => people.rider.post(`/api/v1/deliveries/${story.id}/pickup`, { clientId: 'phone-action-1' })
    const answers = await Promise.all(Array.from({ length: 5 }, pickup))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(await rows(story)).toMatchObject({ state: 'picked_up', order_state: 'on_the_road', events: 3 })
    await people.rider.post(`/api/v1/deliveries/${story.id}/depart`)
    // The phone sends an old action again after the next one: it changes nothing.
    expect((await pickup()).status).toBe(200)
    expect((await rows(story)).state).toBe('en_route')
    await people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: story.code })
    expect(await rows(story)).toMatchObject({ state: 'delivered', order_state: 'delivered' })
    expect((await people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: story.code })).status).toBe(200)
    expect(await code(await people.rider.post(`/api/v1/deliveries/${story.id}/depart`))).toBe('delivery_state')
  })

  test('that fails lets the order be packed again, and another attempt puts it back on the road', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'en_route')
    await people.rider.post(`/api/v1/deliveries/${story.id}/fail`, { reason: 'no_answer' })
    expect(await rows(story)).toMatchObject({ state: 'failed', order_state: 'packed' })
    await people.rider.post(`/api/v1/deliveries/${story.id}/depart`)
    expect(await rows(story)).toMatchObject({ state: 'en_route', order_state: 'on_the_road' })
  })

  test('of a cancelled order goes nowhere', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'assigned')
    await shop.database.sql`update orders set state = 'cancelled' where id = ${story.order.id}`
    expect(await code(await people.rider.post(`/api/v1/deliveries/${story.id}/pickup`))).toBe('order_state')
    expect((await rows(story)).state).toBe('assigned')
  })

  test('happened when the phone says, but never in the future nor before it was given', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'assigned')
    const answer = await people.rider.post(`/api/v1/deliveries/${story.id}/pickup`, { occurredAt: '2020-01-01T00:00:00Z' })
    const view = (await answer.json()) as { assignedAt: string; pickedUpAt: string }
    expect(view.pickedUpAt).toBe(view.assignedAt)
    const later = (await (
      await people.rider.post(`/api/v1/deliveries/${story.id}/depart`, { occurredAt: '2099-01-01T00:00:00Z' })
    ).json()) as { enRouteAt: string }
    expect(new Date(later.enRouteAt).getTime()).toBeLessThanOrEqual(Date.now())
  })

  test('from two warehouses is delivered with the second', async () => {
    const shopper = guest(shop)
    const [here, there] = await Promise.all([
      makeVariant(shop.context, shop.catalogue, { stock: 5 }),
      makeVariant(shop.context, shop.catalogue, { stock: 0, mombasaStock: 5 }),
    ])
    await shopper.post('/api/v1/cart/lines', { variantId: here.variantId, quantity: 1 })
    const placed = (await (await buy(shopper, there.variantId)).json()) as { order: { number: string } }
    await shop.database.sql`update orders set state = 'paid', paid_at = now() where number = ${placed.order.number}`
    const answer = (await (await people.staff.post(`/api/v1/orders/${placed.order.number}/pack`)).json()) as {
      deliveries: { id: string }[]
    }
    expect(answer.deliveries.length).toBe(2)
    const states: string[] = []
    for (const { id } of answer.deliveries) {
      await people.rider.post('/api/v1/drivers/me/duty', { isOnDuty: true })
      for (const verb of ['accept', 'pickup', 'depart']) await people.rider.post(`/api/v1/deliveries/${id}/${verb}`)
      await people.staff.post(`/api/v1/deliveries/${id}/deliver`, { code: '' })
      const [row] = await shop.database.sql`select state from orders where number = ${placed.order.number}`
      states.push(row?.['state'] as string)
    }
    await people.rider.post('/api/v1/drivers/me/duty', { isOnDuty: false })
    expect(states).toEqual(['on_the_road', 'delivered'])
  })

  test('an order is what its deliveries make it', () => {
    expect(orderStateFor(['pending', 'assigned'])).toBe('packed')
    expect(orderStateFor(['failed'])).toBe('packed')
    expect(orderStateFor(['failed', 'delivered'])).toBe('on_the_road')
    expect(orderStateFor(['pending', 'picked_up'])).toBe('on_the_road')
    expect(orderStateFor(['delivered', 'delivered'])).toBe('delivered')
  })
})

describe('the code at the door', () => {
  test('takes five guesses however many come at once, and then only staff can close', async () => {
    const story = await packed(shop, people.staff)
    await bring(story, people.rider, 'arriving')
    const wrong = Array.from({ length: 20 }, (_, index) => String((Number(story.code) + 1 + index) % 10_000).padStart(4, '0'))
    const answers = await Promise.all(wrong.map((guess) => people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: guess })))
    expect(await Promise.all(answers.map(code))).toEqual(wrong.map(() => 'drop_off_code_wrong'))
    expect(await rows(story)).toMatchObject({ state: 'arriving', code_tries: 5 })
    const right = await people.rider.post(`/api/v1/deliveries/${story.id}/deliver`, { code: story.code })
    expect([right.status, ((await right.json()) as { triesLeft: number }).triesLeft]).toEqual([409, 0])
    expect((await people.staff.post(`/api/v1/deliveries/${story.id}/deliver`, { code: '' })).status).toBe(200)
    expect((await rows(story)).order_state).toBe('delivered')
  })

  test('is told to the shopper and never to the rider', async () => {
    const shopper = await person(shop)
    const story = await packed(shop, people.staff, await paidOrder(shop, shopper))
    await bring(story, people.rider, 'en_route')
    const seen = async (visitor: typeof shopper) =>
      (await (await visitor.get(`/api/v1/deliveries/${story.id}`)).json()) as {
        dropOffCode: string | null
        contact: { phone: string } | null
        rider: object
      }
    expect(await seen(shopper)).toMatchObject({ dropOffCode: story.code, contact: null, rider: { firstName: 'Juma', plate: 'KMFB 123A' } })
    expect(await seen(people.rider)).toMatchObject({ dropOffCode: null, contact: { phone: '254712345678' } })
    expect((await seen(people.vendor)).dropOffCode).toBeNull()
    expect((await (await person(shop)).get(`/api/v1/deliveries/${story.id}`)).status).toBe(404)
  })
})

describe('dispatch', () => {
  test('moves a delivery from one rider to another until the ride has begun', async () => {
    const [first, second] = await Promise.all([newRider(shop, { isOnDuty: false }), newRider(shop, { isOnDuty: false })])
    const story = await packed(shop, people.staff)
    const assign = (driverId: string) => people.vendor.post(`/api/v1/deliveries/${story.id}/assign`, { driverId })
    expect(await code(await assign(first.accountId))).toBe('driver_off_duty')
    await Promise.all([first, second].map((rider) => rider.post('/api/v1/drivers/me/duty', { isOnDuty: true })))
    expect((await assign(first.accountId)).status).toBe(200)
    await first.post(`/api/v1/deliveries/${story.id}/pickup`)
    expect((await rows(story)).order_state).toBe('on_the_road')
    expect((await assign(second.accountId)).status).toBe(200)
    expect(await rows(story)).toMatchObject({ state: 'assigned', driver_id: second.accountId, order_state: 'packed' })
    expect((await first.post(`/api/v1/deliveries/${story.id}/pickup`)).status).toBe(404)
    await second.post(`/api/v1/deliveries/${story.id}/pickup`)
    await second.post(`/api/v1/deliveries/${story.id}/depart`)
    expect(await code(await assign(first.accountId))).toBe('delivery_state')
    expect(await code(await people.vendor.post(`/api/v1/deliveries/${story.id}/unassign`, {}))).toBe('delivery_state')
    await Promise.all([first, second].map((rider) => rider.post('/api/v1/drivers/me/duty', { isOnDuty: false })))
  })

  test('lists a rider their own and staff all, page by page', async () => {
    const rider = await newRider(shop, { isOnDuty: false })
    const stories = [await packed(shop, people.staff), await packed(shop, people.staff), await packed(shop, people.staff)]
    for (const story of stories) await bring(story, rider, 'assigned')
    const first = (await (await rider.get('/api/v1/deliveries?limit=2')).json()) as { items: { id: string }[]; nextCursor: string }
    const second = (await (await rider.get(`/api/v1/deliveries?limit=2&cursor=${first.nextCursor}`)).json()) as {
      items: { id: string }[]
      nextCursor: null
    }
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(stories.map(({ id }) => id).reverse())
    expect(second.nextCursor).toBeNull()
    expect((await people.staff.get('/api/v1/deliveries?state=assigned')).status).toBe(200)
    expect((await (await person(shop)).get('/api/v1/deliveries')).status).toBe(403)
  })
})
