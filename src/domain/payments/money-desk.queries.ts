import { and, desc, eq, gte, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { isUuid, parseOrderNumber } from '../../lib/ids.ts'
import type { DbOrTx } from '../../platform/db.ts'
import { orders } from '../orders/order.table.ts'
import { reconciliationBreaks, transactionEvents, transactions } from './transaction.table.ts'
import { findTransaction, type TransactionView } from './transaction.queries.ts'
import { webhookEvents } from './webhook-event.table.ts'

/** What staff look for. `waits`: whatever needs a person. */
export interface MoneyFilter {
  readonly kind?: string | undefined
  readonly provider?: string | undefined
  readonly state?: string | undefined
  readonly order?: string | undefined
  readonly reference?: string | undefined
  readonly waits?: boolean | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

const staff = { accountId: '00000000-0000-0000-0000-000000000000', isStaff: true } as const

/** What waits for a person: reviews, refunds to send by hand or to confirm, disputes that are open. */
const waitsForPerson = sql`(${transactions.state} in ('review', 'manual', 'open') or (${transactions.kind} = 'refund' and ${transactions.state} = 'created' and exists (
  select 1 from transaction_events e where e.transaction_id = ${transactions.id} and e.data ->> 'needsSecond' = 'true')))`

/** One page of movements of money, newest first. */
export async function listTransactions(db: DbOrTx, filter: MoneyFilter): Promise<{ items: TransactionView[]; nextCursor: string | null }> {
  const where: (SQL | undefined)[] = [
    filter.kind === undefined ? undefined : eq(transactions.kind, filter.kind),
    filter.provider === undefined ? undefined : eq(transactions.provider, filter.provider),
    filter.state === undefined ? undefined : eq(transactions.state, filter.state),
    filter.order === undefined ? undefined : eq(orders.number, parseOrderNumber(filter.order) ?? ''),
    filter.reference === undefined
      ? undefined
      : or(
          eq(transactions.reference, filter.reference),
          eq(transactions.receipt, filter.reference),
          eq(transactions.sessionRef, filter.reference),
          eq(transactions.paymentRef, filter.reference),
        ),
    filter.waits === true ? waitsForPerson : undefined,
    filter.from === undefined ? undefined : gte(transactions.createdAt, filter.from),
    filter.to === undefined ? undefined : lt(transactions.createdAt, filter.to),
    afterCursor(filter.cursor),
  ]
  const rows = await db
    .select({ id: transactions.id, createdAt: transactions.createdAt })
    .from(transactions)
    .leftJoin(orders, eq(orders.id, transactions.orderId))
    .where(and(...where))
    .orderBy(desc(transactions.createdAt), desc(transactions.id))
    .limit(filter.limit + 1)
  const page = rows.slice(0, filter.limit)
  const items: TransactionView[] = []
  for (const { id } of page) items.push(...[await findTransaction(db, id, staff)].filter((view) => view !== undefined))
  const last = page.at(-1)
  const hasMore = rows.length > filter.limit && last !== undefined
  return { items, nextCursor: hasMore ? encodeCursor([last.createdAt.toISOString(), last.id]) : null }
}

function afterCursor(cursor: string | undefined): SQL | undefined {
  const [at, id] = cursor === undefined ? [] : (decodeCursor(cursor, 2) ?? [])
  if (at === undefined || !isUuid(String(id)) || Number.isNaN(Date.parse(String(at)))) return undefined
  return sql`(${transactions.createdAt}, ${transactions.id}) < (${new Date(String(at)).toISOString()}::timestamptz, ${String(id)}::uuid)`
}

/** A movement with everything that was ever said about it: its events, and the messages that brought them as they came. */
export async function transactionHistory(db: DbOrTx, id: string) {
  const transaction = isUuid(id) ? await findTransaction(db, id, staff) : undefined
  if (transaction === undefined) return undefined
  const events = await db
    .select({ event: transactionEvents, body: webhookEvents.body, eventType: webhookEvents.eventType })
    .from(transactionEvents)
    .leftJoin(webhookEvents, eq(webhookEvents.id, transactionEvents.webhookEventId))
    .where(eq(transactionEvents.transactionId, id))
    .orderBy(transactionEvents.seq)
    .limit(500)
  return {
    transaction,
    events: events.map(({ event, body, eventType }) => ({
      seq: event.seq,
      effect: event.effect,
      effectRef: event.effectRef,
      source: event.source,
      fromState: event.fromState,
      toState: event.toState,
      amountMinor: event.amountMinor === null ? null : Number(event.amountMinor),
      data: event.data,
      webhookEventId: event.webhookEventId,
      message: body === null ? null : { eventType: eventType ?? '', body: body.toString('utf8') },
      at: event.createdAt.toISOString(),
    })),
  }
}

/** Messages in the inbox, newest first, by state. */
export async function listWebhookEvents(db: DbOrTx, filter: { state: string | undefined; provider: string | undefined; limit: number }) {
  const rows = await db
    .select()
    .from(webhookEvents)
    .where(
      and(
        filter.state === undefined ? undefined : eq(webhookEvents.state, filter.state),
        filter.provider === undefined ? undefined : eq(webhookEvents.provider, filter.provider),
      ),
    )
    .orderBy(desc(webhookEvents.receivedAt), desc(webhookEvents.id))
    .limit(filter.limit)
  return rows.map((row) => ({
    id: row.id,
    provider: row.provider,
    eventType: row.eventType,
    providerRef: row.providerRef,
    state: row.state,
    attempts: row.attempts,
    lastError: row.lastError,
    receivedAt: row.receivedAt.toISOString(),
    appliedAt: row.appliedAt?.toISOString() ?? null,
  }))
}

/** Breaks of reconciliation, open ones first. */
export async function listBreaks(db: DbOrTx, filter: { isOpen: boolean; limit: number }) {
  const rows = await db
    .select()
    .from(reconciliationBreaks)
    .where(filter.isOpen ? isNull(reconciliationBreaks.resolvedAt) : undefined)
    .orderBy(sql`${reconciliationBreaks.resolvedAt} is not null`, desc(reconciliationBreaks.seenAt), desc(reconciliationBreaks.id))
    .limit(filter.limit)
  return rows.map((row) => ({
    id: row.id,
    provider: row.provider,
    kind: row.kind,
    providerRef: row.providerRef,
    transactionId: row.transactionId,
    theirMinor: row.theirMinor === null ? null : Number(row.theirMinor),
    ourMinor: row.ourMinor === null ? null : Number(row.ourMinor),
    currency: row.currency,
    occurredAt: row.occurredAt.toISOString(),
    seenAt: row.seenAt.toISOString(),
    resolution: row.resolution,
  }))
}
