import { moveOrder } from '../../src/domain/orders/move-order.ts'
import type { DeliveryState } from '../../src/domain/delivery/delivery.states.ts'
import { dropOffCode } from '../../src/domain/delivery/drop-off-code.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { buy, guest, person, type Visitor } from '../support/actors.ts'
import { makeVariant, type PersonWish } from '../support/factories.ts'
import type { TestShop } from '../support/shop.ts'
import { openSocket, type SocketProbe } from '../support/socket-probe.ts'

/** An order that is paid, and who placed it. */
export interface PaidOrder {
  readonly id: string
  readonly number: string
  readonly token: string
  readonly shopper: Visitor
}

/** Places an order and lets it be paid, without the provider: what matters here begins after. */
export async function paidOrder(shop: TestShop, shopper: Visitor = guest(shop), body: Record<string, unknown> = {}): Promise<PaidOrder> {
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  const answer = await buy(shopper, variantId, { body })
  if (answer.status !== 201) throw new Error(`not placed: ${await answer.text()}`)
  const placed = (await answer.json()) as { order: { number: string }; orderToken: string }
  const [row] = await shop.database.sql`select id, state from orders where number = ${placed.order.number}`
  const order = { id: row?.['id'] as string, state: row?.['state'] as string }
  await shop.context.db.transaction((tx) => moveOrder(tx, systemStamp('test', shop.context), order, 'paid', 'test'))
  return { id: order.id, number: placed.order.number, token: placed.orderToken, shopper }
}

/** The people of a delivery. */
export interface Crew {
  readonly staff: Visitor
  readonly vendor: Visitor
  readonly rider: Visitor & { accountId: string }
}

/** Staff, the vendor's dispatcher and one rider on duty. */
export async function crew(shop: TestShop): Promise<Crew> {
  const [staff, vendor, rider] = await Promise.all([
    person(shop, { roles: ['support'] }),
    person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff', scopes: ['delivery'] } }),
    newRider(shop, { isOnDuty: false }),
  ])
  return { staff, vendor, rider }
}

/** A rider; on duty unless told otherwise. */
export const newRider = async (shop: TestShop, wish: PersonWish = {}): Promise<Visitor & { accountId: string }> =>
  (await person(shop, { isDriver: true, name: 'Juma Otieno', ...wish })) as Visitor & { accountId: string }

/** A delivery and the order it brings. */
export interface Story {
  readonly order: PaidOrder
  readonly id: string
  readonly number: number
  readonly code: string
}

/** Packs a paid order; nobody is on duty unless the test said so, so the delivery waits. */
export async function packed(shop: TestShop, staff: Visitor, order?: PaidOrder): Promise<Story> {
  const bought = order ?? (await paidOrder(shop))
  const answer = await staff.post(`/api/v1/orders/${bought.number}/pack`)
  if (answer.status !== 200) throw new Error(`not packed: ${await answer.text()}`)
  const [delivery] = ((await answer.json()) as { deliveries: { id: string; number: number }[] }).deliveries
  if (delivery === undefined) throw new Error('no delivery was made')
  return { order: bought, id: delivery.id, number: delivery.number, code: dropOffCode(shop.context.config.appSecret, delivery.id) }
}

const path: readonly (readonly [DeliveryState, string])[] = [
  ['assigned', 'accept'],
  ['picked_up', 'pickup'],
  ['en_route', 'depart'],
  ['arriving', 'arrive'],
  ['delivered', 'deliver'],
]

/** Brings a delivery from where it is to a state by the rider's own calls; the rider is on duty for the time it takes. */
export async function bring(story: Story, rider: Visitor, to: DeliveryState): Promise<void> {
  await rider.post('/api/v1/drivers/me/duty', { isOnDuty: true })
  const known = await rider.get(`/api/v1/deliveries/${story.id}`)
  const { state: from } = known.status === 200 ? ((await known.json()) as { state: string }) : { state: 'pending' }
  for (const [state, verb] of path.slice(path.findIndex(([state]) => state === from) + 1)) {
    const answer = await rider.post(`/api/v1/deliveries/${story.id}/${verb}`, verb === 'deliver' ? { code: story.code } : undefined)
    if (answer.status !== 200) throw new Error(`${verb}: ${await answer.text()}`)
    if (state === to) break
  }
  await rider.post('/api/v1/drivers/me/duty', { isOnDuty: false })
}

/** Opens the tracking socket of a delivery as somebody. */
export const track = (
  shop: TestShop,
  story: { id: string } | string,
  as: { token?: string | undefined; link?: string },
  headers: Record<string, string> = {},
): Promise<SocketProbe> =>
  openSocket(
    `${shop.origin}/ws/delivery/track/${typeof story === 'string' ? story : story.id}${as.link === undefined ? '' : `?token=${as.link}`}`,
    {
      ...(as.token === undefined ? {} : { authorization: `Bearer ${as.token}` }),
      ...headers,
    },
  )

/** A whole socket refused before the upgrade: its HTTP answer. */
export const refusedUpgrade = (
  shop: TestShop,
  story: { id: string } | string,
  headers: Record<string, string> = {},
  query = '',
): Promise<Response> =>
  fetch(`${shop.origin}/ws/delivery/track/${typeof story === 'string' ? story : story.id}${query}`, {
    headers: {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  })
