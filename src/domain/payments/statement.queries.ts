import { sql } from 'drizzle-orm'
import { nairobi } from '../../lib/time.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { LedgerAccount } from './ledger.postings.ts'

/** A stretch of time: from, until and without `to`. */
export interface Period {
  readonly from: Date
  readonly to: Date
}

/** Debit and credit of one account, and what is left: positive on the debit side. */
export interface AccountBalance {
  readonly account: LedgerAccount
  readonly currency: string
  readonly debitMinor: bigint
  readonly creditMinor: bigint
  readonly balanceMinor: bigint
}

/** Every account of the ledger up to a moment. The balances of one currency sum to zero, always. */
export async function trialBalance(db: DbOrTx, until: Date): Promise<AccountBalance[]> {
  const rows = await db.execute<{ account: string; currency: string; debit: string; credit: string; balance: string }>(sql`
    select account, currency, coalesce(sum(amount_minor) filter (where amount_minor > 0), 0)::text as debit,
      coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0)::text as credit, sum(amount_minor)::text as balance
    from ledger_entries where created_at <= ${until.toISOString()}::timestamptz group by account, currency order by account, currency`)
  return rows.map((row) => ({
    account: row.account as LedgerAccount,
    currency: row.currency,
    debitMinor: BigInt(row.debit),
    creditMinor: BigInt(row.credit),
    balanceMinor: BigInt(row.balance),
  }))
}

/** One day of a vendor in Nairobi: what sales brought, what was taken back, what was paid out, and what is owed at its end. */
export interface VendorDay {
  readonly day: string
  readonly salesMinor: bigint
  readonly takenBackMinor: bigint
  readonly paidOutMinor: bigint
  readonly commissionMinor: bigint
  readonly commissionVatMinor: bigint
  readonly owedMinor: bigint
}

/** A vendor's days with movements in a period, oldest first. Amounts are net of commission, as the vendor is paid. */
export async function vendorStatement(db: DbOrTx, vendorId: string, period: Period): Promise<VendorDay[]> {
  const rows = await db.execute<Record<'day' | 'sales' | 'taken' | 'paid' | 'commission' | 'vat' | 'owed', string>>(sql`
    with days as (
      select (l.created_at at time zone ${nairobi})::date as day,
        coalesce(-sum(l.amount_minor) filter (where l.account = 'vendor_payable' and e.effect = 'captured'), 0) as sales,
        coalesce(sum(l.amount_minor) filter (where l.account = 'vendor_payable' and e.effect <> 'captured' and t.kind <> 'payout'), 0) as taken,
        coalesce(sum(l.amount_minor) filter (where l.account = 'vendor_payable' and t.kind = 'payout'), 0) as paid,
        coalesce(-sum(l.amount_minor) filter (where l.account = 'commission_income'), 0) as commission,
        coalesce(-sum(l.amount_minor) filter (where l.account = 'commission_vat'), 0) as vat,
        coalesce(-sum(l.amount_minor) filter (where l.account = 'vendor_payable'), 0) as change
      from ledger_entries l join transaction_events e on e.id = l.event_id join transactions t on t.id = l.transaction_id
      where l.vendor_id = ${vendorId}::uuid group by 1
    ), running as (select *, sum(change) over (order by day) as owed from days)
    select day::text, sales::text, taken::text, paid::text, commission::text, vat::text, owed::text from running
    where day >= (${period.from.toISOString()}::timestamptz at time zone ${nairobi})::date
      and day < (${period.to.toISOString()}::timestamptz at time zone ${nairobi})::date
    order by day`)
  return rows.map((row) => ({
    day: row.day,
    salesMinor: BigInt(row.sales),
    takenBackMinor: BigInt(row.taken),
    paidOutMinor: BigInt(row.paid),
    commissionMinor: BigInt(row.commission),
    commissionVatMinor: BigInt(row.vat),
    owedMinor: BigInt(row.owed),
  }))
}

/** One day of a provider in Nairobi, to lay beside its own statement. */
export interface ProviderDay {
  readonly day: string
  readonly provider: string
  readonly currency: string
  readonly receivedMinor: bigint
  readonly refundedMinor: bigint
  readonly feesMinor: bigint
  /** Taken by disputes, less what came back. */
  readonly disputedMinor: bigint
  /** What the day changed in the money that lies at the provider (for pay on delivery: with the riders). */
  readonly changeMinor: bigint
}

/** What each provider moved on each day of a period, oldest first. */
export async function providerDays(db: DbOrTx, period: Period, provider?: string): Promise<ProviderDay[]> {
  const rows = await db.execute<
    Record<'day' | 'provider' | 'currency' | 'received' | 'refunded' | 'fees' | 'disputed' | 'change', string>
  >(sql`
    select (l.created_at at time zone ${nairobi})::date::text as day, t.provider, l.currency,
      coalesce(sum(l.amount_minor) filter (where e.effect in ('captured', 'parked') and l.amount_minor > 0), 0)::text as received,
      coalesce(-sum(l.amount_minor) filter (where e.effect in ('refund_succeeded', 'refund_failed')), 0)::text as refunded,
      coalesce(-sum(l.amount_minor) filter (where l.amount_minor < 0 and exists (
        select 1 from ledger_entries f where f.event_id = l.event_id and f.account = 'payment_fees' and f.amount_minor = -l.amount_minor)), 0)::text as fees,
      coalesce(-sum(l.amount_minor) filter (where e.effect like 'dispute%'), 0)::text as disputed,
      sum(l.amount_minor)::text as change
    from ledger_entries l join transaction_events e on e.id = l.event_id join transactions t on t.id = l.transaction_id
    where l.account in ('provider_clearing', 'cash_in_hand')
      and l.created_at >= ${period.from.toISOString()}::timestamptz and l.created_at < ${period.to.toISOString()}::timestamptz
      and (${provider ?? null}::text is null or t.provider = ${provider ?? null}::text)
    group by 1, 2, 3 order by 1, 2, 3`)
  return rows.map((row) => ({
    day: row.day,
    provider: row.provider,
    currency: row.currency,
    receivedMinor: BigInt(row.received),
    refundedMinor: BigInt(row.refunded),
    feesMinor: BigInt(row.fees),
    disputedMinor: BigInt(row.disputed),
    changeMinor: BigInt(row.change),
  }))
}
