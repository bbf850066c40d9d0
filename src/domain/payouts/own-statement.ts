import type { Context } from '../../context.ts'
import { writeCsv } from '../../lib/csv.ts'
import { Refusal } from '../../lib/refusal.ts'
import { after, days, nairobiMidnight } from '../../lib/time.ts'
import { TooManyEntries, vendorAccount, type VendorAccount } from './vendor-account.queries.ts'

const mostEntries = 5_000

/** A vendor's account over whole Nairobi days, both included. Refuses with invalid_input for days that are none, period_too_long. */
export async function ownStatement(context: Context, vendorId: string, between: { from: string; to: string }): Promise<VendorAccount> {
  const [from, last] = [nairobiMidnight(between.from), nairobiMidnight(between.to)]
  if (from === undefined || last === undefined || last < from)
    throw new Refusal('invalid_input', {
      fields: [{ path: '/query/to', code: 'period', message: 'Name two days, the first not after the last.' }],
    })
  const to = after(last, days(1))
  if (to.getTime() - from.getTime() > days(366)) throw new Refusal('period_too_long')
  try {
    return await vendorAccount(context.db, vendorId, { from, to }, mostEntries)
  } catch (error) {
    if (error instanceof TooManyEntries) throw new Refusal('period_too_long')
    throw error
  }
}

const decimal = (minor: bigint): string => {
  const absolute = minor < 0n ? -minor : minor
  return `${minor < 0n ? '-' : ''}${absolute / 100n}.${String(absolute % 100n).padStart(2, '0')}`
}

/** A statement as a table. */
export const statementCsv = (account: VendorAccount): string =>
  writeCsv([
    ['time', 'kind', 'reference', 'gross', 'commission', 'vat in commission', 'net', 'balance'],
    ['', 'opening', '', '', '', '', '', decimal(account.openingMinor)],
    ...withBalance(account),
    ['', 'closing', '', '', '', '', '', decimal(account.closingMinor)],
  ])

function withBalance({ openingMinor, entries }: VendorAccount): string[][] {
  let balance = openingMinor
  return entries.map((entry) => {
    balance += entry.netMinor
    const amounts = [entry.grossMinor, entry.commissionMinor, entry.commissionVatMinor, entry.netMinor, balance]
    return [entry.at.toISOString(), entry.kind, entry.reference, ...amounts.map(decimal)]
  })
}
