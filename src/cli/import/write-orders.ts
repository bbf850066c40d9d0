import { sql } from 'drizzle-orm'
import { carts } from '../../domain/cart/cart.table.ts'
import { stockHolds, stockLevels, stockMoves } from '../../domain/catalog/stock.table.ts'
import { deliveries, deliveryEvents } from '../../domain/delivery/delivery.table.ts'
import { orderEvents, orderLines, orders } from '../../domain/orders/order.table.ts'
import { basisPointsOf, vatBasisPointsOf, vatInside } from '../../lib/money.ts'
import { parsePhone } from '../../lib/phone.ts'
import { derivedToken, sha256Hex } from '../../lib/signature.ts'
import type { SoldOrder } from '../../domain/payments/recognise-sale.ts'
import type { Tx } from '../../platform/db.ts'
import { applyCharges, type ChargeToWrite, openCharges } from './apply-charges.ts'
import { type ImportTools, type NewLink, writeLinks } from './import-tools.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import { oldMoment } from './old-database.ts'
import { destinationOf, type OrderReferences, readOrderReferences, type SoldProduct } from './order-references.ts'
import type { PlannedOrder } from './plan-order.ts'

/** An order with what it is called here. */
interface WrittenOrder {
  readonly id: string
  readonly cartId: string
  readonly plan: PlannedOrder
  readonly lines: readonly {
    readonly sold: SoldProduct
    readonly warehouseId: string
    readonly quantity: number
    readonly priceMinor: bigint
  }[]
  readonly digest: string
}

const actor = 'system:import'
const sellingStates: ReadonlySet<string> = new Set(['paid', 'packed', 'on_the_road', 'delivered'])

/**
 * Writes orders the shop does not have yet, in one commit: with their lines, history, goods, charges and delivery. The order is
 * written in the state its plan says; should a charge come out otherwise than planned, UnexpectedOutcome is thrown and nothing of
 * the page stays.
 */
export async function writeOrders(tx: Tx, tools: ImportTools, plans: readonly { plan: PlannedOrder; digest: string }[]): Promise<void> {
  const known = await readOrderReferences(
    tx,
    tools,
    plans.map(({ plan }) => plan),
  )
  const written: WrittenOrder[] = plans.map(({ plan, digest }) => ({
    id: tools.ids.next(),
    cartId: tools.ids.next(),
    plan,
    digest,
    lines: plan.lines.map(({ productId, warehouseId, quantity, priceMinor }) => ({
      sold: known.product(productId),
      warehouseId: known.warehouse(warehouseId).id,
      quantity,
      priceMinor,
    })),
  }))
  await insertRows(
    tx,
    carts,
    written.map(({ cartId, plan }) => ({
      id: cartId,
      accountId: known.account(plan.row['user_id']) ?? null,
      status: 'ordered',
      createdAt: plan.createdAt,
      updatedAt: plan.createdAt,
    })),
  )
  const rows = written.map((each) => {
    const [order, lines] = [orderRow(tools, known, each), lineRows(tools, each)]
    return { order, lines, sold: { ...each, sale: soldOrder(order, lines) } }
  })
  await insertRows(
    tx,
    orders,
    rows.map(({ order }) => order),
  )
  await insertRows(
    tx,
    orderLines,
    rows.flatMap(({ lines }) => lines),
  )
  await insertRows(
    tx,
    orderEvents,
    written.flatMap(({ id, plan }) =>
      plan.history.map(({ state, at, reason }, index) => ({
        id: tools.ids.next(),
        orderId: id,
        fromState: plan.history[index - 1]?.state ?? null,
        toState: state,
        actor,
        reason,
        createdAt: at,
      })),
    ),
  )
  await moveGoods(tx, tools, written)
  const links = [
    ...(await writeCharges(
      tx,
      tools,
      known,
      rows.map(({ sold }) => sold),
    )),
    ...(await writeDeliveries(tx, tools, known, written)),
  ]
  await writeLinks(tx, tools.source, [
    ...written.map(({ id, plan, digest }) => ({ table: 'orders_order', id: plan.id, target: 'orders', targetId: id, digest })),
    ...links,
  ])
}

