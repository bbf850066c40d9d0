import { and, eq, gte, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import type { LockedTransaction } from './apply-event.ts'
import {
  capturedPosting,
  disputeOpenedPosting,
  feePosting,
  firstSaleLine,
  fundsAccount,
  handInPosting,
  isOfSale,
  type LedgerAccount,
  netted,
  payoutMadePosting,
  payoutSentPosting,
  type PostingLine,
  refundFunding,
  sumOf,
  takeBack,
  takeBackNamed,
  undone,
} from './ledger.postings.ts'
import { namedClawBacks } from './named-claw-back.queries.ts'
import type { PaymentFact } from './provider.port.ts'
import type { ProjectedEvent } from './transaction.projection.ts'
import { ledgerEntries, transactionEvents } from './transaction.table.ts'

/**
 * The double entry of one event of a charge, with the books as they stand: what a refund takes back depends on what is left of the
 * sale, and what an undone refund or dispute gives back is exactly what it took. Events of refunds and disputes themselves post
 * nothing; their effect on the charge does. A step that only reads.
 */
export async function drawPosting(
  tx: Tx,
  before: LockedTransaction,
  after: LockedTransaction,
  event: ProjectedEvent,
  fact: PaymentFact,
): Promise<PostingLine[]> {
  if (before.kind === 'payout') return payout(before, after, event)
  if (before.kind !== 'charge') return []
  const amountMinor = event.amountMinor ?? 0n
  const fee = fact.feeMinor !== undefined && after.feeMinor > before.feeMinor ? feePosting(after.feeMinor - before.feeMinor) : []
  switch (event.effect) {
    case 'captured':
      return after.capturedMinor > before.capturedMinor ? [...captured(before, after, fact), ...fee] : fee
    case 'parked':
      return before.state === after.state
        ? []
        : [
            { account: 'provider_clearing', amountMinor },
            { account: 'suspense', amountMinor: -amountMinor },
          ]
    case 'cash_handed_in':
      return handInPosting(amountMinor, textOf(fact, 'holderId'))
    case 'goods_returned':
      // Paid for by a gift of the shop alone: nothing goes back to the shopper, and the gift comes back from whom it went to.
      return await demand(tx, after, fact, 0n, true)
    case 'refund_requested':
      return [...(await funding(tx, after, fact, amountMinor)), { account: 'refunds_payable', amountMinor: -amountMinor }]
    case 'refund_succeeded':
      return await refundSent(tx, after, event, fact, amountMinor)
    case 'refund_failed':
      return await refundUndone(tx, after, event, fact, amountMinor)
    case 'dispute_opened':
    case 'dispute_won':
    case 'dispute_lost':
      return [...(await disputed(tx, after, event, fact, amountMinor)), ...fee]
    default:
      return fee
  }
}

/** A payout takes from what the vendor is owed when it is made; one that fails gives it back. */
function payout(before: LockedTransaction, after: LockedTransaction, event: ProjectedEvent): PostingLine[] {
  if (after.vendorId === null) throw new Error('a payout names no vendor')
  if (event.effect === 'payout_made') return payoutMadePosting(after.amountMinor, after.vendorId)
  if (before.state === after.state) return []
  if (event.effect === 'payout_sent') return payoutSentPosting(after.amountMinor)
  return event.effect === 'payout_failed' ? undone(payoutMadePosting(after.amountMinor, after.vendorId)) : []
}

function captured(before: LockedTransaction, after: LockedTransaction, fact: PaymentFact): PostingLine[] {
  const holderId = fact.data?.['holderId']
  // Money that was parked lies in suspense since it came.
  if (before.stateReason !== null && before.state === 'review' && before.method === 'paybill')
    return [
      { account: 'suspense', amountMinor: after.amountMinor },
      ...capturedPosting(after.state, after.amountMinor, false).filter((line) => line.amountMinor < 0n),
    ]
  return capturedPosting(after.state, after.amountMinor, before.state === 'review', typeof holderId === 'string' ? holderId : undefined)
}

/** A refund reached the customer. One that had failed is funded again; one whose failure we heard of first came back to us. */
async function refundSent(
  tx: Tx,
  charge: LockedTransaction,
  event: ProjectedEvent,
  fact: PaymentFact,
  amountMinor: bigint,
): Promise<PostingLine[]> {
  const funds: PostingLine = { account: fundsAccount(charge.provider), amountMinor: -amountMinor }
  if (event.refundFrom === 'failed' || event.refundFrom === 'returned') return [...(await funding(tx, charge, fact, amountMinor)), funds]
  if (event.refundFrom !== 'overtaken') return [{ account: 'refunds_payable', amountMinor }, funds]
  // Funded once more as it was when it was asked for.
  const asked = await entriesAbout(tx, charge, fact, 'refundId', sql`${transactionEvents.effect} = 'refund_requested'`)
  const owed = asked.filter((line) => !isOfSale(line) && line.account !== 'refunds_payable')
  return [
    ...owed,
    ...(await demand(tx, charge, fact, sumOf(asked.filter(isOfSale)))),
    { account: 'customer_to_return', amountMinor: -amountMinor },
  ]
}

/** A refund did not happen: everybody has their share again. One that came back after it had succeeded is ours to return. */
async function refundUndone(
  tx: Tx,
  charge: LockedTransaction,
  event: ProjectedEvent,
  fact: PaymentFact,
  amountMinor: bigint,
): Promise<PostingLine[]> {
  if (event.refundFrom === 'failed' || event.refundFrom === 'returned') return []
  if (event.refundFrom === 'succeeded')
    return [
      { account: fundsAccount(charge.provider), amountMinor },
      { account: 'customer_to_return', amountMinor: -amountMinor },
    ]
  const standing = await entriesAbout(tx, charge, fact, 'refundId')
  return [...undone(standing.filter((line) => !isOfSale(line))), ...(await demand(tx, charge, fact, -sumOf(standing.filter(isOfSale))))]
}

/** Moves a dispute's postings from where they are to where its state puts them, whichever news came first. */
async function disputed(
  tx: Tx,
  charge: LockedTransaction,
  event: ProjectedEvent,
  fact: PaymentFact,
  amountMinor: bigint,
): Promise<PostingLine[]> {
  const standing = await entriesAbout(tx, charge, fact, 'disputeId', sql`${ledgerEntries.account} <> 'payment_fees'`)
  // The fee of a dispute stands beside it; what it took of the clearing is not the dispute's.
  const held = sumOf(standing.filter((line) => line.account === 'disputed_funds'))
  const wanted = sumOf(standing.filter(isOfSale))
  const back = undone(held === 0n ? [] : disputeOpenedPosting(held))
  const backLost: PostingLine[] = wanted === 0n ? [] : [{ account: 'provider_clearing', amountMinor: wanted }]
  switch (event.effect) {
    case 'dispute_opened':
      return [...back, ...backLost, ...(await demand(tx, charge, fact, -wanted)), ...disputeOpenedPosting(amountMinor)]
    case 'dispute_lost':
      return [
        ...back,
        ...backLost,
        { account: 'provider_clearing', amountMinor: -amountMinor },
        ...(await demand(tx, charge, fact, amountMinor - wanted)),
      ]
    default:
      return [...back, ...backLost, ...(await demand(tx, charge, fact, -wanted))]
  }
}

async function funding(tx: Tx, charge: LockedTransaction, fact: PaymentFact, amountMinor: bigint): Promise<PostingLine[]> {
  // Goods that came back say themselves whose shares they take.
  const { isNamed } = await namedClawBacks(tx, isOfOrder(charge), refundIdOf(fact))
  if (isNamed) return await demand(tx, charge, fact, amountMinor)
  const { owed, ofSaleMinor } = refundFunding(
    {
      chargeState: charge.state,
      toReturnMinor: await creditOf(tx, charge, 'customer_to_return'),
      unusedMinor: await creditOf(tx, charge, 'order_receivable'),
    },
    amountMinor,
  )
  return [...owed, ...(await demand(tx, charge, fact, ofSaleMinor))]
}

/**
 * Wants so much more (or less) of the sale back than before: of those the refund names, or of everybody in proportion to what is left
 * of their shares when the named parts are taken out. A second payment paid for nothing; the sale is the first one's.
 */
async function demand(
  tx: Tx,
  charge: LockedTransaction,
  fact: PaymentFact,
  changeMinor: bigint,
  isWithoutMoney = false,
): Promise<PostingLine[]> {
  if (changeMinor === 0n && !isWithoutMoney) return []
  const all = (await balances(tx, isOfOrder(charge))).filter(isOfSale)
  const sale =
    charge.state === 'duplicate'
      ? []
      : (await balances(tx, and(isOfOrder(charge), gte(ledgerEntries.line, firstSaleLine)))).filter(isOfSale)
  const { standing, lines, isNamed } = await namedClawBacks(tx, isOfOrder(charge), refundIdOf(fact))
  const wanted = sumOf(all) - sumOf(sale) - sumOf(standing)
  if (standing.length === 0 && !isNamed) return takeBack(sale, wanted, wanted + changeMinor)
  const named = isNamed ? [...standing, ...(changeMinor >= 0n ? lines : undone(lines))] : standing
  return takeBackNamed(sale, netted([...all, ...undone(sale)]), netted(named), isNamed ? wanted : wanted + changeMinor)
}

/** The ledger lines of the order a charge is for; of the charge alone where it paid for none. */
const isOfOrder = (charge: LockedTransaction): SQL =>
  charge.orderId === null || charge.state === 'duplicate'
    ? eq(ledgerEntries.transactionId, charge.id)
    : eq(ledgerEntries.orderId, charge.orderId)

const refundIdOf = (fact: PaymentFact): string | undefined => {
  const id = fact.data?.['refundId']
  return typeof id === 'string' ? id : undefined
}

/** What one charge has on the credit side of an account; nothing when it is on the other side. */
async function creditOf(tx: Tx, charge: LockedTransaction, account: LedgerAccount): Promise<bigint> {
  const sum = sumOf(await balances(tx, and(eq(ledgerEntries.transactionId, charge.id), eq(ledgerEntries.account, account))))
  return sum < 0n ? -sum : 0n
}

/** What the events about one refund or dispute have posted, added up. */
async function entriesAbout(
  tx: Tx,
  charge: LockedTransaction,
  fact: PaymentFact,
  name: 'refundId' | 'disputeId',
  only?: SQL,
): Promise<PostingLine[]> {
  return await balances(
    tx,
    and(eq(ledgerEntries.transactionId, charge.id), sql`${transactionEvents.data} ->> ${name}::text = ${textOf(fact, name)}`, only),
  )
}

async function balances(tx: Tx, where: SQL | undefined): Promise<PostingLine[]> {
  const rows = await tx
    .select({
      account: ledgerEntries.account,
      vendorId: ledgerEntries.vendorId,
      holderId: ledgerEntries.holderId,
      amountMinor: sql<string>`sum(${ledgerEntries.amountMinor})::text`,
    })
    .from(ledgerEntries)
    .innerJoin(transactionEvents, eq(transactionEvents.id, ledgerEntries.eventId))
    .where(where)
    .groupBy(ledgerEntries.account, ledgerEntries.vendorId, ledgerEntries.holderId)
    .having(sql`sum(${ledgerEntries.amountMinor}) <> 0`)
    // A fixed order, so that a cent that cannot be split goes to the same share every time.
    .orderBy(ledgerEntries.account, ledgerEntries.vendorId)
  return rows.map((row) => ({
    account: row.account as LedgerAccount,
    amountMinor: BigInt(row.amountMinor),
    ...(row.vendorId === null ? {} : { vendorId: row.vendorId }),
    ...(row.holderId === null ? {} : { holderId: row.holderId }),
  }))
}

function textOf(fact: PaymentFact, name: string): string {
  const value = fact.data?.[name]
  if (typeof value !== 'string') throw new Error(`the fact ${fact.effect} names no ${name}`)
  return value
}
