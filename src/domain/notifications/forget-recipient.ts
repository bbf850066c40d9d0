import { eq, inArray, or, sql } from 'drizzle-orm'
import type { Tx } from '../../platform/db.ts'
import { messages } from './message.table.ts'
import { notificationCursors, notificationPreferences, notifications } from './notification.table.ts'

/** Forgets whom letters and notices went to and what they said; that something was sent, when, stays. A step of forgetting a person. */
export async function forgetRecipient(tx: Tx, accountId: string, orderIds: readonly string[]): Promise<void> {
  await tx
    .update(messages)
    .set({
      recipient: 'erased',
      subject: '',
      body: '',
      accountId: null,
      // What was still to be sent has nobody to go to.
      state: sql`case when ${messages.state} = 'queued' then 'off' else ${messages.state} end`,
    })
    .where(or(eq(messages.accountId, accountId), inArray(messages.orderId, [...orderIds])))
  for (const table of [notifications, notificationPreferences, notificationCursors])
    await tx.delete(table).where(eq(table.accountId, accountId))
}
