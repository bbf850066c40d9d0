import { after, days } from '../../../lib/time.ts'
import type { ListedMovement } from '../provider.port.ts'
import { isOk, type PaypalApi } from './paypal.api.ts'
import { readMoney } from './paypal.money.ts'
import { fields, list, momentOf, plainText } from './wire.values.ts'

type Resource = Readonly<Record<string, unknown>>

/** The report covers at most 31 days at once, and may show one movement twice. */
export async function* paypalReport({ call, noAnswer }: PaypalApi, from: Date, to: Date): AsyncIterable<ListedMovement> {
  const seen = new Set<string>()
  for (let start = from; start < to; start = after(start, days(31))) {
    const end = new Date(Math.min(after(start, days(31)).getTime(), to.getTime()))
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const span = `start_date=${start.toISOString()}&end_date=${end.toISOString()}`
      const answer = await call('GET', `/v1/reporting/transactions?${span}&fields=all&page_size=500&page=${page}`, 'paypal report')
      if (!isOk(answer)) throw noAnswer(answer)
      const report = fields(answer.json)
      pages = typeof report['total_pages'] === 'number' ? Math.min(report['total_pages'], 1_000) : 1
      for (const row of list(report['transaction_details'])) {
        const movement = listed(fields(fields(row)['transaction_info']))
        if (movement === undefined || seen.has(movement.providerRef)) continue
        seen.add(movement.providerRef)
        yield movement
      }
    }
  }
}

const letters: Readonly<Record<string, ListedMovement['status'] | undefined>> = {
  S: 'succeeded',
  V: 'succeeded',
  P: 'pending',
  D: 'failed',
  F: 'failed',
}

/** A row of the report: payments (T00..) and refunds (T1107); fees, transfers and holds are no movement of an order. */
function listed(info: Resource): ListedMovement | undefined {
  const code = plainText(info['transaction_event_code']) ?? ''
  const kind = code.startsWith('T00') ? 'charge' : code === 'T1107' ? 'refund' : undefined
  const providerRef = plainText(info['transaction_id'])
  const money = readMoney(info['transaction_amount'])
  const occurredAt = momentOf(info['transaction_initiation_date'])
  const status = letters[String(info['transaction_status'])]
  if (kind === undefined || providerRef === undefined || money === undefined || occurredAt === undefined || status === undefined)
    return undefined
  return { kind, providerRef, ...money, status, occurredAt, ourReference: plainText(info['custom_field']) ?? plainText(info['invoice_id']) }
}
