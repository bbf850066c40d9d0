import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { actorLabel } from '../../lib/actor.ts'
import { isWholeShillings } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import { derivedToken, sha256Hex } from '../../lib/signature.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { after, minutes } from '../../lib/time.ts'
import type { Tx } from '../../platform/db.ts'
import { enqueue, type OutboxMessage } from '../../platform/outbox.ts'
import { orders } from '../orders/order.table.ts'
import type { ProviderName, ProviderPrice } from './provider.port.ts'
import { transactionEvents, transactions } from './transaction.table.ts'

/** What is to be charged, by whom, for which order. */
export interface OpenTransaction {
  readonly orderId: string
  /** The number of an order written in this very transaction: nobody else can see it, so it has no other charge and needs no lock. */
  readonly newOrderNumber?: string
  readonly provider: ProviderName
  /** What the provider is asked for, where that is not the amount itself: PayPal takes no KES. */
  readonly price?: ProviderPrice
  /** How the shopper pays, as the order says it: `mpesa`, `card`. */
  readonly method: string
  /** KES cents; whole shillings for M-Pesa. */
  readonly amountMinor: bigint
  /** Canonical (254712345678); required for M-Pesa. */
  readonly phone: string | undefined
  /** The server secret the callback token is derived from; only its hash is stored. */
  readonly appSecret: string
  /** Messages that leave with the provider call, staged in the same statement. */
  readonly alsoStage?: readonly OutboxMessage[]
}

/** The outbox topic of a provider's starts: one each, because no topic holds every place, so that a slow provider delays only itself. */
const startTopic = (provider: string): string => `payment.start.${provider}`

/** Those topics of all providers, also of the ones switched off: their charges have to be told so. */
export const startTopics: readonly string[] = (
  ['mpesa', 'stripe', 'paystack', 'paypal', 'cod', 'simulator'] as const satisfies readonly ProviderName[]
).map(startTopic)

/** What a callback address of a transaction ends in; the same for every provider that signs nothing. */
export const callbackToken = (appSecret: string, provider: string, transactionId: string): string =>
  derivedToken(appSecret, `${provider}-callback`, transactionId)

/**
 * Opens a charge in state `created` and stages the provider call for after the commit. A step of placing an order and of paying
 * again. Refuses with payment_open while another charge of this order is open at the same provider, waits in review, or has
 * succeeded; with payment_method_unavailable for an amount or phone the provider cannot take.
 */
export async function openTransaction(tx: Tx, stamp: Stamp, input: OpenTransaction): Promise<{ id: string; reference: string }> {
  if (input.provider === 'mpesa' && (!isWholeShillings(input.amountMinor) || input.phone === undefined))
    throw new Refusal('payment_method_unavailable')
  const reference =
    input.newOrderNumber === undefined ? await nextReference(tx, input.orderId, input.provider) : `${input.newOrderNumber}-1`

  const id = stamp.ids.next()
  // Row and first event in one statement, and not by applyEvent, which would bring the row just written up to date in a third: the
  // bag is locked meanwhile. Where the row may not be written there is nothing the event could be of.
  const opened = tx.$with('opened').as(
    tx
      .insert(transactions)
      .values({
        id,
        kind: 'charge',
        provider: input.provider,
        method: input.method,
        orderId: input.orderId,
        reference,
        amountMinor: input.amountMinor,
        providerAmountMinor: input.price?.amountMinor ?? input.amountMinor,
        ...(input.price === undefined ? {} : { providerCurrency: input.price.currency, fxRate: input.price.fxRate ?? null }),
        callbackTokenHash: sha256Hex(callbackToken(input.appSecret, input.provider, id)),
        phone: input.phone,
        // Should the staged call be given up, the check that is due then closes a charge that was never sent.
        nextCheckAt: after(stamp.now, minutes(10)),
        eventCount: 1,
        createdAt: stamp.now,
        updatedAt: stamp.now,
      })
      .onConflictDoNothing()
      .returning({ id: transactions.id }),
  )
  const [event] = await tx
    .with(opened)
    .insert(transactionEvents)
    .select(createdEvent(stamp, sql`${opened}`))
    .returning({ id: transactionEvents.id })
  if (event === undefined) throw new Refusal('payment_open')
  const start = { topic: startTopic(input.provider), payload: { transactionId: id }, dedupeKey: `payment.start:${id}` }
  await enqueue(tx, stamp, start, ...(input.alsoStage ?? []))
  return { id, reference }
}

/** Locks the order and counts its charges. The lock makes two openers wait for each other; the unique index holds whatever the code does. */
async function nextReference(tx: Tx, orderId: string, provider: ProviderName): Promise<string> {
  const [order] = await tx.select({ number: orders.number }).from(orders).where(eq(orders.id, orderId)).for('update')
  if (order === undefined) throw new Refusal('not_found')
  const [earlier] = await tx
    .select({
      count: sql<number>`count(*)::int`,
      // A success that is being confirmed at this provider waits for its answer; a second prompt would ask for the money twice.
      blocking: sql<number>`count(*) filter (where ${inArray(transactions.state, ['review', 'succeeded'])} or (${transactions.state} = 'processing' and ${transactions.provider} = ${provider}))::int`,
    })
    .from(transactions)
    .where(and(eq(transactions.orderId, orderId), eq(transactions.kind, 'charge')))
  if ((earlier?.blocking ?? 0) > 0) throw new Refusal('payment_open')
  return `${order.number}-${(earlier?.count ?? 0) + 1}`
}

/** The event that a charge was opened, for the row that was. Columns in the order of the table. */
const createdEvent = (stamp: Stamp, opened: SQL): SQL => sql`
  select ${stamp.ids.next()}::uuid, o.id, 1, 'created', o.id::text, null::bigint, null::char(3), null::text, 'created', 'api', null::uuid,
    ${JSON.stringify(stamp.actor.kind === 'person' ? { actor: actorLabel(stamp.actor) } : {})}::jsonb, ${stamp.now.toISOString()}::timestamptz
  from ${opened} o`
