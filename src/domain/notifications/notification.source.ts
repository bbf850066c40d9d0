import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { closeCodes } from '../../platform/realtime/close-codes.ts'
import type { EventMessage, Present, Source, Want } from '../../platform/realtime/watch.ts'
import { notificationFacts } from './notification.facts.ts'
import type { NotificationWatch } from './notification.watch.ts'

const mostEvents = 100

const sources = new WeakMap<object, Source>()

/** The notices behind the hub's channels of accounts. One for each process. */
export function notificationSource(context: Context): Source {
  const known = sources.get(context.hub)
  if (known !== undefined) return known
  const made: Source = {
    read: (wants) => readPresents(context, wants),
    check: (watches) => checkSessions(context, watches as readonly NotificationWatch[]),
  }
  sources.set(context.hub, made)
  return made
}

interface NoticeRow extends Record<string, unknown> {
  account_id: string
  last_seq: number
  read_seq: number
  seq: number | null
  id: string
  event: string
  title: string
  message: string
  level: string
  url: string | null
  data: Record<string, unknown>
  created_at: string
}

async function readPresents(context: Context, wants: readonly Want[]): Promise<Present[]> {
  const asked = wants.map(({ channel, since }) => ({ account: channel.slice(2), since: since ?? null }))
  const rows = await context.db.execute<NoticeRow>(sql`
    select distinct on (c.account_id, n.seq) c.account_id, c.last_seq, c.read_seq, n.seq, n.id, n.event, n.title, n.message, n.level, n.url, n.data, n.created_at
    from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) as q(account uuid, since int)
    join notification_cursors c on c.account_id = q.account
    left join notifications n on n.account_id = c.account_id and n.seq > q.since and n.seq <= q.since + ${mostEvents} and n.seq <= c.last_seq
    order by c.account_id, n.seq`)
  return asked.map(({ account, since }): Present => {
    const own = rows.filter((row) => row.account_id === account)
    const version = own[0]?.last_seq ?? 0
    const events = own.flatMap((row): EventMessage[] =>
      row.seq === null || since === null || row.seq <= since
        ? []
        : [{ lane: 'event', version: row.seq, facts: notificationFacts({ ...row, createdAt: new Date(row.created_at) }) }],
    )
    return {
      version,
      events,
      isComplete: since === null || events.length === Math.max(0, version - since),
      position: undefined,
      facts: { unread: version - (own[0]?.read_seq ?? 0) },
      end: undefined,
    }
  })
}

async function checkSessions(context: Context, watches: readonly NotificationWatch[]) {
  const asked = JSON.stringify(watches.map(({ sessionId }) => ({ id: sessionId })))
  const rows = await context.db.execute<{ id: string }>(sql`
    select s.id from jsonb_to_recordset(${asked}::text::jsonb) as q(id uuid)
    join sessions s on s.id = q.id join accounts a on a.id = s.account_id
    where s.revoked_at is null and s.expires_at > ${context.clock.now().toISOString()}::timestamptz and a.status = 'active'`)
  const good = new Set(rows.map(({ id }) => id))
  return watches.map(({ sessionId }) => (good.has(sessionId) ? undefined : closeCodes.signedOut))
}
