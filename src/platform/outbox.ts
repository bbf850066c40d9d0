import { and, eq, sql } from 'drizzle-orm'
import type { Clock } from '../lib/clock.ts'
import type { Stamp } from '../lib/stamp.ts'
import { after } from '../lib/time.ts'
import { backoffMs } from './backoff.ts'
import type { Db, Tx } from './db.ts'
import { describeError, type Log } from './log.ts'
import { outbox } from './outbox.table.ts'
import { createRowQueue, type RowQueue } from './row-queue.ts'
import { withSpan } from './tracing.ts'

/** A call or message to make after the commit. At most one row ever is kept for the same `dedupeKey`. */
export interface OutboxMessage {
  readonly topic: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly dedupeKey?: string
  readonly availableAt?: Date
}

/** A message as its handler gets it. `attempts` counts this try, so the first is 1. */
export interface ClaimedMessage {
  readonly id: string
  readonly topic: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly attempts: number
}

/**
 * Does what a message asks. Runs outside any database transaction, at least once: a crash between the work and its mark repeats it,
 * so the work must bear being done twice. Throwing means: try again later.
 */
export type OutboxHandler = (message: ClaimedMessage) => Promise<void>

/** The worker behind the outbox table, and behind every other queue of rows that joins it. */
export interface Outbox {
  /** Says how messages of a topic are handled. A topic nobody handles here is left for a process that does. */
  handle(topic: string, handler: OutboxHandler): void
  /** Lets another queue (inbox, due checks) be woken, timed, stopped and drained together with the outbox. */
  join(queue: RowQueue): void
  /** Call after a commit that left work; with the name of the queue where it is known, so that the others need not look. */
  wake(queue?: string): void
  start(): void
  stop(): Promise<void>
  /** For tests and commands: works until nothing is due in any queue; answers how much was done. */
  drainOnce(): Promise<number>
}

/** What the outbox worker needs. */
export interface OutboxOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly intervalMs?: number
  /** How long a claim keeps others away. Renewed while the handler works, so it only has to outlast a stumble, not the work. */
  readonly leaseMs?: number
}

/** A message given up after this many tries is dead: it stays in the table for a person to look at. */
export const mostAttempts = 20
// No topic may hold every place, so that a slow provider does not keep messages to shoppers waiting.
const mostInHand = 24
const mostInHandPerTopic = 8

/** Stages messages in the transaction that decided them, in one statement. A step: the rows commit or vanish with the change. */
export async function enqueue(tx: Tx, stamp: Stamp, ...messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return
  await tx
    .insert(outbox)
    .values(
      messages.map((message) => ({
        id: stamp.ids.next(),
        topic: message.topic,
        payload: { ...message.payload },
        dedupeKey: message.dedupeKey,
        createdAt: stamp.now,
        availableAt: message.availableAt ?? stamp.now,
      })),
    )
    .onConflictDoNothing({ target: outbox.dedupeKey })
}

/** Makes the worker. Nothing runs before `start` or `drainOnce`. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { db, clock, log } = options
  const leaseMs = options.leaseMs ?? 6_000
  const handlers = new Map<string, OutboxHandler>()
  const inHand = new Map<string, number>()

  async function claim(room: number): Promise<readonly ClaimedMessage[]> {
    const topics = [...handlers.keys()].filter((topic) => (inHand.get(topic) ?? 0) < mostInHandPerTopic)
    if (topics.length === 0) return []
    const now = clock.now()
    const messages = await db.execute<ClaimedMessage & Record<string, unknown>>(sql`
      update outbox set locked_until = ${after(now, leaseMs).toISOString()}::timestamptz, attempts = attempts + 1
      where id in (
        select id from outbox
        where done_at is null and dead_at is null and available_at <= ${now.toISOString()}::timestamptz
          and (locked_until is null or locked_until <= ${now.toISOString()}::timestamptz) and topic = any(${sql.param(topics)}::text[])
        order by available_at, id limit ${Math.min(room, mostInHandPerTopic)} for update skip locked)
      returning id, topic, payload, attempts`)
    for (const { topic } of messages) inHand.set(topic, (inHand.get(topic) ?? 0) + 1)
    return messages
  }

  async function work(message: ClaimedMessage): Promise<void> {
    const renewal = setInterval(() => void renew(message), leaseMs / 3)
    try {
      await withSpan(`outbox ${message.topic}`, { attempts: message.attempts }, async () => await handlers.get(message.topic)?.(message))
      await mark(message, { doneAt: clock.now(), lockedUntil: null, lastError: null })
    } catch (error) {
      await putBack(message, error)
    } finally {
      clearInterval(renewal)
      inHand.set(message.topic, (inHand.get(message.topic) ?? 1) - 1)
    }
  }

  /** Keeps a message whose work takes long; a process that dies stops renewing, and the message is free again within seconds. */
  async function renew(message: ClaimedMessage): Promise<void> {
    try {
      await mark(message, { lockedUntil: after(clock.now(), leaseMs) })
    } catch (error) {
      log.warn({ error, topic: message.topic, outboxId: message.id }, 'a lease could not be renewed; the message may be worked twice')
    }
  }

  async function putBack(message: ClaimedMessage, error: unknown): Promise<void> {
    const now = clock.now()
    const isDead = message.attempts >= mostAttempts
    const line = { error, topic: message.topic, outboxId: message.id, attempts: message.attempts }
    if (isDead) log.error(line, 'message given up')
    else log.warn(line, 'message will be tried again')
    await mark(message, {
      lockedUntil: null,
      lastError: String(describeError(error)['message']).slice(0, 500),
      availableAt: after(now, backoffMs(message.attempts)),
      ...(isDead ? { deadAt: now } : {}),
    })
  }

  // Only the claim that did the work may mark it: one whose lease ran out must not overwrite what its successor found.
  async function mark(message: ClaimedMessage, values: Partial<typeof outbox.$inferInsert>): Promise<void> {
    await db
      .update(outbox)
      .set(values)
      .where(and(eq(outbox.id, message.id), eq(outbox.attempts, message.attempts)))
  }

  const queues = [createRowQueue({ name: 'outbox', claim, work, log, intervalMs: options.intervalMs ?? 1_000, mostInHand })]
  return {
    handle: (topic, handler) => void handlers.set(topic, handler),
    join: (queue) => void queues.push(queue),
    wake: (name) => queues.forEach((queue) => (name === undefined || queue.name === name ? queue.wake() : undefined)),
    start: () => queues.forEach((queue) => queue.start()),
    stop: async () => void (await Promise.all(queues.map((queue) => queue.stop()))),
    async drainOnce() {
      let total = 0
      for (;;) {
        let round = 0
        for (const queue of queues) round += await queue.drainOnce()
        if (round === 0) return total
        total += round
      }
    },
  }
}