function orderRow(tools: ImportTools, known: OrderReferences, { id, cartId, plan }: WrittenOrder): typeof orders.$inferInsert {
  const { row, createdAt, totalMinor, history } = plan
  const place = destinationOf(plan)
  const { county, zone } = known.county(place)
  const userId = row['user_id'] ?? undefined
  const accountId = known.account(userId)
  // The old shop kept the row of money and removed the person; their name and address are not carried on.
  const isGone = userId !== undefined && accountId === undefined
  const text = (name: string): string => (isGone ? '' : (row[name] ?? ''))
  const state = history.at(-1)?.state ?? 'expired'
  return {
    id,
    number: tools.ids.orderNumber(),
    tokenHash: sha256Hex(derivedToken(tools.appSecret, 'order', id)),
    accountId: accountId ?? null,
    cartId,
    state,
    contactName: isGone ? 'Former customer' : text('full_name') || 'Customer',
    contactPhone: parsePhone(text('mpesa_phone_number')) ?? '',
    contactEmail: text('email') === '' ? null : text('email'),
    county,
    town: county,
    landmark: isGone ? '' : text('dest_address_text') || text('location_address') || text('address'),
    lat: isGone ? null : (place?.lat ?? null),
    lng: isGone ? null : (place?.lng ?? null),
    deliveryZone: zone,
    promisedFrom: createdAt,
    promisedTo: createdAt,
    note: `Order ${plan.id} of the old shop`,
    paymentMethod: plan.charges[0]?.method ?? (row['payment_method'] ?? 'mpesa').toLowerCase(),
    paymentPhone: parsePhone(text('mpesa_phone_number')) ?? null,
    currency: 'KES',
    linesMinor: totalMinor,
    discountMinor: 0n,
    deliveryMinor: 0n,
    vatMinor: plan.lines.reduce(
      (sum, line) => sum + vatInside(line.priceMinor * BigInt(line.quantity), vatBasisPointsOf(known.product(line.productId).vatClass)),
      0n,
    ),
    totalMinor,
    createdAt,
    expiresAt: createdAt,
    paidAt: history.find((step) => step.state === 'paid')?.at ?? null,
    closedAt: ['delivered', 'cancelled', 'expired'].includes(state) ? (history.at(-1)?.at ?? null) : null,
  }
}

/** What a paid order is to the books: the old shop knew neither delivery fees nor discounts. */
const soldOrder = (order: typeof orders.$inferInsert, lines: readonly (typeof orderLines.$inferInsert)[]): SoldOrder => ({
  number: order.number,
  currency: 'KES',
  totalMinor: order.totalMinor,
  deliveryMinor: 0n,
  discountMinor: 0n,
  lines,
})

function lineRows(tools: ImportTools, { id, lines }: WrittenOrder): (typeof orderLines.$inferInsert)[] {
  return lines.map(({ sold, warehouseId, quantity, priceMinor }, position) => {
    const totalMinor = priceMinor * BigInt(quantity)
    const vatBasisPoints = vatBasisPointsOf(sold.vatClass)
    return {
      id: tools.ids.next(),
      orderId: id,
      variantId: sold.variantId,
      productId: sold.productId,
      vendorId: sold.vendorId,
      warehouseId,
      position,
      name: sold.name,
      sku: sold.sku,
      size: 'One size',
      colour: 'As pictured',
      picturePath: '',
      quantity,
      unitPriceMinor: priceMinor,
      totalMinor,
      vatBasisPoints,
      vatMinor: vatInside(totalMinor, vatBasisPoints),
      commissionBasisPoints: sold.commissionBasisPoints,
      commissionMinor: basisPointsOf(totalMinor, sold.commissionBasisPoints),
    }
  })
}

/** The goods of sold orders came and went before the stock was counted: a move in and a move out, and the shelf is as it was. */
async function moveGoods(tx: Tx, tools: ImportTools, written: readonly WrittenOrder[]): Promise<void> {
  const picks = written
    .filter(({ plan }) => sellingStates.has(plan.history.at(-1)?.state ?? ''))
    .flatMap(({ id, plan, lines }) => {
      const at = plan.history.find(({ state }) => state === 'paid')?.at ?? plan.createdAt
      const shelves = Map.groupBy(lines, ({ sold, warehouseId }) => `${sold.variantId} ${warehouseId}`)
      return [...shelves.values()].flatMap((same) => {
        const [first] = same
        if (first === undefined) return []
        return [
          {
            orderId: id,
            oldId: plan.id,
            at,
            variantId: first.sold.variantId,
            warehouseId: first.warehouseId,
            quantity: same.reduce((sum, line) => sum + line.quantity, 0),
          },
        ]
      })
    })
  await insertRows(
    tx,
    stockLevels,
    picks.map(({ variantId, warehouseId }) => ({ variantId, warehouseId, onHand: 0, reserved: 0 })),
    sql` on conflict do nothing`,
  )
  await insertRows(
    tx,
    stockHolds,
    picks.map(({ orderId, variantId, warehouseId, quantity, at }) => ({
      id: tools.ids.next(),
      orderId,
      variantId,
      warehouseId,
      quantity,
      state: 'consumed',
      createdAt: at,
      endedAt: at,
    })),
  )
  await insertRows(
    tx,
    stockMoves,
    picks.flatMap(({ orderId, oldId, variantId, warehouseId, quantity, at }) => [
      {
        id: tools.ids.next(),
        variantId,
        warehouseId,
        kind: 'received',
        delta: quantity,
        orderId: null,
        cause: `legacy order ${oldId}`,
        actor,
        createdAt: at,
      },
      {
        id: tools.ids.next(),
        variantId,
        warehouseId,
        kind: 'sold',
        delta: -quantity,
        orderId,
        cause: `order:${orderId}`,
        actor,
        createdAt: at,
      },
    ]),
  )
}

