import type { Db } from '../../platform/db.ts'
import type { NotificationEvent, Ways } from './notification.events.ts'
import { notificationPreferences } from './notification.table.ts'
import { waysOf } from './preference.queries.ts'

/** Changes by which ways somebody is told of an event; what is not named stays. Answers how it is now. */
export async function setPreference(db: Db, accountId: string, event: NotificationEvent, change: Partial<Ways>): Promise<Ways> {
  const before = await waysOf(db, accountId, event)
  const ways = {
    inApp: change.inApp ?? before.inApp,
    email: change.email ?? before.email,
    sms: change.sms ?? before.sms,
  }
  await db
    .insert(notificationPreferences)
    .values({ accountId, event, ...ways })
    .onConflictDoUpdate({ target: [notificationPreferences.accountId, notificationPreferences.event], set: ways })
  return ways
}
