import type { Facts } from '../../platform/realtime/watch.ts'
import type { notifications } from './notification.table.ts'

/** One notice, as processes tell each other and clients read it. */
export interface NotificationFacts extends Facts {
  readonly id: string
  readonly event: string
  readonly title: string
  readonly message: string
  readonly level: string
  readonly url: string | null
  readonly data: Readonly<Record<string, unknown>>
  readonly at: string
}

/** The hub's name of what somebody is told. */
export const accountChannel = (accountId: string): string => `u:${accountId}`

export const notificationFacts = (row: Omit<typeof notifications.$inferSelect, 'accountId' | 'dedupeKey' | 'seq'>): NotificationFacts => ({
  id: row.id,
  event: row.event,
  title: row.title,
  message: row.message,
  level: row.level,
  url: row.url,
  data: row.data,
  at: row.createdAt.toISOString(),
})