/**
 * Charges of one order come one after the other: an order has one open charge at a provider at most, and a second payment names the
 * first. Orders do not wait for each other: the first charges of all are written at once, then the second ones.
 */
async function writeCharges(
  tx: Tx,
  tools: ImportTools,
  known: OrderReferences,
  written: readonly (WrittenOrder & { readonly sale: SoldOrder })[],
): Promise<NewLink[]> {
  const queues = written.map(({ id, plan, sale }) =>
    [...plan.charges]
      .sort((one, other) => rank(one) - rank(other))
      .map((charge): ChargeToWrite => ({ charge, orderId: id, totalMinor: plan.totalMinor, sale, account: known.account })),
  )
  const paidBy = new Map<string, string>()
  const links: NewLink[] = []
  for (let turn = 0; ; turn++) {
    const writes = queues.flatMap((queue) => queue[turn] ?? [])
    if (writes.length === 0) return links
    const rows = await openCharges(tx, tools, writes)
    const told = writes.map((write, at) => {
      const row = rows[at]
      if (row === undefined) throw new Error('the charge was not written')
      return { write, row, paidByAnother: paidBy.get(write.orderId) }
    })
    const { applied, links: made } = await applyCharges(tx, tools, told)
    applied.forEach(({ outcome, row }) => {
      if (outcome === 'paid' && row.orderId !== null) paidBy.set(row.orderId, row.id)
    })
    links.push(...made)
  }
}

/** The charge that pays goes first, one that stays open last. */
const rank = ({ becomes }: PlannedOrder['charges'][number]): number => (becomes === 'succeeded' ? 0 : becomes === 'pending' ? 2 : 1)

const road = ['pending', 'assigned', 'picked_up', 'en_route', 'delivered'] as const

async function writeDeliveries(tx: Tx, tools: ImportTools, known: OrderReferences, written: readonly WrittenOrder[]): Promise<NewLink[]> {
  const made = written.flatMap((order) => {
    const old = order.plan.delivery
    const first = order.plan.lines[0]
    if (old === undefined || first === undefined) return []
    const driverId = known.account(old['driver_id'])
    const isDelivered = old['status'] === 'delivered'
    // The law wants to know who brought it; without a rider only the order's own history says that it arrived.
    if (isDelivered && driverId === undefined) {
      tools.report.find({
        sort: 'told',
        kind: 'delivery_without_rider',
        table: 'orders_delivery',
        id: old['id'] ?? '',
        orderId: order.plan.id,
        lands: 'the order’s history',
        says: 'the old shop does not say who brought it',
      })
      return []
    }
    return [
      {
        order,
        old,
        id: tools.ids.next(),
        driverId,
        isDelivered,
        shelf: known.warehouse(first.warehouseId),
        createdAt: oldMoment(old['created_at']) ?? order.plan.createdAt,
      },
    ]
  })
  const times = (old: (typeof made)[number]['old'], fallback: Date): Record<(typeof road)[number], Date> => {
    const assigned = oldMoment(old['assigned_at']) ?? fallback
    const picked = oldMoment(old['picked_up_at']) ?? assigned
    return { pending: fallback, assigned, picked_up: picked, en_route: picked, delivered: oldMoment(old['delivered_at']) ?? picked }
  }
  await insertRows(
    tx,
    deliveries,
    made.map(({ id, order, old, driverId, isDelivered, shelf, createdAt }) => {
      const at = times(old, createdAt)
      const pin = destinationOf(order.plan)
      const destination = pin ?? shelf
      return {
        id,
        orderId: order.id,
        warehouseId: shelf.id,
        driverId: isDelivered ? (driverId ?? null) : null,
        state: isDelivered ? 'delivered' : 'pending',
        originLat: shelf.lat,
        originLng: shelf.lng,
        destLat: destination.lat,
        destLng: destination.lng,
        destIsPinned: pin !== undefined,
        destText: order.plan.row['dest_address_text'] ?? '',
        eventCount: isDelivered ? road.length : 1,
        codeTries: 0,
        createdAt,
        assignedAt: isDelivered ? at.assigned : null,
        pickedUpAt: isDelivered ? at.picked_up : null,
        enRouteAt: isDelivered ? at.en_route : null,
        deliveredAt: isDelivered ? at.delivered : null,
        closedAt: isDelivered ? at.delivered : null,
      }
    }),
  )
  await insertRows(
    tx,
    deliveryEvents,
    made.flatMap(({ id, old, isDelivered, createdAt }) => {
      const at = times(old, createdAt)
      return road.slice(0, isDelivered ? road.length : 1).map((state, index) => ({
        id: tools.ids.next(),
        deliveryId: id,
        seq: index + 1,
        kind: index === 0 ? 'created' : state,
        fromState: road[index - 1] ?? null,
        toState: state,
        actor,
        occurredAt: at[state],
        data: { legacy: old['id'] },
        createdAt: at[state],
      }))
    }),
  )
  return made.map(({ id, old }) => ({ table: 'orders_delivery', id: old['id'] ?? '', target: 'deliveries', targetId: id }))
}
