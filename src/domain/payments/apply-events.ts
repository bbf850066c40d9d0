import { sql } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { insertRows, updateRows } from '../../platform/insert-rows.ts'
import { drawPosting } from './draw-posting.ts'
import { judge } from './judge-fact.ts'
import { type AppliedEvent, type ApplyOptions, type LockedTransaction, outcomeOf, planEvent } from './plan-event.ts'
import { entryRows } from './post-ledger.ts'
import type { PaymentFact } from './provider.port.ts'
import { ledgerEntries, transactionEvents, transactions } from './transaction.table.ts'

/** The first fact of a charge that has none yet. */
export interface FirstEvent {
  readonly stamp: Stamp
  readonly row: LockedTransaction
  readonly fact: PaymentFact
  readonly options: ApplyOptions
}

const mutable = [
  'state',
  'stateReason',
  'capturedMinor',
  'provenAmountMinor',
  'provenCurrency',
  'succeededAt',
  'duplicateOf',
  'sessionRef',
  'paymentRef',
  'receipt',
  'nextAction',
  'expiresAt',
  'nextCheckAt',
  'checks',
  'feeMinor',
  'eventCount',
  'updatedAt',
] as const

/**
 * Applies the first fact of many charges at once, each as applyEvent would, in the caller's commit and with five statements in all: for
 * taking over whole shops. The charges were written by the caller's own commit and have no event yet, so nobody else knows them.
 * Answers in the order of the wish. Throws Error for one that has been told something already.
 */
export async function applyEvents(tx: Tx, wishes: readonly FirstEvent[]): Promise<AppliedEvent[]> {
  if (wishes.some(({ row }) => row.eventCount !== 0 || row.kind !== 'charge'))
    throw new Error('only the first fact of a charge is applied so')
  const used = await receiptsInUse(tx, wishes)
  const added: (typeof transactionEvents.$inferInsert)[] = []
  const entries: (typeof ledgerEntries.$inferInsert)[] = []
  const saved: LockedTransaction[] = []
  const applied: AppliedEvent[] = []
  for (const { stamp, row, fact, options } of wishes) {
    const verdict = await judge(row, fact, (receipt) => used.has(`${row.provider} ${receipt}`))
    if (verdict === 'foreign') {
      applied.push({ outcome: 'ignored', row, fromState: row.state, eventId: undefined })
      continue
    }
    const planned = planEvent(stamp, row, fact, verdict, options)
    const after: LockedTransaction = { ...row, ...planned.changes }
    if (after.receipt !== null) used.add(`${row.provider} ${after.receipt}`)
    added.push(planned.added)
    saved.push(after)
    const cause = { eventId: planned.added.id, transactionId: row.id, orderId: row.orderId, currency: row.currency }
    entries.push(...entryRows(stamp, cause, await drawPosting(tx, row, after, planned.event, fact)))
    applied.push({
      outcome: outcomeOf(row, after.state, planned.event.effect),
      row: after,
      fromState: row.state,
      eventId: planned.added.id,
    })
  }
  await insertRows(tx, transactionEvents, added)
  const changed = await updateRows(tx, transactions, mutable, saved, sql`t.event_count = c.event_count - 1`)
  if (changed !== saved.length) throw new Error('a charge was told something by somebody else')
  await insertRows(tx, ledgerEntries, entries)
  return applied
}

async function receiptsInUse(tx: Tx, wishes: readonly FirstEvent[]): Promise<Set<string>> {
  const told = wishes.flatMap(({ row, fact }) => (fact.receipt === undefined ? [] : [{ provider: row.provider, receipt: fact.receipt }]))
  if (told.length === 0) return new Set()
  const rows = await tx.execute<{ key: string }>(sql`
    select t.provider || ' ' || t.receipt as key from json_to_recordset(${JSON.stringify(told)}::text::json) as w(provider text, receipt text)
    join transactions t on t.provider = w.provider and t.receipt = w.receipt`)
  return new Set(rows.map(({ key }) => key))
}
