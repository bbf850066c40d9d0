import { sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'

/** A vendor that could be paid: where to, and what it is owed at this moment. */
export interface PayableVendor extends Record<string, unknown> {
  readonly vendorId: string
  readonly name: string
  readonly account: string
  /** Negative while a claw-back is not yet made up for. */
  readonly owedMinor: bigint
}

/**
 * Approved vendors paid by a method, with what they are owed, all of them or those named; each is locked until the commit, in the order
 * of their ids, so that two batches made at once do not pay one twice. A step.
 */
export async function lockPayable(tx: Tx, method: string, vendorIds: readonly string[] | undefined): Promise<PayableVendor[]> {
  const named = vendorIds === undefined ? sql`` : sql`and id = any(${sql.param([...vendorIds])}::uuid[])`
  const rows = await tx.execute<{ id: string; name: string; account: string }>(sql`
    select id, case when legal_name = '' then name else legal_name end as name, payout_account as account from vendors
    where status = 'approved' and payout_method = ${method} and payout_account <> '' ${named}
    order by id for no key update`)
  // Asked after the lock, so that it counts what whoever held the lock before has paid.
  const owed = await tx.execute<{ vendor_id: string; owed: string }>(sql`
    select vendor_id, (-sum(amount_minor))::text as owed from ledger_entries
    where account = 'vendor_payable' and currency = 'KES' and vendor_id = any(${sql.param(rows.map((row) => row.id))}::uuid[]) group by vendor_id`)
  const owedTo = new Map(owed.map((row) => [row.vendor_id, BigInt(row.owed)]))
  return rows.map(({ id, name, account }) => ({ vendorId: id, name, account, owedMinor: owedTo.get(id) ?? 0n }))
}
