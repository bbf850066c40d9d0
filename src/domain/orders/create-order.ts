import { actorLabel } from '../../lib/actor.ts'
import { basisPointsOf, vatBasisPointsOf, vatInside } from '../../lib/money.ts'
import { sha256Hex } from '../../lib/signature.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import type { OrderWithLines } from './order.queries.ts'
import { partOfLine } from './line.parts.ts'
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
  readonly language?: string
  readonly promoCode?: string | null
  readonly paymentMethod: string
  readonly paymentPhone: string | null
  readonly totals: {
    readonly linesMinor: bigint
    readonly discountMinor: bigint
    readonly deliveryMinor: bigint
    readonly waivedDeliveryMinor?: bigint
    readonly vatMinor: bigint
    readonly totalMinor: bigint
  }
  readonly lines: readonly OrderDraftLine[]
  readonly expiresAt: Date
}

/**
 * One line of an order to be: what, how many, from where, at which price and shares. `whole` is the line of the bag it is a part of,
 * where the goods come from several warehouses: discount and VAT are of the whole, and its parts add up to it.
 */
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
  readonly whole?: { readonly first: number; readonly quantity: number; readonly discountMinor: bigint; readonly vatMinor: bigint }
}

/**
 * Writes an order in awaiting_payment with its lines, frozen prices, VAT and commission, and its first event. A step; `drafts` of the
 * same bag line carry its discount and VAT.
 */
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
        kind: 'placed',
        actor: actorLabel(stamp.actor),
        createdAt: stamp.now,
      })
      .returning({ id: orderEvents.id }),
  )
  const written = await tx
    .with(event)
    .insert(orderLines)
    .values(lineRows(stamp, draft.id, lines))
    .returning()
  return { ...order, lines: written.sort((a, b) => a.position - b.position) }
}

/** The rows of an order's lines. */
export const lineRows = (stamp: Stamp, orderId: string, lines: readonly OrderDraftLine[]) =>
  lines.map((line, position) => ({ ...lineShares(line), id: stamp.ids.next(), orderId, position }))

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
    ...partOfWhole(line, totalMinor, vatBasisPoints),
    commissionBasisPoints: line.commissionBasisPoints,
    commissionMinor: basisPointsOf(totalMinor, line.commissionBasisPoints),
  }
}

function partOfWhole(line: OrderDraftLine, totalMinor: bigint, vatBasisPoints: number): { discountMinor: bigint; vatMinor: bigint } {
  const { whole } = line
  if (whole === undefined) return { discountMinor: 0n, vatMinor: vatInside(totalMinor, vatBasisPoints) }
  const amounts = {
    ...whole,
    totalMinor: line.priceMinor * BigInt(whole.quantity),
    commissionMinor: 0n,
    commissionVatMinor: 0n,
  }
  const { discountMinor, vatMinor } = partOfLine(amounts, whole.first, line.quantity)
  return { discountMinor, vatMinor }
}
