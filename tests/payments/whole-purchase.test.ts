import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { simulatorOf } from '../../src/domain/payments/simulators/mpesa.simulator.ts'
import { buy, guest, person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

// The real app as it is put together for the world, by its doors only.
let shop: TestShop
beforeAll(async () => void (shop = await openShop()))
afterAll(async () => await shop.close())

interface Placed {
  readonly order: { readonly number: string }
  readonly orderToken: string
  readonly payment: { readonly transactionId: string }
}
interface Prompts {
  readonly items: readonly { readonly id: string; readonly phone: string; readonly state: string; readonly callbackUrl: string }[]
}

/** Buys something with a phone of its own and answers the order and the prompt on that phone. */
async function bought(visitor: ReturnType<typeof guest>, phone: string) {
  const { variantId } = await makeVariant(shop.context, shop.catalogue, { priceMinor: 150_000n })
  const answer = await buy(visitor, variantId, { body: { contact: { name: 'Asha', phone } } })
  expect(answer.status).toBe(201)
  const placed = (await answer.json()) as Placed
  await shop.settle()
  const { items } = (await (await shop.fetch(`/sandbox/mpesa/prompts?phone=${phone}`)).json()) as Prompts
  expect(items).toHaveLength(1)
  return { placed, prompt: items[0] ?? { id: '', phone: '', state: '', callbackUrl: '' } }
}
const orderState = async (placed: Placed) =>
  ((await (await shop.fetch(`/api/v1/orders/${placed.order.number}?token=${placed.orderToken}`)).json()) as { state: string }).state
const form = async (path: string, fields: Record<string, string>) =>
  await shop.fetch(path, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })

describe('the handset', () => {
  test('shows the prompt, takes the PIN in a plain form, and the order is paid', async () => {
    const { placed, prompt } = await bought(guest(shop), '0711220501')
    const page = await shop.fetch(`/sandbox/handset?phone=${prompt.phone}`)
    expect(page.headers.get('refresh')).toBeNull()
    const html = await page.text()
    expect(html).toContain('Enter M-PESA PIN')
    expect(html).toContain(placed.order.number.replace('-', ''))
    expect(html).not.toContain(prompt.callbackUrl)
    const sent = await form(`/sandbox/mpesa/prompts/${prompt.id}/pin`, { pin: '1234' })
    expect(sent.status).toBe(303)
    expect(sent.headers.get('location')).toBe(`/sandbox/handset?phone=${prompt.phone}`)
    await shop.settle()
    expect(await orderState(placed)).toBe('paid')
    const after = await shop.fetch(`/sandbox/handset?phone=${prompt.phone}`)
    expect(after.headers.get('refresh')).toBe('3')
    const shown = await after.text()
    expect(shown).toContain('paid, receipt')
    expect(shown).toContain(`for order ${placed.order.number}`)
  })

  test('takes a wrong PIN and a cancel for what they are, and a second press changes nothing', async () => {
    const { placed, prompt } = await bought(guest(shop), '0711220502')
    await form(`/sandbox/mpesa/prompts/${prompt.id}/cancel`, {})
    await form(`/sandbox/mpesa/prompts/${prompt.id}/pin`, { pin: '1234' })
    await shop.settle()
    expect(await orderState(placed)).toBe('awaiting_payment')
    expect((await form('/sandbox/mpesa/prompts/nothing/pin', {})).status).toBe(404)
    expect((await form(`/sandbox/mpesa/prompts/${prompt.id}/explode`, {})).status).toBe(404)
  })

  test('is not there when the sandbox is off', async () => {
    const closed = await openShop({ environment: { SANDBOX: 'off' } })
    expect((await closed.fetch('/sandbox/handset')).status).toBe(404)
    expect((await closed.fetch('/sandbox/mpesa/prompts')).status).toBe(404)
    // Without keys and without the sandbox there is no M-Pesa, and so no address for its callbacks.
    expect((await closed.post('/webhooks/mpesa/anything', {})).status).toBe(404)
    await closed.close()
  })
})

describe('GET /api/v1/transactions/:id', () => {
  test('is for the owner of the order and for staff; anybody else finds nothing', async () => {
    const owner = await person(shop)
    const { placed, prompt } = await bought(owner, '0711220503')
    await form(`/sandbox/mpesa/prompts/${prompt.id}/pin`, { pin: '1234' })
    await shop.settle()
    const path = `/api/v1/transactions/${placed.payment.transactionId}`
    const answer = await owner.get(path)
    expect(answer.status).toBe(200)
    const body = (await answer.json()) as Record<string, unknown>
    expect(body).toMatchObject({
      kind: 'charge',
      provider: 'mpesa',
      state: 'succeeded',
      amount: { amountMinor: 170_000, currency: 'KES' },
      captured: { amountMinor: 170_000, currency: 'KES' },
      phoneMasked: '0711 *** 503',
    })
    expect(JSON.stringify(body)).not.toMatch(/254711220503|token/i)
    expect((await (await person(shop, { roles: ['support'] })).get(path)).status).toBe(200)
    expect((await (await person(shop)).get(path)).status).toBe(404)
    expect((await guest(shop).get(path)).status).toBe(401)
    expect((await owner.get('/api/v1/transactions/not-a-uuid')).status).toBe(404)
  })
})

test('numbers whose ending is a convention act by themselves', async () => {
  const simulator = simulatorOf(shop.context)
  simulator?.turn({ autoDelayMs: 10 })
  const { placed } = await bought(guest(shop), '254708374149')
  for (let i = 0; i < 50 && (await orderState(placed)) !== 'paid'; i += 1) {
    await Bun.sleep(10)
    await shop.settle()
  }
  expect(await orderState(placed)).toBe('paid')
})
