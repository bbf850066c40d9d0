import { dropOffCode } from '../../src/domain/delivery/drop-off-code.ts'
import { simulatorOf } from '../../src/domain/payments/simulators/mpesa.simulator.ts'
import { checkoutBody, guest, type Visitor } from './actors.ts'
import type { TestShop } from './shop.ts'

/** What a shopper is to buy. */
export interface Purchase {
  readonly lines: readonly { readonly variantId: string; readonly quantity?: number }[]
  readonly code?: string
  /** Of the checkout. */
  readonly body?: Record<string, unknown>
  readonly visitor?: Visitor
}

/** Money on the wire. */
export interface Amount {
  readonly amountMinor: number
  readonly currency: string
}

/** What a test looks at in an order on the wire. */
export interface SeenOrder {
  readonly state: string
  readonly total: Amount
  readonly discount: Amount
  readonly delivery: Amount
  readonly vat: Amount
  readonly lines: readonly {
    readonly id: string
    readonly variantId: string
    readonly quantity: number
    readonly total: Amount
    readonly discount: Amount
    readonly packedQuantity: number
    readonly returnedQuantity: number
  }[]
}

/** An order placed through the doors of the shop. */
export interface Placed {
  readonly id: string
  readonly number: string
  readonly token: string
  readonly phone: string
  readonly visitor: Visitor
  readonly totalMinor: number
  /** The order as its shopper sees it now. */
  see(): Promise<SeenOrder>
  /** An address of the order, with its token. */
  path(rest?: string): string
}

let serial = 0

/** A phone that does nothing by itself. */
export const newPhone = (): string => `07${String(20_000_100 + (process.pid % 500) * 10_000 + ++serial * 13).padStart(8, '0')}`

/** Fills a bag and places the order. Throws when it is refused. */
export async function place(shop: TestShop, purchase: Purchase): Promise<Placed> {
  const visitor = purchase.visitor ?? guest(shop)
  for (const { variantId, quantity = 1 } of purchase.lines) await visitor.post('/api/v1/cart/lines', { variantId, quantity })
  if (purchase.code !== undefined) await visitor.send('PUT', '/api/v1/cart/promo', { code: purchase.code })
  const phone = newPhone()
  const body = checkoutBody({ contact: { name: 'Amina Wanjiru', phone, email: `amina-${serial}@example.co.ke` }, ...purchase.body })
  const answer = await visitor.post('/api/v1/checkout', body, { 'idempotency-key': crypto.randomUUID() })
  if (answer.status !== 201) throw new Error(`not placed: ${await answer.text()}`)
  const placed = (await answer.json()) as { order: { number: string; total: { amountMinor: number } }; orderToken: string }
  const [row] = await shop.database.sql`select id from orders where number = ${placed.order.number}`
  const path = (rest = '') => `/api/v1/orders/${placed.order.number}${rest}?token=${placed.orderToken}`
  return {
    id: String(row?.['id']),
    number: placed.order.number,
    token: placed.orderToken,
    phone: (body['contact'] as { phone: string }).phone,
    visitor,
    totalMinor: placed.order.total.amountMinor,
    path,
    see: async () => (await (await shop.fetch(path())).json()) as SeenOrder,
  }
}

/** What the person with the phone does with the newest prompt of an order, and everything that follows. */
export async function press(shop: TestShop, order: Placed, action: 'pin' | 'cancel' | 'poor' | 'ignore' = 'pin'): Promise<void> {
  await shop.settle()
  const simulator = simulatorOf(shop.context)
  const waiting = simulator?.prompts(`254${order.phone.slice(1)}`).find(({ state }) => state === 'waiting')
  if (simulator === undefined || waiting === undefined) throw new Error('no prompt waits on that phone')
  await simulator.act(waiting.id, action)
  await shop.settle()
}

/** Places an order and pays it by M-Pesa. */
export async function buyAndPay(shop: TestShop, purchase: Purchase): Promise<Placed> {
  const order = await place(shop, purchase)
  await press(shop, order)
  return order
}

/** Packs what is not packed yet of an order, or the lines that are named. Throws when it is refused. */
export async function pack(
  shop: TestShop,
  staff: Visitor,
  order: Placed,
  lines?: readonly { lineId: string; quantity: number }[],
): Promise<{ id: string }[]> {
  const answer = await staff.post(`/api/v1/orders/${order.number}/pack`, lines === undefined ? undefined : { lines })
  if (answer.status !== 200) throw new Error(`not packed: ${await answer.text()}`)
  await shop.settle()
  return ((await answer.json()) as { deliveries: { id: string }[] }).deliveries
}

/** A rider brings a delivery to the door and hands it over. */
export async function deliver(shop: TestShop, rider: Visitor, deliveryId: string): Promise<void> {
  await rider.post('/api/v1/drivers/me/duty', { isOnDuty: true })
  for (const verb of ['accept', 'pickup', 'depart', 'arrive', 'deliver']) {
    const body = verb === 'deliver' ? { code: dropOffCode(shop.context.config.appSecret, deliveryId) } : undefined
    const answer = await rider.post(`/api/v1/deliveries/${deliveryId}/${verb}`, body)
    if (answer.status !== 200) throw new Error(`${verb}: ${await answer.text()}`)
  }
  await rider.post('/api/v1/drivers/me/duty', { isOnDuty: false })
  await shop.settle()
}
