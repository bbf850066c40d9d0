import { actorLabel } from '../../lib/actor.ts'
import { basisPointsOf, vatBasisPointsOf, vatInside } from '../../lib/money.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { OrderWithLines } from './order.queries.ts'
import { orderEvents, orderLines, orders } from './order.table.ts'

/** Everything an order freezes at the moment it is placed. Amounts are minor units and include VAT. */
export interface OrderDraft {
  readonly id: string
  readonly token: string
  readonly accountId: string | null
  readonly cartId: string
  readonly contactName: string
  readonly contactPhone: string
  readonly contactEmail: string | null
  readonly county: string
  readonly town: string
  readonly landmark: string
  readonly lat: number | null
  readonly lng: number | null
  readonly deliveryZone: string
  readonly promisedFrom: Date
  readonly promisedTo: Date
  readonly note: string
  readonly paymentMethod: string
  readonly paymentPhone: string | null
  readonly totals: {
    readonly linesMinor: bigint
    readonly discountMinor: bigint
    readonly deliveryMinor: bigint
    readonly vatMinor: bigint
    readonly totalMinor: bigint
  }
  readonly lines: readonly OrderDraftLine[]
  readonly expiresAt: Date
}

/** One line of an order to be: what, how many, from where, at which price and shares. */
export interface OrderDraftLine {
  readonly variantId: string
  readonly productId: string
  readonly vendorId: string
  readonly warehouseId: string
  readonly name: string
  readonly sku: string
  readonly size: string
  readonly colour: string
  readonly picturePath: string
  readonly quantity: number
  readonly priceMinor: bigint
  readonly vatClass: string
  readonly commissionBasisPoints: number
}

/** Writes an order in awaiting_payment with its lines, frozen prices, VAT and commission, and its first event. */
export async function createOrder(tx: Tx, stamp: Stamp, draft: OrderDraft): Promise<OrderWithLines> {
  const { totals, lines, token, ...plain } = draft
  const [order] = await tx
    .insert(orders)
    .values({ ...plain, ...totals, number: stamp.ids.orderNumber(), tokenHash: sha256Hex(token), createdAt: stamp.now })
    .returning()
  if (order === undefined) throw new Error('createOrder: no row came back')
  // One statement for the lines and the event: every trip to the database is time in which the bag stays locked.
  const event = tx.$with('event').as(
    tx
      .insert(orderEvents)
      .values({
        id: stamp.ids.next(),
        orderId: draft.id,
        fromState: null,
        toState: 'awaiting_payment',
        actor: actorLabel(stamp.actor),
        createdAt: stamp.now,
      })
      .returning({ id: orderEvents.id }),
  )
  const written = await tx
    .with(event)
    .insert(orderLines)
    .values(lines.map((line, position) => ({ ...lineShares(line), id: stamp.ids.next(), orderId: draft.id, position })))
    .returning()
  return { ...order, lines: written.sort((a, b) => a.position - b.position) }
}

function lineShares(line: OrderDraftLine) {
  const { priceMinor, vatClass, ...rest } = line
  const totalMinor = priceMinor * BigInt(line.quantity)
  const vatBasisPoints = vatBasisPointsOf(vatClass)
  return {
    variantId: rest.variantId,
    productId: rest.productId,
    vendorId: rest.vendorId,
    warehouseId: rest.warehouseId,
    name: rest.name,
    sku: rest.sku,
    size: rest.size,
    colour: rest.colour,
    picturePath: rest.picturePath,
    quantity: rest.quantity,
    unitPriceMinor: priceMinor,
    totalMinor,
    vatBasisPoints,
    vatMinor: vatInside(totalMinor, vatBasisPoints),
    commissionBasisPoints: line.commissionBasisPoints,
    commissionMinor: basisPointsOf(totalMinor, line.commissionBasisPoints),
  }
}
