import { and, eq } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { type NotificationEvent, notificationEvents, type Ways } from './notification.events.ts'
import { notificationPreferences } from './notification.table.ts'

/** By which ways somebody wants to be told of an event: what they have chosen, else the usual. */
export async function waysOf(db: DbOrTx, accountId: string, event: NotificationEvent): Promise<Ways> {
  const [chosen] = await db
    .select()
    .from(notificationPreferences)
    .where(and(eq(notificationPreferences.accountId, accountId), eq(notificationPreferences.event, event)))
  return chosen ?? notificationEvents[event]
}

/** Every event with the ways somebody is told of it. */
export async function preferencesOf(db: DbOrTx, accountId: string): Promise<(Ways & { event: NotificationEvent })[]> {
  const chosen = await db.select().from(notificationPreferences).where(eq(notificationPreferences.accountId, accountId))
  return (Object.keys(notificationEvents) as NotificationEvent[]).map((event) => {
    const { inApp, email, sms } = chosen.find((one) => one.event === event) ?? notificationEvents[event]
    return { event, inApp, email, sms }
  })
}
