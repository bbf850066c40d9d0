import { and, eq } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { type ReturnState, returnStates } from './return.states.ts'
import { returns } from './return.table.ts'

/** A return as the database holds it. */
export type ReturnRow = typeof returns.$inferSelect

/** What is known of a return once it moved. */
export interface ReturnOutcome {
  readonly refusal?: string
  readonly refundMinor?: bigint
  readonly deliveryRefundMinor?: bigint
  readonly refundId?: string | undefined
}

/**
 * Moves a return along its state table; the only writer of returns.state. The old state stands in the `where`, so of two movers one
 * wins. A step. Refuses with return_state when the table forbids the move, conflict when somebody moved it first.
 */
export async function moveReturn(tx: Tx, stamp: Stamp, row: ReturnRow, to: ReturnState, outcome: ReturnOutcome = {}): Promise<ReturnRow> {
  if (!returnStates.can(row.state as ReturnState, to)) throw new Refusal('return_state')
  const [moved] = await tx
    .update(returns)
    .set({
      ...outcome,
      state: to,
      ...(to === 'approved' ? { approvedAt: stamp.now } : { closedAt: stamp.now }),
      ...(to === 'received' ? { receivedAt: stamp.now } : {}),
    })
    .where(and(eq(returns.id, row.id), eq(returns.state, row.state)))
    .returning()
  if (moved === undefined) throw new Refusal('conflict')
  return moved
}
