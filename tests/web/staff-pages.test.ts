import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { buy, guest, person, type Visitor } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { until } from '../support/shop-process.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { crew, newRider, packed, paidOrder } from '../delivery/delivery-story.ts'

// Staff work through pages with a browser's cookie-free twin, the bearer: what is tried is what the pages let them do.
let shop: TestShop
let staff: Visitor
beforeAll(async () => {
  shop = await openShop()
  staff = await person(shop, { roles: ['support'] })
})
afterAll(() => shop.close())

const page = async (path: string, who: Visitor = staff): Promise<{ status: number; html: string }> => {
  const answer = await who.get(path, { accept: 'text/html' })
  return { status: answer.status, html: await answer.text() }
}
const press = (path: string, form: Record<string, string>, who: Visitor = staff): Promise<Response> =>
  shop.fetch(path, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${who.token}` },
  })

describe('the staff desk', () => {
  test('is for staff: a shopper is refused and a stranger asked to sign in, on every page', async () => {
    const shopper = await person(shop)
    for (const path of ['/admin', '/admin/money', '/admin/messages', '/admin/orders', '/admin/dispatch', '/admin/health']) {
      expect([path, (await page(path)).status]).toEqual([path, 200])
      expect([path, (await page(path, shopper)).status]).toEqual([path, 403])
      expect([path, [401, 303].includes((await shop.fetch(path, { headers: { accept: 'text/html' } })).status)]).toEqual([path, true])
    }
  })

  test('shows what waits, each number a way to its list', async () => {
    await paidOrder(shop)
    const { html } = await page('/admin')
    expect(html).toMatch(/href="\/admin\/orders\?state=paid"[^>]*><span class="meta">Orders to pack<\/span><strong>[1-9]/)
  })

  test('lets an order be packed and its delivery be given to a rider, by forms', async () => {
    const order = await paidOrder(shop)
    const answer = await press(`/admin/orders/${order.number}/pack`, {})
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/admin/orders/${order.number}?done=packed`])
    expect((await page(`/admin/orders/${order.number}?done=packed`)).html).toContain('Packed. The delivery is made.')
    const again = await press(`/admin/orders/${order.number}/pack`, {})
    expect(again.headers.get('location')).toContain('problem=order_state')

    const rider = await newRider(shop)
    const [delivery] = await shop.database.sql<{ id: string }[]>`select id from deliveries where order_id = ${order.id}`
    const given = await press(`/admin/dispatch/${delivery?.id}/assign`, { rider: rider.accountId })
    expect(given.headers.get('location')).toBe('/admin/dispatch?done=given')
    expect((await page('/admin/dispatch')).html).toContain('Juma Otieno')
  })

  test('refuses a rider who is nobody and a delivery that is not there, and says so', async () => {
    const { staff: dispatcher } = await crew(shop)
    const story = await packed(shop, dispatcher)
    const nobody = await press(`/admin/dispatch/${story.id}/assign`, { rider: 'not an id' })
    expect(nobody.headers.get('location')).toBe('/admin/dispatch?problem=not_found')
    expect((await page('/admin/dispatch?problem=not_found')).html).toContain('There is nothing here.')
    expect((await page('/admin/dispatch?problem=%3Cscript%3E')).html).not.toContain('<script>alert')
  })
})

/** An order paid on the simulated phone, and its charge. */
async function paidByPhone(): Promise<{ number: string; chargeId: string; reference: string }> {
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  const phone = `0712${String(++serial).padStart(6, '5')}`
  const answer = await buy(guest(shop), variantId, { body: { contact: { name: 'Amina', phone } } })
  const { order } = (await answer.json()) as { order: { number: string } }
  let promptId: string | undefined
  await until(async () => {
    await shop.settle()
    const { items } = (await (await shop.fetch(`/sandbox/mpesa/prompts?phone=${phone}`)).json()) as { items: { id: string }[] }
    promptId = items[0]?.id
    return promptId !== undefined
  }, 'the prompt')
  await shop.post(`/sandbox/mpesa/prompts/${promptId}/pin`, { pin: '1234' })
  const find = async () =>
    (
      await shop.database.sql<{ id: string; reference: string; state: string }[]>`
        select t.id, t.reference, t.state from transactions t join orders o on o.id = t.order_id where o.number = ${order.number} and t.kind = 'charge'`
    )[0]
  await until(async () => {
    await shop.settle()
    return (await find())?.state === 'succeeded'
  }, 'the payment')
  const charge = await find()
  return { number: order.number, chargeId: charge?.id ?? '', reference: charge?.reference ?? '' }
}
let serial = 0

const refundsOf = async (chargeId: string): Promise<string[]> =>
  (
    await shop.database.sql<
      { amount: string }[]
    >`select amount_minor::text as amount from transactions where parent_id = ${chargeId} and kind = 'refund'`
  ).map(({ amount }) => amount)

describe('money pages', () => {
  test('show a payment with its raw messages and give it back once, however often the button is tapped', async () => {
    const { number, chargeId, reference } = await paidByPhone()
    const money = await person(shop, { roles: ['finance'] })
    expect((await page(`/admin/money?order=${number}`, money)).html).toContain(reference)
    const { html } = await page(`/admin/money/${chargeId}`, money)
    expect(html).toContain('CheckoutRequestID')
    const form = { amount: '10', reason: 'a loose button', key: /name="key" value="([^"]+)"/.exec(html)?.[1] ?? '' }
    for (let tap = 0; tap < 3; tap++)
      expect((await press(`/admin/money/${chargeId}/refund`, form, money)).headers.get('location')).toBe(
        `/admin/money/${chargeId}?done=refund`,
      )
    expect(await refundsOf(chargeId)).toEqual(['1000'])
  })

  test('a refund without a reason, of letters or beyond what is left changes nothing and says why', async () => {
    const { chargeId } = await paidByPhone()
    const money = await person(shop, { roles: ['finance'] })
    const tries: [Record<string, string>, string][] = [
      [{ amount: '10', reason: '', key: crypto.randomUUID() }, 'invalid_input'],
      [{ amount: 'ten', reason: 'a loose button', key: crypto.randomUUID() }, 'invalid_input'],
      [{ amount: '999999', reason: 'a loose button', key: crypto.randomUUID() }, 'refund_exceeds'],
    ]
    for (const [form, problem] of tries)
      expect((await press(`/admin/money/${chargeId}/refund`, form, money)).headers.get('location')).toBe(
        `/admin/money/${chargeId}?problem=${problem}`,
      )
    expect(await refundsOf(chargeId)).toEqual([])
  })

  test('let a message be worked again without a second effect', async () => {
    const { chargeId } = await paidByPhone()
    const [message] = await shop.database.sql<{ id: string }[]>`
      select webhook_event_id as id from transaction_events where transaction_id = ${chargeId} and webhook_event_id is not null limit 1`
    const events = async () =>
      Number((await shop.database.sql`select count(*) from transaction_events where transaction_id = ${chargeId}`)[0]?.['count'])
    const before = await events()
    const answer = await press(`/admin/messages/${message?.id}/replay`, {})
    expect(answer.headers.get('location')).toBe('/admin/messages?done=replayed')
    await shop.settle()
    expect(await events()).toBe(before)
  })
})
