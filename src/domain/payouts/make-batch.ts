import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { nairobiDay } from '../../lib/time.ts'
import { audit } from '../../platform/audit.ts'
import { withRetry } from '../../platform/db-error.ts'
import type { Tx } from '../../platform/db.ts'
import { openPayout } from '../payments/open-payout.ts'
import { lockPayable, type PayableVendor } from './payable.queries.ts'
import { payoutBatches, payouts } from './payout.table.ts'

/** Whom to pay, by what. */
export interface BatchWish {
  readonly method: 'mpesa' | 'bank'
  /** These vendors, with an amount or all they are owed; absent: everybody who is paid by this method. */
  readonly vendors?: readonly { readonly vendorId: string; readonly amountMinor?: number | undefined }[] | undefined
}

interface Due {
  readonly vendor: PayableVendor
  readonly amountMinor: bigint
}

/**
 * Makes a batch of payouts: one transaction a vendor, whose posting takes the money from what the vendor is owed in this very commit, so
 * that it cannot be paid twice while the batch waits for approval. M-Pesa takes whole shillings and so much at once; the rest stays owed.
 * Refuses with payout_exceeds for more than a vendor is owed, nothing_to_pay when nobody is owed the least sum.
 */
export async function makeBatch(context: Context, actor: PersonActor, wish: BatchWish): Promise<string> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  return await withRetry(() => context.payDb.transaction((tx) => makeInTransaction(context, tx, stamp, actor, wish)))
}

async function makeInTransaction(context: Context, tx: Tx, stamp: Stamp, actor: PersonActor, wish: BatchWish): Promise<string> {
  const payable = await lockPayable(
    tx,
    wish.method,
    wish.vendors?.map((each) => each.vendorId),
  )
  const due = wish.vendors === undefined ? allDue(context, wish.method, payable) : namedDue(context, wish, payable)
  if (due.length === 0) throw new Refusal('nothing_to_pay')
  const batchId = stamp.ids.next()
  const totalMinor = due.reduce((sum, each) => sum + each.amountMinor, 0n)
  const number = await nextNumber(tx, stamp)
  await tx.insert(payoutBatches).values({
    id: batchId,
    number,
    method: wish.method,
    totalMinor,
    madeBy: actor.accountId,
    limitMinor: context.config.limits.payoutSecondPersonMinor,
    createdAt: stamp.now,
  })
  for (const [index, each] of due.entries())
    await addPayout(tx, stamp, { batchId, reference: `${number}-${index + 1}`, method: wish.method }, each)
  await audit(tx, stamp, {
    action: 'payout_batch.made',
    target: batchId,
    data: { number, method: wish.method, totalMinor: String(totalMinor), vendors: due.length },
  })
  return batchId
}

/** The largest sum one payment by this method takes, and the step it goes by. */
const most = (context: Context, method: string, owedMinor: bigint): bigint => {
  if (method !== 'mpesa') return owedMinor
  const limit = BigInt(context.config.mpesa?.maxKes ?? 250_000) * 100n
  const whole = (owedMinor / 100n) * 100n
  return whole < limit ? whole : limit
}

const allDue = (context: Context, method: string, payable: readonly PayableVendor[]): Due[] =>
  payable
    .map((vendor) => ({ vendor, amountMinor: most(context, method, vendor.owedMinor) }))
    .filter(({ amountMinor }) => amountMinor >= context.config.limits.payoutLeastMinor)

function namedDue(context: Context, wish: BatchWish, payable: readonly PayableVendor[]): Due[] {
  const named = wish.vendors ?? []
  if (new Set(named.map((each) => each.vendorId)).size !== named.length)
    throw new Refusal('invalid_input', { detail: 'A vendor is named twice.' })
  return named.map(({ vendorId, amountMinor }) => {
    const vendor = payable.find((each) => each.vendorId === vendorId)
    if (vendor === undefined)
      throw new Refusal('not_found', { detail: 'A vendor is not paid by this method, or has no account to be paid to.' })
    const largest = most(context, wish.method, vendor.owedMinor)
    const amount = amountMinor === undefined ? largest : BigInt(amountMinor)
    if (amount > largest || amount <= 0n)
      throw new Refusal('payout_exceeds', { extra: { vendorId, mostMinor: Number(largest > 0n ? largest : 0n) } })
    if (wish.method === 'mpesa' && amount % 100n !== 0n) throw new Refusal('invalid_input', { detail: 'M-Pesa pays whole shillings only.' })
    return { vendor, amountMinor: amount }
  })
}

/** PB-20261124-0001. Batches are few; the lock keeps two of one second apart. */
async function nextNumber(tx: Tx, stamp: Stamp): Promise<string> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('payout_batches'))`)
  const day = nairobiDay(stamp.now).replaceAll('-', '')
  const [row] = await tx.execute<{ count: number }>(
    sql`select count(*)::int as count from payout_batches where number like ${`PB-${day}-%`}`,
  )
  return `PB-${day}-${String((row?.count ?? 0) + 1).padStart(4, '0')}`
}

async function addPayout(
  tx: Tx,
  stamp: Stamp,
  batch: { batchId: string; reference: string; method: 'mpesa' | 'bank' },
  { vendor, amountMinor }: Due,
): Promise<void> {
  const { method, reference, batchId } = batch
  const transactionId = await openPayout(tx, stamp, {
    method,
    reference,
    amountMinor,
    vendorId: vendor.vendorId,
    phone: method === 'mpesa' ? vendor.account : null,
  })
  await tx.insert(payouts).values({
    transactionId,
    batchId,
    vendorId: vendor.vendorId,
    payeeName: vendor.name,
    payeeAccount: vendor.account,
    amountMinor,
    createdAt: stamp.now,
  })
}
