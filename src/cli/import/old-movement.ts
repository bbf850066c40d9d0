import { parseDecimal } from '../../lib/money.ts'
import { oldMoment, type OldRow, type OldTable, oldTruth } from './old-database.ts'

/** Providers the old shop charged by, as we name them. */
export type OldProvider = 'stripe' | 'paystack' | 'mpesa' | 'paypal'

/** What an old row says became of the money. */
export type OldStatus = 'success' | 'duplicate' | 'refunded' | 'failed' | 'cancelled' | 'open'

/** One row of either payment model, read. */
export interface OldCharge {
  readonly table: Extract<OldTable, 'orders_transaction' | 'payments_transaction'>
  readonly id: string
  readonly orderId: string
  readonly userId: string | null
  readonly provider: OldProvider
  readonly method: string
  readonly status: OldStatus
  readonly rawStatus: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly reference: string
  /** The provider's own number of the payment, where the old shop wrote it down. */
  readonly receipt: string | undefined
  /** Every name the payment has at the provider and here. */
  readonly names: ReadonlySet<string>
  /** Explicitly false: the message that made it a success did not prove where it came from. */
  readonly isSigned: boolean | undefined
  readonly createdAt: Date
  readonly closedAt: Date
  readonly refundReference: string | undefined
  readonly refundedAt: Date | undefined
  readonly hasProof: boolean
  readonly proofs: readonly Record<string, string>[]
}

const providers: Readonly<Record<string, OldProvider>> = {
  paystack: 'paystack',
  stripe: 'stripe',
  daraja: 'mpesa',
  mpesa: 'mpesa',
  paypal: 'paypal',
}
const statuses: Readonly<Record<string, OldStatus>> = {
  success: 'success',
  duplicate_success: 'duplicate',
  refunded: 'refunded',
  failed: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  initialized: 'open',
  pending: 'open',
}

/** Reads one row of a payment model with the messages kept for its reference. Answers why not, where it says too little. */
export function readOldCharge(
  table: OldCharge['table'],
  row: OldRow,
  events: readonly OldRow[],
): OldCharge | 'unknown_gateway' | 'unknown_status' | 'unreadable_amount' {
  const provider = providers[row['gateway']?.trim().toLowerCase() ?? '']
  if (provider === undefined) return 'unknown_gateway'
  const status = statuses[row['status']?.trim().toLowerCase() ?? '']
  if (status === undefined) return 'unknown_status'
  const amountMinor = parseDecimal(row['amount'])
  if (amountMinor === undefined || amountMinor === 0n) return 'unreadable_amount'

  const told = readMessage(row['raw_event'])
  const messages = events.map((event) => ({ event, told: readMessage(event['body']) }))
  const reference = row['reference'] ?? ''
  // In the first model the reference is Paystack's own; it proves a payment once Paystack had spoken of it.
  const isHeard =
    oldTruth(row['verified']) === true || oldTruth(row['callback_received']) === true || messages.some((message) => message.told.isSuccess)
  const receipt =
    row['gateway_reference'] ??
    told.receipt ??
    messages.find((message) => message.told.receipt !== undefined)?.told.receipt ??
    (table === 'orders_transaction' && provider === 'paystack' && isHeard ? reference : undefined)
  const createdAt = oldMoment(row['created_at']) ?? oldMoment(row['processed_at']) ?? new Date(0)
  return {
    table,
    id: row['id'] ?? '',
    orderId: row['order_id'] ?? '',
    userId: row['user_id'] ?? null,
    provider,
    method: row['method'] ?? 'card',
    status,
    rawStatus: row['status'] ?? '',
    amountMinor,
    currency: (row['currency'] ?? 'KES').toUpperCase(),
    reference,
    receipt: receipt === '' ? undefined : receipt,
    names: new Set(
      [reference, receipt, told.receipt, told.reference].filter(
        (name): name is string => name !== undefined && name !== null && name !== '',
      ),
    ),
    isSigned: oldTruth(row['signature_valid']),
    createdAt,
    closedAt: oldMoment(row['processed_at']) ?? oldMoment(row['updated_at']) ?? createdAt,
    refundReference: row['refund_reference'] ?? undefined,
    refundedAt: oldMoment(row['refunded_at']),
    hasProof: messages.some((message) => message.told.isSuccess),
    proofs: messages.map(({ event }) => ({ id: event['id'] ?? '', sha256: event['body_sha256'] ?? '' })),
  }
}

