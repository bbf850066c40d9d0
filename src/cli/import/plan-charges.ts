import { hours } from '../../lib/time.ts'
import { parseDecimal } from '../../lib/money.ts'
import type { Finding } from './import-report.ts'
import type { OldRow } from './old-database.ts'
import { mergeMovements, type OldCharge, type OldProvider } from './old-movement.ts'

/** Money that went back, or has to. `manual` waits for a person. */
export interface PlannedRefund {
  readonly key: string
  readonly amountMinor: bigint
  readonly becomes: 'succeeded' | 'failed' | 'manual'
  readonly ids: readonly string[]
  readonly at: Date
}

/** One movement of money as it will stand here. */
export interface PlannedCharge {
  readonly rows: readonly OldCharge[]
  readonly provider: OldProvider
  readonly method: string
  readonly reference: string
  readonly receipt: string | undefined
  /** `succeeded` pays the order; of several, the earliest does and the others are `duplicate`. */
  readonly becomes: 'succeeded' | 'duplicate' | 'review' | 'failed' | 'cancelled' | 'expired' | 'pending'
  readonly reason: string | undefined
  readonly amountMinor: bigint
  readonly currency: string
  readonly createdAt: Date
  readonly closedAt: Date
  readonly refunds: readonly PlannedRefund[]
}

/** What the charges of one order are judged by. */
export interface ChargeQuestion {
  readonly totalMinor: bigint
  readonly charges: readonly OldCharge[]
  /** Rows of payments_refund, of any charge. */
  readonly refunds: readonly OldRow[]
  /** References that two orders claim. */
  readonly shared: ReadonlySet<string>
  /** The order has no lines to compare the money with. */
  readonly isWithoutLines: boolean
  readonly now: Date
  find(finding: Finding): void
}

// Longer than any provider leaves a payment page open.
const openForMs = hours(24)

/**
 * Makes one row of each movement both old models told of, and says what it becomes. Only money that the provider named, of the right
 * amount, that nothing contradicts, pays an order; every contradiction is a `review` for a person, and a finding.
 */
export function planCharges(question: ChargeQuestion): PlannedCharge[] {
  const judged = mergeMovements(question.charges)
    .map((rows) => ({ rows, ...judge(rows, question) }))
    .sort((one, other) => closed(one.rows).getTime() - closed(other.rows).getTime())
  const proven = judged.filter(({ becomes }) => becomes === 'succeeded')
  const settling =
    proven.find(({ rows }) => rows.every(({ status }) => status !== 'duplicate' && status !== 'refunded')) ??
    proven.find(({ rows }) => rows.every(({ status }) => status !== 'duplicate'))
  const newestOpen = new Map(judged.filter(({ becomes }) => becomes === 'pending').map((one) => [one.rows[0]?.provider, one]))
  return judged.map((one) => {
    if (one.becomes === 'pending' && newestOpen.get(one.rows[0]?.provider) !== one)
      return planned(question, one.rows, 'expired', 'started_again')
    if (one.becomes !== 'succeeded' || one === settling) return planned(question, one.rows, one.becomes, one.reason)
    if (settling === undefined)
      return contradict(question, one.rows, 'duplicate_without_first', 'the old shop calls it a second payment, and there is no first')
    note(question, one.rows, 'duplicate_success', 'duplicate', 'the order was paid by another payment; the money goes back')
    return planned(question, one.rows, 'duplicate', undefined)
  })
}

type Judged = Pick<PlannedCharge, 'becomes' | 'reason'>

function judge(rows: readonly OldCharge[], question: ChargeQuestion): Judged {
  const claims = rows.filter(({ status }) => status === 'success' || status === 'duplicate' || status === 'refunded')
  const denials = rows.filter(({ status }) => status === 'failed' || status === 'cancelled')
  const review = (kind: string, says: string): Judged => {
    note(question, rows, kind, 'review', says)
    return { becomes: 'review', reason: kind }
  }
  if (claims.length > 0 && denials.length > 0) return review('status_differs', 'one model says the money came, the other that it did not')
  if (rows.some(({ amountMinor }) => amountMinor !== rows[0]?.amountMinor))
    return review('amounts_differ', 'the two models name different amounts')
  if (claims.length === 0) {
    if (rows.some(({ hasProof }) => hasProof))
      return review('unpaid_with_proof', 'the provider’s message says the money came, the old shop did not count it')
    if (denials.length > 0)
      return { becomes: denials.some(({ status }) => status === 'failed') ? 'failed' : 'cancelled', reason: 'old_shop' }
    const isRecent = question.now.getTime() - created(rows).getTime() < openForMs
    return isRecent ? { becomes: 'pending', reason: undefined } : { becomes: 'expired', reason: 'abandoned' }
  }
  const [one] = claims
  if (one?.provider === 'paypal')
    return review('paypal_kes_as_usd', 'shillings were sent to PayPal as dollars: what was taken is not what was owed')
  if (claims.some(({ currency }) => currency !== 'KES'))
    return review('currency_not_kes', 'the money is in another currency than the order')
  if (question.isWithoutLines) return review('money_without_lines', 'the order has no lines any more to compare the money with')
  if (one?.amountMinor !== question.totalMinor) return review('amount_not_total', `the order costs ${question.totalMinor} cents`)
  if (rows.some(({ names }) => [...names].some((name) => question.shared.has(name))))
    return review('reference_of_two_orders', 'another order claims the same payment')
  if (claims.every(({ receipt }) => receipt === undefined)) return review('success_without_receipt', 'nothing the provider said is kept')
  if (claims.some(({ isSigned }) => isSigned === false))
    return review('unsigned_success', 'the message that made it a success did not prove where it came from')
  return { becomes: 'succeeded', reason: undefined }
}

