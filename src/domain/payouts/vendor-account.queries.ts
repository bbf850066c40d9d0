import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import type { Period } from '../payments/statement.queries.ts'

/** One movement of what a vendor is owed: plus for a sale, minus for what was taken back or paid out. */
export interface AccountEntry {
  readonly at: Date
  readonly kind: 'sale' | 'refund' | 'refund_undone' | 'dispute' | 'payout' | 'payout_returned'
  /** The order's number, or the payout's reference. */
  readonly reference: string
  readonly grossMinor: bigint
  readonly commissionMinor: bigint
  /** The VAT inside the commission. */
  readonly commissionVatMinor: bigint
  /** What it changes in the balance. */
  readonly netMinor: bigint
}

/** A vendor's account over a period: opening balance plus entries is the closing balance, to the cent. */
export interface VendorAccount {
  readonly openingMinor: bigint
  readonly closingMinor: bigint
  readonly entries: readonly AccountEntry[]
}

/** More entries than a statement may hold; ask for a shorter period. */
export class TooManyEntries extends Error {}

/** The account of a vendor from the ledger, oldest entry first, at most `most` of them. Throws TooManyEntries beyond that. */
export async function vendorAccount(db: DbOrTx, vendorId: string, period: Period, most: number): Promise<VendorAccount> {
  const from = period.from.toISOString()
  const to = period.to.toISOString()
  const [opening] = await db.execute<{ owed: string }>(sql`
    select coalesce(-sum(amount_minor), 0)::text as owed from ledger_entries
    where vendor_id = ${vendorId}::uuid and account = 'vendor_payable' and created_at < ${from}::timestamptz`)
  const rows = await db.execute<Record<'at' | 'effect' | 'reference' | 'payable' | 'fee' | 'vat', string> & { is_payout: boolean }>(sql`
    select min(l.created_at) as at, e.effect, coalesce(o.number, t.reference) as reference, t.kind = 'payout' as is_payout,
      coalesce(-sum(l.amount_minor) filter (where l.account = 'vendor_payable'), 0)::text as payable,
      coalesce(-sum(l.amount_minor) filter (where l.account = 'commission_income'), 0)::text as fee,
      coalesce(-sum(l.amount_minor) filter (where l.account = 'commission_vat'), 0)::text as vat
    from ledger_entries l join transaction_events e on e.id = l.event_id join transactions t on t.id = l.transaction_id
    left join orders o on o.id = l.order_id
    where l.vendor_id = ${vendorId}::uuid and l.created_at >= ${from}::timestamptz and l.created_at < ${to}::timestamptz
    group by l.event_id, e.effect, e.seq, t.kind, o.number, t.reference order by min(l.created_at), e.seq, l.event_id limit ${most + 1}`)
  if (rows.length > most) throw new TooManyEntries()
  const entries = rows.map((row): AccountEntry => {
    const [netMinor, fee, vat] = [BigInt(row.payable), BigInt(row.fee), BigInt(row.vat)]
    return {
      at: new Date(row.at),
      kind: kindOf(row.effect, row.is_payout),
      reference: row.reference,
      grossMinor: netMinor + fee + vat,
      commissionMinor: fee + vat,
      commissionVatMinor: vat,
      netMinor,
    }
  })
  const openingMinor = BigInt(opening?.owed ?? '0')
  return { openingMinor, closingMinor: entries.reduce((sum, entry) => sum + entry.netMinor, openingMinor), entries }
}

function kindOf(effect: string, isPayout: boolean): AccountEntry['kind'] {
  if (isPayout) return effect === 'payout_made' ? 'payout' : 'payout_returned'
  if (effect.startsWith('dispute')) return 'dispute'
  if (effect === 'captured') return 'sale'
  return effect === 'refund_failed' ? 'refund_undone' : 'refund'
}

/** What a vendor is owed now, and what of it is on its way. */
export async function vendorBalance(db: DbOrTx, vendorId: string): Promise<{ owedMinor: bigint; onItsWayMinor: bigint }> {
  const [row] = await db.execute<{ owed: string; underway: string }>(sql`
    select (select coalesce(-sum(amount_minor), 0)::text from ledger_entries where vendor_id = ${vendorId}::uuid and account = 'vendor_payable') as owed,
      (select coalesce(sum(amount_minor), 0)::text from transactions where vendor_id = ${vendorId}::uuid and kind = 'payout' and state in ('created', 'pending')) as underway`)
  return { owedMinor: BigInt(row?.owed ?? '0'), onItsWayMinor: BigInt(row?.underway ?? '0') }
}
