import type { ListedMovement } from '../provider.port.ts'
import { ownIdIn } from './paystack.message.ts'
import { fields, list, momentOf, numericId, plainText, shortText, wholeMinor } from './wire.values.ts'

/** Reads one page of a list; throws OutgoingError when it cannot be had. */
type ReadList = (path: string) => Promise<Readonly<Record<string, unknown>>>

const perPage = 100

/** What Paystack says it moved: the payments that were tried, and the refunds. */
export async function* paystackReport(read: ReadList, from: Date, to: Date): AsyncIterable<ListedMovement> {
  const span = `from=${from.toISOString()}&to=${to.toISOString()}&perPage=${perPage}`
  for await (const payment of byCursor(read, `/transaction?${span}`)) {
    const movement = listedPayment(payment)
    if (movement !== undefined) yield movement
  }
  for await (const entry of byNumber(read, `/refund?${span}`)) {
    const movement = listedRefund(entry)
    if (movement !== undefined) yield movement
  }
}

/** By cursor: page numbers shift while new payments come in. */
async function* byCursor(read: ReadList, path: string): AsyncIterable<Readonly<Record<string, unknown>>> {
  for (let next = ''; ;) {
    const answer = await read(`${path}&use_cursor=true${next === '' ? '' : `&next=${encodeURIComponent(next)}`}`)
    for (const row of list(answer['data'])) yield fields(row)
    const following = plainText(fields(answer['meta'])['next'])
    if (following === undefined || following === next) return
    next = following
  }
}

/** Refunds are listed by page number only; a page that is not full is the last. */
async function* byNumber(read: ReadList, path: string): AsyncIterable<Readonly<Record<string, unknown>>> {
  for (let page = 1; ; page += 1) {
    const rows = list((await read(`${path}&page=${page}`))['data'])
    for (const row of rows) yield fields(row)
    if (rows.length < perPage) return
  }
}

function listedPayment(payment: Readonly<Record<string, unknown>>): ListedMovement | undefined {
  const id = numericId(payment['id'])
  const amountMinor = wholeMinor(payment['requested_amount']) ?? wholeMinor(payment['amount'])
  const occurredAt = momentOf(payment['paid_at'] ?? payment['paidAt']) ?? momentOf(payment['created_at'] ?? payment['createdAt'])
  const status = payment['status']
  // Nothing was tried on a page that was only opened.
  if (id === undefined || amountMinor === undefined || occurredAt === undefined || status === 'abandoned') return undefined
  return {
    kind: 'charge',
    providerRef: id,
    amountMinor,
    currency: plainText(payment['currency']) ?? 'KES',
    // What was reversed did come in; its refund is listed by itself.
    status: status === 'success' || status === 'reversed' ? 'succeeded' : status === 'failed' ? 'failed' : 'pending',
    occurredAt,
    ourReference: ownIdIn(payment['metadata']) ?? plainText(payment['reference']),
  }
}

function listedRefund(entry: Readonly<Record<string, unknown>>): ListedMovement | undefined {
  const id = numericId(entry['id'])
  const amountMinor = wholeMinor(entry['amount'])
  const occurredAt = momentOf(entry['createdAt'] ?? entry['created_at'])
  if (id === undefined || amountMinor === undefined || occurredAt === undefined) return undefined
  const status = entry['status']
  return {
    kind: 'refund',
    providerRef: `rf_${id}`,
    amountMinor,
    currency: plainText(entry['currency']) ?? 'KES',
    status: status === 'processed' ? 'succeeded' : status === 'failed' ? 'failed' : 'pending',
    occurredAt,
    ourReference: /^refund ([0-9a-f-]{36})$/.exec(shortText(entry['merchant_note']) ?? '')?.[1],
  }
}
