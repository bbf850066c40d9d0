import { and, eq } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { enqueue } from '../../platform/outbox.ts'
import type { NotificationEvent, NotificationLevel } from './notification.events.ts'
import { type NotificationFacts, notificationFacts } from './notification.facts.ts'
import { notificationCursors, notifications } from './notification.table.ts'
import { waysOf } from './preference.queries.ts'

/** The outbox topic of notices to those who are looking. */
export const liveNotificationTopic = 'live.notification'

/** What somebody is to be told. */
export interface Notice {
  readonly accountId: string
  readonly event: NotificationEvent
  /** What it is about, such as `<delivery id>:<event number>`; somebody is told of the same thing once. */
  readonly about: string
  readonly title: string
  readonly message: string
  readonly level: NotificationLevel
  /** A path of the shop. */
  readonly url?: string
  readonly data?: Record<string, unknown>
}

/** What an outbox message of `liveNotificationTopic` carries. */
export interface LiveNotification {
  readonly accountId: string
  readonly seq: number
  readonly facts: NotificationFacts
}

/**
 * Tells somebody inside the shop, in the commit of what it is about: the list, and the socket of whoever is looking. A step. False
 * when they were told of it before, or do not want to hear of such things.
 */
export async function notify(tx: Tx, stamp: Stamp, notice: Notice): Promise<boolean> {
  const { accountId, event, about } = notice
  if (!(await waysOf(tx, accountId, event)).inApp) return false
  // The row of the cursor makes those who tell the same person take turns, so that the numbers have no gaps.
  await tx.insert(notificationCursors).values({ accountId }).onConflictDoNothing()
  const [cursor] = await tx.select().from(notificationCursors).where(eq(notificationCursors.accountId, accountId)).for('update')
  const dedupeKey = `${event}:${about}`
  const [known] = await tx
    .select({ id: notifications.id })
    .from(notifications)
    .where(and(eq(notifications.accountId, accountId), eq(notifications.dedupeKey, dedupeKey)))
  if (cursor === undefined || known !== undefined) return false
  const seq = cursor.lastSeq + 1
  await tx.update(notificationCursors).set({ lastSeq: seq }).where(eq(notificationCursors.accountId, accountId))
  const row = {
    id: stamp.ids.next(),
    accountId,
    seq,
    event,
    dedupeKey,
    title: notice.title,
    message: notice.message,
    level: notice.level,
    url: notice.url ?? null,
    data: notice.data ?? {},
    createdAt: stamp.now,
  }
  await tx.insert(notifications).values(row)
  const live: LiveNotification = { accountId, seq, facts: notificationFacts(row) }
  await enqueue(tx, stamp, {
    topic: liveNotificationTopic,
    payload: { ...live },
    dedupeKey: `${liveNotificationTopic}:${accountId}:${seq}`,
  })
  return true
}
