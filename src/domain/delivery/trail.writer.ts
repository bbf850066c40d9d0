import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { type DeliveryState, liveDeliveryStates } from './delivery.states.ts'
import { deliveries, deliveryPositions } from './delivery.table.ts'
import type { Fix } from './fix.rules.ts'
import { moveDelivery } from './move-delivery.ts'

/** Fixes to be saved for one delivery. */
export interface TrailJob {
  readonly deliveryId: string
  readonly driverId: string
  readonly state: DeliveryState
  readonly actor: Actor
  readonly worth: readonly Fix[]
}

interface Waiting {
  readonly job: TrailJob
  readonly settle: PromiseWithResolvers<DeliveryState>
}

// Design: realtime.md 6.3. A lone rider's fix is saved at once; a thousand riders share ten commits a second.
const mostJobs = 100
const spacingMs = 100

/**
 * Saves fixes of many riders in one commit. A promise resolves once its fixes are durable, so an acknowledgement to a phone is
 * never a hope. Rejects with `delivery_state` when the delivery ended or changed hands meanwhile.
 */
export class TrailWriter {
  readonly #context: Context
  #queue: Waiting[] = []
  #isWriting = false

  constructor(context: Context) {
    this.#context = context
  }

  /** Saves and answers the state the delivery is in afterwards: the first fix after pick-up starts the ride. */
  save(job: TrailJob): Promise<DeliveryState> {
    // A move of the delivery belongs into a commit of its own.
    if (job.state === 'picked_up') return this.#alone(job)
    const settle = Promise.withResolvers<DeliveryState>()
    this.#queue.push({ job, settle })
    if (!this.#isWriting) {
      this.#isWriting = true
      setImmediate(() => void this.#writeAll())
    }
    return settle.promise
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, mostJobs)
      const began = performance.now()
      await this.#write(batch)
      const restMs = spacingMs - (performance.now() - began)
      if (this.#queue.length > 0 && this.#queue.length < mostJobs && restMs > 0) await Bun.sleep(restMs)
    }
    this.#isWriting = false
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      const taken = await this.#context.db.transaction((tx) =>
        saveTogether(
          tx,
          this.#stamp(),
          batch.map(({ job }) => job),
        ),
      )
      await Promise.all(
        batch.map(async ({ job, settle }, index) => {
          const state = taken[index]
          if (state !== undefined) settle.resolve(state)
          // Somebody has the row in hand, perhaps to end the delivery: this one waits for them, the others need not.
          else settle.resolve(await this.#alone(job))
        }),
      )
      await noteDrivers(
        this.#context,
        batch.map(({ job }) => job),
      )
    } catch (error) {
      for (const { settle } of batch) settle.reject(error)
    }
  }

  async #alone(job: TrailJob): Promise<DeliveryState> {
    const state = await this.#context.db.transaction((tx) => saveAlone(tx, { ...this.#stamp(), actor: job.actor }, job))
    await noteDrivers(this.#context, [job])
    if (state !== job.state) this.#context.outbox.wake()
    return state
  }

  #stamp(): Stamp {
    return { now: this.#context.clock.now(), ids: this.#context.ids, actor: { kind: 'system', name: 'trail' } }
  }
}

const writers = new WeakMap<object, TrailWriter>()

/** The writer of a process. */
export function trailWriter(context: Context): TrailWriter {
  const known = writers.get(context.hub)
  if (known !== undefined) return known
  const made = new TrailWriter(context)
  writers.set(context.hub, made)
  return made
}

interface TakenRow extends Record<string, unknown> {
  id: string
  driver_id: string | null
  state: DeliveryState
}

