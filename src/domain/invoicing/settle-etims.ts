import { and, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { after, minutes } from '../../lib/time.ts'
import { backoffMs } from '../../platform/backoff.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { EtimsVerdict } from './etims.port.ts'
import { type EtimsState, etimsStates } from './etims.states.ts'
import { etimsSubmissions } from './invoice.table.ts'

/** How often a document is tried or asked about before a person has to look. */
export const mostTries = 12

type Submission = typeof etimsSubmissions.$inferSelect

/**
 * Writes down what the authority said of a document; the only writer of its state. Said twice, by callback and by answer, it counts
 * once; nothing takes an acceptance back.
 */
export async function settleEtims(context: Context, db: DbOrTx, submission: Submission, verdict: EtimsVerdict): Promise<void> {
  const now = context.clock.now()
  const to: EtimsState = verdict.status === 'received' ? 'submitted' : verdict.status
  const from = submission.state as EtimsState
  if (from === to) {
    if (to === 'submitted') await wait(context, db, submission, 'it was received and is not decided')
    return
  }
  if (!etimsStates.can(from, to)) return
  await db
    .update(etimsSubmissions)
    .set({
      state: to,
      lockedUntil: null,
      lastError: verdict.status === 'rejected' ? verdict.reason : null,
      ...(verdict.status === 'accepted' ? { controlNumber: verdict.controlNumber, qrUrl: verdict.qrUrl } : {}),
      ...(to === 'submitted'
        ? { submittedAt: now, nextAt: after(now, minutes(1)), attempts: 0 }
        : { decidedAt: now, nextAt: null, submittedAt: submission.submittedAt ?? now }),
    })
    .where(and(eq(etimsSubmissions.invoiceId, submission.invoiceId), eq(etimsSubmissions.state, from)))
}

/** Nothing usable was heard: try later, or leave it to a person after so many tries. */
export async function wait(context: Context, db: DbOrTx, submission: Submission, why: string): Promise<void> {
  const isStuck = submission.attempts >= mostTries
  await db
    .update(etimsSubmissions)
    .set({
      lockedUntil: null,
      lastError: why.slice(0, 300),
      nextAt: isStuck ? null : after(context.clock.now(), backoffMs(submission.attempts, 5_000, 3_600_000)),
      ...(isStuck ? { state: 'stuck' } : {}),
    })
    .where(and(eq(etimsSubmissions.invoiceId, submission.invoiceId), eq(etimsSubmissions.attempts, submission.attempts)))
}
