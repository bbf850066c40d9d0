import { sql } from 'drizzle-orm'
import { createHash } from 'node:crypto'
import { type AppliedEvent, applyEvent, type LockedTransaction } from '../../domain/payments/apply-event.ts'
import { applyEvents } from '../../domain/payments/apply-events.ts'
import { lockTransaction } from '../../domain/payments/lock-transaction.ts'
import type { PaymentFact } from '../../domain/payments/provider.port.ts'
import { saleRows, type SoldOrder } from '../../domain/payments/recognise-sale.ts'
import { requestRefund } from '../../domain/payments/request-refund.ts'
import { settleRefund } from '../../domain/payments/settle-refund.ts'
import { subOrders } from '../../domain/payments/sub-order.table.ts'
import { ledgerEntries, transactions } from '../../domain/payments/transaction.table.ts'
import type { Tx } from '../../platform/db.ts'
import { importStamp, type ImportTools, type NewLink } from './import-tools.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import type { PlannedCharge, PlannedRefund } from './plan-charges.ts'

/** A charge to write, with the order and person it belongs to here. */
export interface ChargeToWrite {
  readonly charge: PlannedCharge
  readonly orderId: string
  /** The order's total, which is what a charge asks for. */
  readonly totalMinor: bigint
  /** What the charge sells when it pays, where the order stands as paid already; where it does not, whoever moves it books the sale. */
  readonly sale: SoldOrder | undefined
  account(oldId: string | null): string | undefined
}

/** The charge came out as something else than the old shop's rows let expect: what it relies on was used by another one. */
export class UnexpectedOutcome extends Error {
  constructor(
    readonly charge: PlannedCharge,
    got: string,
  ) {
    super(`planned ${charge.becomes}, became ${got}`)
  }
}

/** Opens the charges of a page of orders at once, and answers their rows in the same order. They hold nothing before their facts are applied. */
export async function openCharges(tx: Tx, tools: ImportTools, writes: readonly ChargeToWrite[]): Promise<LockedTransaction[]> {
  const rows = writes.map(({ charge, orderId, totalMinor }) => ({
    id: tools.ids.next(),
    kind: 'charge',
    provider: charge.provider,
    method: charge.method,
    orderId,
    reference: charge.reference,
    amountMinor: totalMinor,
    providerAmountMinor: totalMinor,
    state: 'created',
    paymentRef: charge.receipt ?? null,
    createdAt: charge.createdAt,
    updatedAt: charge.createdAt,
  }))
  await insertRows(tx, transactions, rows)
  const written = await tx
    .select()
    .from(transactions)
    .where(sql`${transactions.id} = any(${sql.param(rows.map(({ id }) => id))}::uuid[])`)
  const byId = new Map(written.map((row) => [row.id, row]))
  return rows.map(({ id }) => byId.get(id)).filter((row): row is LockedTransaction => row !== undefined)
}

/** What the old shop knew of a charge, with the row it is told about. */
interface Told {
  readonly write: ChargeToWrite
  readonly row: LockedTransaction
  readonly paidByAnother: string | undefined
}

/** Applies what the old shop knew of new charges, all at once by the rules every payment follows, and what went back of each. */
export async function applyCharges(
  tx: Tx,
  tools: ImportTools,
  told: readonly Told[],
): Promise<{ applied: AppliedEvent[]; links: NewLink[] }> {
  const applied = await applyEvents(
    tx,
    told.map(({ write, row, paidByAnother }) => ({
      stamp: importStamp(tools, write.charge.closedAt),
      row,
      fact: factOf(tools, write, row.id),
      options: { paidByAnother },
    })),
  )
  const sales = told.flatMap(({ write: { charge, orderId, sale }, row }, index) => {
    const { outcome, eventId } = expected(charge, applied[index])
    if (sale === undefined || outcome !== 'paid' || eventId === undefined) return []
    return [saleRows(importStamp(tools, charge.closedAt), { eventId, transactionId: row.id, orderId }, sale)]
  })
  // Before the refunds: what goes back is taken from what was sold.
  await insertRows(
    tx,
    ledgerEntries,
    sales.flatMap(({ entries }) => entries),
  )
  await insertRows(
    tx,
    subOrders,
    sales.flatMap((sale) => sale.subOrders),
  )
  const links: NewLink[] = []
  for (const { write, row } of told) links.push(...(await followCharge(tx, tools, write.charge, row.id)))
  return { applied, links }
}

