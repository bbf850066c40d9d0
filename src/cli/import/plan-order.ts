import type { OrderState } from '../../domain/orders/order.states.ts'
import { parseDecimal } from '../../lib/money.ts'
import type { Finding, ImportReport } from './import-report.ts'
import { oldMoment, type OldRow, oldTruth } from './old-database.ts'
import { type OldCharge, readOldCharge } from './old-movement.ts'
import { type PlannedCharge, planCharges } from './plan-charges.ts'

/** Everything the old shop keeps of one order. */
export interface OldOrder {
  readonly order: OldRow
  readonly items: readonly OldRow[]
  readonly deliveries: readonly OldRow[]
  readonly first: readonly OldRow[]
  readonly second: readonly OldRow[]
  readonly refunds: readonly OldRow[]
  /** Kept messages of providers by reference, of the first and the second model. */
  readonly firstEvents: ReadonlyMap<string, readonly OldRow[]>
  readonly secondEvents: ReadonlyMap<string, readonly OldRow[]>
}

/** One line as it was sold. No product: the old shop no longer says which it was. */
export interface PlannedLine {
  readonly productId: string | undefined
  readonly warehouseId: string | undefined
  readonly quantity: number
  readonly priceMinor: bigint
}

/** One order as it will stand here. */
export interface PlannedOrder {
  readonly id: string
  readonly row: OldRow
  readonly createdAt: Date
  readonly lines: readonly PlannedLine[]
  readonly totalMinor: bigint
  readonly charges: readonly PlannedCharge[]
  /** Every state it went through, with the moment. The last is the one it has. */
  readonly history: readonly { readonly state: OrderState; readonly at: Date; readonly reason: string }[]
  readonly delivery: OldRow | undefined
}

/** What the free text of payment_status comes to. */
export type PaymentStatus = 'paid' | 'unpaid' | 'failed' | 'cancelled' | 'unknown'

const statusWords: Readonly<Record<string, PaymentStatus>> = {
  paid: 'paid',
  success: 'paid',
  successful: 'paid',
  succeeded: 'paid',
  complete: 'paid',
  completed: 'paid',
  '': 'unpaid',
  pending: 'unpaid',
  pending_confirmation: 'unpaid',
  initialized: 'unpaid',
  processing: 'unpaid',
  unpaid: 'unpaid',
  failed: 'failed',
  failure: 'failed',
  error: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
}

/** Reads the old shop's free text, whatever its case and spacing. */
export const readPaymentStatus = (text: string | null | undefined): PaymentStatus =>
  statusWords[
    (text ?? '')
      .trim()
      .toLowerCase()
      .replace(/[\s-]+/g, '_')
  ] ?? 'unknown'

/** Says how an old order, its charges and its delivery will stand here. Undefined for one that says nothing: no lines and no money. */
export function planOrder(old: OldOrder, shared: ReadonlySet<string>, now: Date, report: ImportReport): PlannedOrder | undefined {
  const id = old.order['id'] ?? ''
  const find = (finding: Finding): void => report.find(finding)
  const charges = [
    ...readCharges(old.first, 'orders_transaction', old.firstEvents, find),
    ...readCharges(old.second, 'payments_transaction', old.secondEvents, find),
  ]
  const lines = readLines(old.items, id, find)
  const soldMinor = lines.reduce((sum, line) => sum + line.priceMinor * BigInt(line.quantity), 0n)
  const isWithoutLines = soldMinor === 0n
  const claimed = charges.find(({ status }) => status === 'success' || status === 'refunded' || status === 'duplicate')
  if (isWithoutLines && claimed === undefined) {
    find({
      sort: 'left',
      kind: 'empty_order',
      table: 'orders_order',
      id,
      lands: '',
      says: 'it has no lines that cost anything, and no money',
    })
    for (const charge of charges)
      find({
        sort: 'left',
        kind: 'order_left',
        table: charge.table,
        id: charge.id,
        orderId: id,
        amountMinor: charge.amountMinor,
        lands: '',
        says: 'its order is empty',
      })
    return undefined
  }
  const sold =
    isWithoutLines && claimed !== undefined
      ? [{ productId: undefined, warehouseId: undefined, quantity: 1, priceMinor: claimed.amountMinor }]
      : lines
  const totalMinor = isWithoutLines && claimed !== undefined ? claimed.amountMinor : soldMinor
  const lawful = charges.filter((charge) => {
    if (charge.provider !== 'mpesa' || totalMinor % 100n === 0n) return true
    find({
      sort: 'left',
      kind: 'cents_at_mpesa',
      table: charge.table,
      id: charge.id,
      orderId: id,
      amountMinor: charge.amountMinor,
      lands: '',
      says: 'M-Pesa moves whole shillings, and the order costs cents: this cannot have happened',
    })
    return false
  })
  const planned = planCharges({ totalMinor, charges: lawful, refunds: old.refunds, shared, isWithoutLines, now, find })
  const createdAt = oldMoment(old.order['created_at']) ?? planned[0]?.createdAt ?? now
  const history = planHistory(old, planned, createdAt, report)
  return {
    id,
    row: old.order,
    createdAt,
    lines: sold,
    totalMinor,
    charges: planned,
    history,
    delivery: chooseDelivery(old.deliveries, history.at(-1)?.state ?? 'expired', id, find),
  }
}