function contradict(question: ChargeQuestion, rows: readonly OldCharge[], kind: string, says: string): PlannedCharge {
  note(question, rows, kind, 'review', says)
  return planned(question, rows, 'review', kind)
}

function planned(
  question: ChargeQuestion,
  rows: readonly OldCharge[],
  becomes: PlannedCharge['becomes'],
  reason: string | undefined,
): PlannedCharge {
  // The older model's reference is Paystack's own, by which a late message would name it.
  const first = rows.find(({ table }) => table === 'orders_transaction') ?? rows[0]
  if (first === undefined) throw new Error('a movement has at least one row')
  const isShared = rows.some(({ names }) => [...names].some((name) => question.shared.has(name)))
  return {
    rows,
    provider: first.provider,
    method: first.method,
    reference: first.reference === '' || isShared ? `legacy-${first.table}-${first.id}` : first.reference,
    receipt: isShared ? undefined : rows.find(({ receipt }) => receipt !== undefined)?.receipt,
    becomes,
    reason,
    amountMinor: first.amountMinor,
    currency: first.currency,
    createdAt: created(rows),
    closedAt: closed(rows),
    refunds: becomes === 'succeeded' || becomes === 'duplicate' ? planRefunds(question, rows, becomes) : [],
  }
}

function planRefunds(question: ChargeQuestion, rows: readonly OldCharge[], becomes: 'succeeded' | 'duplicate'): PlannedRefund[] {
  const ids = new Set(rows.filter(({ table }) => table === 'payments_transaction').map(({ id }) => id))
  const known: PlannedRefund[] = []
  let leftMinor = question.totalMinor
  for (const row of question.refunds.filter((refund) => ids.has(refund['transaction_id'] ?? ''))) {
    const amountMinor = parseDecimal(row['amount']) ?? 0n
    const id = row['id'] ?? ''
    if (amountMinor === 0n || amountMinor > leftMinor) {
      question.find({
        sort: 'left',
        kind: 'refund_exceeds',
        table: 'payments_refund',
        id,
        orderId: rows[0]?.orderId,
        amountMinor,
        lands: '',
        says: 'more would go back than came in',
      })
      continue
    }
    const becomesRefund = row['status'] === 'succeeded' ? 'succeeded' : row['status'] === 'failed' ? 'failed' : 'manual'
    known.push({ key: `legacy-${id}`, amountMinor, becomes: becomesRefund, ids: [id], at: closed(rows) })
    if (becomesRefund !== 'failed') leftMinor -= amountMinor
  }
  const told = rows.find(({ status }) => status === 'refunded')
  if (leftMinor > 0n && (told !== undefined || becomes === 'duplicate')) {
    const isSent = told?.refundReference !== undefined
    if (told !== undefined && !isSent)
      note(question, rows, 'refund_without_reference', 'refund manual', 'the old shop calls it refunded and keeps no number of the refund')
    known.push({
      key: 'legacy',
      amountMinor: leftMinor,
      becomes: isSent ? 'succeeded' : 'manual',
      ids: [],
      at: told?.refundedAt ?? closed(rows),
    })
  }
  return known
}

function note(question: ChargeQuestion, rows: readonly OldCharge[], kind: string, lands: string, says: string): void {
  const [first] = rows
  if (first === undefined) return
  question.find({
    sort: 'contradiction',
    kind,
    table: first.table,
    id: rows.map(({ table, id }) => (table === first.table ? id : `${table} ${id}`)).join(', '),
    orderId: first.orderId,
    amountMinor: first.amountMinor,
    lands,
    says,
  })
}

const created = (rows: readonly OldCharge[]): Date => new Date(Math.min(...rows.map(({ createdAt }) => createdAt.getTime())))
/** When the movement was decided: by the row that says so, earliest first. */
const closed = (rows: readonly OldCharge[]): Date => {
  const decided = rows.filter(({ status }) => status !== 'open')
  return new Date(Math.min(...(decided.length === 0 ? rows : decided).map(({ closedAt }) => closedAt.getTime())))
}
