import { inArray } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { BatchReader } from '../../platform/batch-reader.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { deliveries } from './delivery.table.ts'
import { newestPositions } from './newest-position.ts'
import type { LastPosition } from './position.cache.ts'
import { type RightQuestion, type WatchRight, watchRights } from './watch-right.ts'

/** A delivery as the database holds it now, and where its driver was last. */
export interface DeliveryNow {
  readonly row: DeliveryRow
  readonly told: LastPosition | undefined
}

/** What sockets ask of the database by the thousand, asked together. */
export interface DeliveryReaders {
  /** One delivery by id; undefined when there is none. */
  readonly now: BatchReader<string, DeliveryNow | undefined>
  /** Whether a viewer may watch. */
  readonly rights: BatchReader<RightQuestion, WatchRight>
}

const readers = new WeakMap<object, DeliveryReaders>()

/** The readers of a process. */
export function deliveryReaders(context: Context): DeliveryReaders {
  const known = readers.get(context.hub)
  if (known !== undefined) return known
  const made: DeliveryReaders = {
    now: new BatchReader((ids: readonly string[]) => readNow(context, ids)),
    rights: new BatchReader((questions: readonly RightQuestion[]) => watchRights(context.db, context.clock.now(), questions)),
  }
  readers.set(context.hub, made)
  return made
}

async function readNow(context: Context, ids: readonly string[]): Promise<(DeliveryNow | undefined)[]> {
  const rows = await context.db
    .select()
    .from(deliveries)
    .where(inArray(deliveries.id, [...new Set(ids)]))
  const told = await newestPositions(context, rows as DeliveryRow[])
  const found = new Map(rows.map((row) => [row.id, { row: row as DeliveryRow, told: told.get(row.id) }]))
  return ids.map((id) => found.get(id))
}