/** The states by job; undefined for a job whose row somebody else holds or that is no longer the driver's. A step. */
async function saveTogether(tx: Tx, stamp: Stamp, jobs: readonly TrailJob[]): Promise<(DeliveryState | undefined)[]> {
  const rows = await tx.execute<TakenRow>(sql`
    select id, driver_id, state from deliveries
    where id in (${sql.join(
      [...new Set(jobs.map(({ deliveryId }) => deliveryId))].map((id) => sql`${id}::uuid`),
      sql`, `,
    )}) order by id for update skip locked`)
  const taken = new Map(rows.map((row) => [row.id, row]))
  const isOurs = ({ deliveryId, driverId }: TrailJob): boolean => {
    const row = taken.get(deliveryId)
    return row?.driver_id === driverId && liveDeliveryStates.includes(row.state) && row.state !== 'picked_up'
  }
  const ours = jobs.filter(isOurs)
  if (ours.length > 0) {
    const newest = new Map<string, { id: string; fix: Fix }>()
    for (const { deliveryId, worth } of ours) {
      const fix = worth.at(-1) as Fix
      const known = newest.get(deliveryId)
      if (known === undefined || known.fix.fixedAt < fix.fixedAt) newest.set(deliveryId, { id: deliveryId, fix })
    }
    const list = JSON.stringify(
      [...newest.values()].map(({ id, fix }) => ({ id, lat: fix.lat, lng: fix.lng, acc: fix.accuracyM, at: fix.fixedAt.toISOString() })),
    )
    await tx.execute(sql`
      update deliveries d set last_lat = v.lat, last_lng = v.lng, last_accuracy_m = v.acc, last_fix_at = v.at
      from jsonb_to_recordset(${list}::text::jsonb) as v(id uuid, lat float8, lng float8, acc real, at timestamptz)
      where d.id = v.id and (d.last_fix_at is null or d.last_fix_at < v.at)`)
    await insertTrail(tx, stamp, ours)
  }
  return jobs.map((job) => (isOurs(job) ? taken.get(job.deliveryId)?.state : undefined))
}

async function saveAlone(tx: Tx, stamp: Stamp, job: TrailJob): Promise<DeliveryState> {
  const newest = job.worth.at(-1) as Fix
  const [row] = await tx
    .select({ state: deliveries.state, lastFixAt: deliveries.lastFixAt })
    .from(deliveries)
    .where(
      and(eq(deliveries.id, job.deliveryId), eq(deliveries.driverId, job.driverId), inArray(deliveries.state, [...liveDeliveryStates])),
    )
    .for('update')
  if (row === undefined) throw new Refusal('delivery_state')
  if (row.lastFixAt === null || row.lastFixAt < newest.fixedAt) {
    await tx
      .update(deliveries)
      .set({ lastLat: newest.lat, lastLng: newest.lng, lastAccuracyM: newest.accuracyM, lastFixAt: newest.fixedAt })
      .where(eq(deliveries.id, job.deliveryId))
  }
  await insertTrail(tx, stamp, [job])
  if (row.state !== 'picked_up') return row.state as DeliveryState
  const moved = await moveDelivery(tx, stamp, { id: job.deliveryId, state: 'picked_up' }, 'en_route', {
    place: newest,
    data: { by: 'position' },
  })
  return moved.state
}

const insertTrail = (tx: Tx, stamp: Stamp, jobs: readonly TrailJob[]) =>
  tx
    .insert(deliveryPositions)
    .values(
      jobs.flatMap(({ deliveryId, driverId, worth }) =>
        worth.map((fix) => ({
          id: stamp.ids.next(),
          deliveryId,
          driverId,
          lat: fix.lat,
          lng: fix.lng,
          accuracyM: fix.accuracyM,
          speedMps: fix.speedMps,
          headingDeg: fix.headingDeg,
          fixedAt: fix.fixedAt,
          receivedAt: stamp.now,
        })),
      ),
    )
    .onConflictDoNothing()

/**
 * Notes where the drivers were seen. After the commit and on its own: a driver's row is locked by whoever hands them work, and must
 * not be waited for with a delivery in hand.
 */
async function noteDrivers(context: Context, jobs: readonly TrailJob[]): Promise<void> {
  const seen = new Map(jobs.map(({ driverId, worth }) => [driverId, worth.at(-1) as Fix]))
  const list = JSON.stringify([...seen].map(([id, fix]) => ({ id, lat: fix.lat, lng: fix.lng, at: fix.fixedAt.toISOString() })))
  await context.db.execute(sql`
    update drivers d set last_lat = v.lat, last_lng = v.lng, last_seen_at = v.at
    from jsonb_to_recordset(${list}::text::jsonb) as v(id uuid, lat float8, lng float8, at timestamptz)
    where d.account_id = v.id and (d.last_seen_at is null or d.last_seen_at < v.at) and d.account_id in (
      select account_id from drivers where account_id in (
        select w.id from jsonb_to_recordset(${list}::text::jsonb) as w(id uuid)) order by account_id for update skip locked)`)
}
