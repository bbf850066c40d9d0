import { and, asc, eq, gt, gte } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import type { Effect, PaymentFact } from './provider.port.ts'
import { type Projection, projectEvent } from './transaction.projection.ts'
import { transactionEvents, transactions } from './transaction.table.ts'

/** One column where the stored row and its events disagree. */
export interface ProjectionDifference {
  readonly transactionId: string
  readonly column: 'state' | 'capturedMinor' | 'refundedMinor' | 'refundPendingMinor' | 'disputedMinor' | 'eventCount'
  readonly stored: string
  readonly rebuilt: string
}

/**
 * Computes state and counters of a transaction again from its events and compares them with the row. An empty answer is health;
 * anything else is a fault of the code or a hand in the database, and is reported, not repaired.
 */
export async function rebuildProjection(db: DbOrTx, transactionId: string): Promise<ProjectionDifference[]> {
  const [row] = await db.select().from(transactions).where(eq(transactions.id, transactionId))
  if (row === undefined) throw new Error(`there is no transaction ${transactionId}`)
  const events = await db
    .select()
    .from(transactionEvents)
    .where(eq(transactionEvents.transactionId, transactionId))
    .orderBy(asc(transactionEvents.seq))
  const rebuilt = events.reduce<Projection>(
    (before, event) =>
      projectEvent(before, {
        effect: event.effect as Effect,
        source: event.source as PaymentFact['source'],
        amountMinor: event.amountMinor,
        reason: typeof event.data['reason'] === 'string' ? event.data['reason'] : undefined,
        isDuplicate: typeof event.data['duplicateOf'] === 'string',
        refundFrom: typeof event.data['refundFrom'] === 'string' ? event.data['refundFrom'] : undefined,
        disputeFrom: typeof event.data['disputeFrom'] === 'string' ? event.data['disputeFrom'] : undefined,
      }),
    {
      kind: row.kind,
      amountMinor: row.amountMinor,
      state: row.kind === 'dispute' ? 'open' : 'created',
      stateReason: null,
      capturedMinor: 0n,
      refundedMinor: 0n,
      refundPendingMinor: 0n,
      disputedMinor: 0n,
    },
  )
  const pairs = [
    ['state', row.state, rebuilt.state],
    ['capturedMinor', row.capturedMinor, rebuilt.capturedMinor],
    ['refundedMinor', row.refundedMinor, rebuilt.refundedMinor],
    ['refundPendingMinor', row.refundPendingMinor, rebuilt.refundPendingMinor],
    ['disputedMinor', row.disputedMinor, rebuilt.disputedMinor],
    ['eventCount', row.eventCount, events.length],
  ] as const
  return pairs
    .filter(([, stored, again]) => stored !== again)
    .map(([column, stored, again]) => ({ transactionId, column, stored: String(stored), rebuilt: String(again) }))
}

const page = 500

/** Rebuilds every transaction touched since `since` (all of them by default), a page at a time, and answers the differences. */
export async function findProjectionDifferences(db: DbOrTx, since: Date = new Date(0)): Promise<ProjectionDifference[]> {
  const differences: ProjectionDifference[] = []
  let last = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const touched = await db
      .select({ id: transactions.id })
      .from(transactions)
      .where(and(gte(transactions.updatedAt, since), gt(transactions.id, last)))
      .orderBy(asc(transactions.id))
      .limit(page)
    for (const { id } of touched) differences.push(...(await rebuildProjection(db, id)))
    if (touched.length < page) return differences
    last = touched.at(-1)?.id ?? last
  }
}