interface Told {
  readonly isSuccess: boolean
  readonly reference: string | undefined
  readonly receipt: string | undefined
}

/** What a kept message of a provider says. The old shop kept all of them, and read some wrongly. */
function readMessage(text: string | null | undefined): Told {
  const message = parse(text)
  const nothing = { isSuccess: false, reference: undefined, receipt: undefined }
  if (message === undefined) return nothing
  const data = record(message['data'])
  if (data !== undefined && typeof message['event'] === 'string')
    return {
      isSuccess: message['event'] === 'charge.success' && data['status'] !== 'failed',
      reference: word(data['reference']),
      receipt: word(data['id']),
    }
  const callback = record(record(message['Body'])?.['stkCallback'])
  if (callback !== undefined) {
    const items = record(callback['CallbackMetadata'])?.['Item']
    const receipt = Array.isArray(items) ? items.map(record).find((item) => item?.['Name'] === 'MpesaReceiptNumber')?.['Value'] : undefined
    return { isSuccess: word(callback['ResultCode']) === '0', reference: word(callback['CheckoutRequestID']), receipt: word(receipt) }
  }
  const object = record(data?.['object'])
  if (object === undefined) return nothing
  return {
    isSuccess: message['type'] === 'payment_intent.succeeded',
    reference: word(object['client_reference_id']),
    receipt: word(object['id']),
  }
}

function parse(text: string | null | undefined): Record<string, unknown> | undefined {
  if (text === null || text === undefined || text === '' || text === '{}') return undefined
  try {
    return record(JSON.parse(text))
  } catch {
    // Kept bodies were not always JSON; one that is not says nothing.
    return undefined
  }
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
const word = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

// Both models were written in one request of the shopper's, so their rows are seconds apart.
const closeMs = 10 * 60_000

/**
 * Finds the rows of both models that tell of one movement of money: by a name they share at one provider, else one row of either
 * model with one provider and amount, close in time, of which the newer model never learnt the provider's number.
 */
export function mergeMovements(charges: readonly OldCharge[]): OldCharge[][] {
  const groups: OldCharge[][] = []
  for (const charge of charges) {
    const same = groups.filter((group) =>
      group.some((other) => other.provider === charge.provider && [...charge.names].some((name) => other.names.has(name))),
    )
    const [first, ...more] = same
    if (first === undefined) groups.push([charge])
    else {
      first.push(charge, ...more.flat())
      for (const other of more) groups.splice(groups.indexOf(other), 1)
    }
  }
  const pairs = groups
    .flatMap((one) => groups.map((other) => ({ one, other, gapMs: gapOf(one, other) })))
    .filter(({ gapMs }) => gapMs <= closeMs)
    .sort((a, b) => a.gapMs - b.gapMs)
  const gone = new Set<OldCharge[]>()
  for (const { one, other } of pairs) {
    if (gone.has(one) || gone.has(other) || one.length > 1 || other.length > 1) continue
    one.push(...other)
    gone.add(other)
  }
  return groups.filter((group) => !gone.has(group))
}

function gapOf([one, ...rest]: readonly OldCharge[], [other, ...others]: readonly OldCharge[]): number {
  if (one === undefined || other === undefined || rest.length > 0 || others.length > 0) return Number.POSITIVE_INFINITY
  const isPair = one.table === 'orders_transaction' && other.table === 'payments_transaction' && other.receipt === undefined
  if (!isPair || one.provider !== other.provider || one.amountMinor !== other.amountMinor) return Number.POSITIVE_INFINITY
  return Math.abs(one.createdAt.getTime() - other.createdAt.getTime())
}