function readCharges(
  rows: readonly OldRow[],
  table: OldCharge['table'],
  events: ReadonlyMap<string, readonly OldRow[]>,
  find: (finding: Finding) => void,
): OldCharge[] {
  return rows.flatMap((row) => {
    const read = readOldCharge(table, row, events.get(row['reference'] ?? '') ?? [])
    if (typeof read !== 'string') return [read]
    find({
      sort: 'left',
      kind: read,
      table,
      id: row['id'] ?? '',
      orderId: row['order_id'] ?? undefined,
      amountMinor: parseDecimal(row['amount']),
      lands: '',
      says: `gateway ${row['gateway'] ?? 'none'}, status ${row['status'] ?? 'none'}`,
    })
    return []
  })
}

function readLines(items: readonly OldRow[], orderId: string, find: (finding: Finding) => void): PlannedLine[] {
  return items.flatMap((item) => {
    const priceMinor = parseDecimal(item['price'])
    const quantity = Number(item['quantity'] ?? '0')
    if (priceMinor !== undefined && Number.isInteger(quantity) && quantity > 0)
      return [{ productId: item['product_id'] ?? undefined, warehouseId: item['warehouse_id'] ?? undefined, quantity, priceMinor }]
    find({
      sort: 'left',
      kind: 'unreadable_line',
      table: 'orders_orderitem',
      id: item['id'] ?? '',
      orderId,
      lands: '',
      says: 'its price or quantity is none',
    })
    return []
  })
}

function planHistory(old: OldOrder, charges: readonly PlannedCharge[], createdAt: Date, report: ImportReport): PlannedOrder['history'] {
  const id = old.order['id'] ?? ''
  const raw = old.order['payment_status'] ?? ''
  const status = readPaymentStatus(raw)
  report.readStatus(raw, status)
  const saysPaid = oldTruth(old.order['paid']) === true || status === 'paid'
  const start = { state: 'awaiting_payment' as const, at: createdAt, reason: 'old shop' }
  const settling = charges.find(({ becomes }) => becomes === 'succeeded')
  const isDelivered = old.deliveries.some((row) => row['status'] === 'delivered')
  const told = (kind: string, lands: string, says: string): void =>
    report.find({ sort: 'contradiction', kind, table: 'orders_order', id, lands, says })

  if (settling === undefined) {
    const state = status === 'cancelled' ? 'cancelled' : 'expired'
    const isInDoubt = charges.some(({ becomes }) => becomes === 'review')
    if (saysPaid && !isInDoubt) told('paid_without_transaction', state, 'the old shop calls it paid and no payment proves it')
    if (isDelivered) told('delivered_unpaid', state, 'it was delivered and no payment is proven')
    return [
      start,
      { state, at: charges.at(-1)?.closedAt ?? createdAt, reason: saysPaid ? 'old shop: called paid, not proven' : 'old shop: not paid' },
    ]
  }
  if (!saysPaid) told('unpaid_with_money', 'paid', 'the money is proven, and the old shop had put the order back to unpaid')
  const paid = [start, { state: 'paid' as const, at: settling.closedAt, reason: `payment ${settling.reference}` }]
  const returnedMinor = settling.refunds.reduce((sum, refund) => (refund.becomes === 'failed' ? sum : sum + refund.amountMinor), 0n)
  if (returnedMinor > 0n && returnedMinor === settling.amountMinor)
    return [...paid, { state: 'cancelled', at: settling.refunds.at(-1)?.at ?? settling.closedAt, reason: 'old shop: refunded' }]
  const at = (column: string): Date => {
    const moments = old.deliveries.flatMap((row) => oldMoment(row[column]) ?? [])
    return moments.at(0) ?? settling.closedAt
  }
  const delivered = [
    { state: 'packed' as const, at: at('assigned_at'), reason: 'old shop' },
    { state: 'on_the_road' as const, at: at('picked_up_at'), reason: 'old shop' },
    { state: 'delivered' as const, at: at('delivered_at'), reason: 'old shop' },
  ]
  const isUnderWay = old.deliveries.some((row) => row['status'] !== 'cancelled')
  return isDelivered ? [...paid, ...delivered] : isUnderWay ? [...paid, ...delivered.slice(0, 1)] : paid
}

/** The one delivery that is taken over: the finished one, else the one under way, which is dispatched again. */
function chooseDelivery(
  deliveries: readonly OldRow[],
  state: OrderState,
  orderId: string,
  find: (finding: Finding) => void,
): OldRow | undefined {
  const wanted = state === 'delivered' ? 'delivered' : undefined
  const isOpen = (row: OldRow): boolean => row['status'] !== 'delivered' && row['status'] !== 'cancelled'
  const chosen =
    state === 'delivered' ? deliveries.find((row) => row['status'] === wanted) : state === 'packed' ? deliveries.find(isOpen) : undefined
  for (const row of deliveries) {
    if (row === chosen) continue
    find({
      sort: 'left',
      kind: 'delivery_over',
      table: 'orders_delivery',
      id: row['id'] ?? '',
      orderId,
      lands: '',
      says: `it is ${row['status'] ?? 'nothing'}, and its order is ${state}`,
    })
  }
  return chosen
}
