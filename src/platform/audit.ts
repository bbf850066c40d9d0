import { actorLabel } from '../lib/actor.ts'
import type { Stamp } from '../lib/stamp.ts'
import { auditLog } from './audit.table.ts'
import type { Tx } from './db.ts'
import { requestScope } from './http/request-scope.ts'

/** What somebody did. `data` holds what a reader needs to judge it: before and after, the reason; never a secret or a whole phone number. */
export interface AuditEntry {
  /** `refund.requested`, `payment.review_closed`, ... */
  readonly action: string
  /** The id of what was changed. */
  readonly target: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** Writes down who did what, in the commit that does it. The row is never changed and never removed. A step. */
export async function audit(tx: Tx, stamp: Stamp, entry: AuditEntry): Promise<void> {
  await tx.insert(auditLog).values({
    id: stamp.ids.next(),
    actor: actorLabel(stamp.actor),
    action: entry.action,
    target: entry.target,
    requestId: stamp.requestId ?? requestScope()?.requestId ?? null,
    data: { ...entry.data },
    createdAt: stamp.now,
  })
}