/** Applies what the old shop has learnt since of a charge that may have been told things already. */
export async function applyCharge(
  tx: Tx,
  tools: ImportTools,
  { write, row, paidByAnother }: Told,
): Promise<{ applied: AppliedEvent; links: NewLink[] }> {
  const stamp = importStamp(tools, write.charge.closedAt)
  const applied = expected(write.charge, await applyEvent(tx, stamp, row, factOf(tools, write, row.id), { paidByAnother }))
  return { applied, links: await followCharge(tx, tools, write.charge, row.id) }
}

function expected(charge: PlannedCharge, applied: AppliedEvent | undefined): AppliedEvent {
  if (applied?.row.state !== charge.becomes) throw new UnexpectedOutcome(charge, applied?.row.state ?? 'nothing')
  return applied
}

async function followCharge(tx: Tx, tools: ImportTools, charge: PlannedCharge, transactionId: string): Promise<NewLink[]> {
  const links: NewLink[] = charge.rows.map(({ table, id }) => ({ table, id, target: 'transactions', targetId: transactionId }))
  for (const refund of charge.refunds) links.push(...(await applyRefund(tx, tools, transactionId, refund)))
  return links
}

function factOf(tools: ImportTools, { charge, totalMinor, account }: ChargeToWrite, transactionId: string): PaymentFact {
  const fact = {
    transactionId,
    effectRef: `${tools.source}:${charge.rows.map(({ table, id }) => `${table}:${id}`).join('+')}`,
    source: 'system' as const,
    data: {
      legacy: charge.rows.map((old) => ({
        table: old.table,
        id: old.id,
        status: old.rawStatus,
        amountMinor: old.amountMinor.toString(),
        currency: old.currency,
        reference: old.reference,
        names: [...old.names],
        at: old.closedAt.toISOString(),
        user: account(old.userId) ?? pseudonym(tools, old.userId),
        ...(old.proofs.length === 0 ? {} : { messages: old.proofs }),
        ...(old.refundReference === undefined ? {} : { refundReference: old.refundReference }),
      })),
    },
  }
  const ids = charge.receipt === undefined ? {} : { receipt: charge.receipt, paymentRef: charge.receipt }
  switch (charge.becomes) {
    case 'succeeded':
    case 'duplicate':
      return { ...fact, ...ids, effect: 'captured', provenAmountMinor: totalMinor, provenCurrency: 'KES' }
    case 'review':
      // What the old shop says was moved; a person compares it with what the provider says.
      return {
        ...fact,
        effect: 'integrity_failed',
        reason: charge.reason ?? 'legacy',
        provenAmountMinor: charge.amountMinor,
        provenCurrency: charge.provider === 'paypal' ? 'USD' : charge.currency.slice(0, 3),
      }
    case 'pending':
      // The provider is asked at once; what it says counts, not how long ago the old shop began.
      return { ...fact, effect: 'accepted', nextCheckAt: tools.clock.now() }
    case 'failed':
    case 'cancelled':
    case 'expired':
      return { ...fact, effect: charge.becomes, ...(charge.reason === undefined ? {} : { reason: charge.reason }), nextCheckAt: null }
    default:
      return charge.becomes satisfies never
  }
}

/** A person whose row is gone stays one person over all their payments, and nobody can tell who. */
const pseudonym = (tools: ImportTools, oldId: string | null): string | null =>
  oldId === null ? null : `former-${createHash('sha256').update(`${tools.appSecret}:${tools.source}:${oldId}`).digest('hex').slice(0, 16)}`

async function applyRefund(tx: Tx, tools: ImportTools, chargeId: string, refund: PlannedRefund): Promise<NewLink[]> {
  const stamp = importStamp(tools, refund.at)
  const refundId = await requestRefund(tx, stamp, await lockTransaction(tx, chargeId), {
    amountMinor: refund.amountMinor,
    reason: 'legacy',
    canRefund: false,
    key: refund.key,
  })
  if (refund.becomes !== 'manual') {
    const [charge, row] = [await lockTransaction(tx, chargeId), await lockTransaction(tx, refundId)]
    await settleRefund(tx, stamp, charge, row, {
      transactionId: refundId,
      effect: refund.becomes === 'succeeded' ? 'refund_succeeded' : 'refund_failed',
      effectRef: `${tools.source}:${refund.key}`,
      source: 'system',
      reason: 'legacy',
    })
  }
  return refund.ids.map((id) => ({ table: 'payments_refund', id, target: 'transactions', targetId: refundId }))
}
