import { accounts } from '../../src/domain/accounts/account.table.ts'
import type { Context } from '../../src/context.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { freshDatabase } from '../support/database.ts'
import { makeCatalogue, makeVariant } from '../support/factories.ts'
import { clerk } from './people.ts'
import { type Lines, openLines } from './sim-database.ts'
import type { Swarm } from './swarm.ts'

/** A database of a worker's own with people and goods in it, swept clean for each seed. */
export interface Stage {
  readonly pool: Lines
  readonly variantIds: readonly string[]
  readonly accountIds: readonly string[]
  /** Removes everything but people and goods, and fills the shelves for a seed. */
  reset(swarm: Swarm): Promise<void>
  close(): Promise<void>
}

const fixed = (group: number, index: number): string => `00000000-0000-7000-8000-${String(group * 1_000 + index).padStart(12, '0')}`

// What a seed leaves behind is in the way of the next ones' scans; sweeping it up after each would cost more.
const vacuumEvery = 20

/** One call with plans of its own, in place of a statement for each table to be planned each time. */
const sweepFunction = (swept: readonly string[]): string => `
  create function sweep_stage(shelves jsonb, moves jsonb) returns void language plpgsql as $$
  begin
    ${swept.map((name) => `delete from "${name}";`).join('\n    ')}
    insert into stock_levels (variant_id, warehouse_id, on_hand, reserved)
      select s."variantId", s."warehouseId", s."onHand", 0 from jsonb_to_recordset(shelves) s("variantId" uuid, "warehouseId" uuid, "onHand" int);
    insert into stock_moves (id, variant_id, warehouse_id, kind, delta, cause, actor)
      select m.id, m."variantId", m."warehouseId", 'received', m."onHand", 'opening stock', 'system:simulation'
      from jsonb_to_recordset(moves) m(id uuid, "variantId" uuid, "warehouseId" uuid, "onHand" int);
  end $$`

/** Builds a stage. `laws` are statements that take away what the database itself would refuse, for planted bugs. */
export async function buildStage(laws: readonly string[] = []): Promise<Stage> {
  const database = await freshDatabase({ connections: 1 })
  const { sql } = database
  let serial = 0
  // Ids must be the same for every worker, or a seed would not replay in another one.
  const ids = { ...randomIds, next: () => fixed(1, ++serial) }
  const context = { db: database.db, ids, clock: { now: () => new Date(Date.UTC(2027, 0, 1)), monotonicMs: () => 0 } } as unknown as Context
  const catalogue = await makeCatalogue(context)
  const variantIds: string[] = []
  for (let index = 0; index < 5; index++)
    variantIds.push((await makeVariant(context, catalogue, { priceMinor: BigInt(100_000 + index * 25_000), stock: 0 })).variantId)
  const accountIds = Array.from({ length: 12 }, (_, index) => fixed(2, index + 1))
  await database.db.insert(accounts).values(
    accountIds.map((id, index) => ({
      id,
      email: `shopper-${index}@example.co.ke`,
      phone: `2547${11_000_100 + index}`,
      name: `Shopper ${index}`,
      passwordHash: 'none',
    })),
  )
  await database.db
    .insert(accounts)
    .values({ id: clerk.accountId, email: 'clerk@example.co.ke', phone: '254711999999', name: clerk.name, passwordHash: 'none' })
  for (const law of laws) await sql.unsafe(law)
  const tables = await sql<
    { name: string }[]
  >`select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`
  const swept: string[] = []
  for (const { name } of tables) {
    const isKept = (await sql.unsafe(`select 1 from "${name}" limit 1`)).length > 0
    if (!isKept || name === 'stock_levels') swept.push(name)
    // A plan or a row order that changes under way would make two runs of one seed differ.
    await sql.unsafe(`alter table "${name}" set (autovacuum_enabled = false)`)
  }
  await sql.unsafe(sweepFunction(swept))
  const pool = await openLines(database.url)
  let resets = 0
  return {
    pool,
    variantIds,
    accountIds,
    async reset({ stock, variants }) {
      const shelves = variantIds.slice(0, variants).flatMap((variantId, index) => {
        const whole = stock[index] ?? 1
        // A part lies elsewhere now and then, so that orders are split over warehouses.
        const away = whole > 3 ? 1 : 0
        return [
          { variantId, warehouseId: catalogue.nairobiId, onHand: whole - away },
          { variantId, warehouseId: catalogue.mombasaId, onHand: away },
        ]
      })
      const moves = shelves.filter(({ onHand }) => onHand > 0).map((shelf, index) => ({ ...shelf, id: fixed(3, index + 1) }))
      await pool.sweeper`select sweep_stage(${pool.sweeper.json(shelves)}, ${pool.sweeper.json(moves)})`
      if (++resets % vacuumEvery === 0) for (const name of swept) await pool.sweeper.unsafe(`vacuum "${name}"`)
    },
    async close() {
      await pool.close()
      await database.drop()
    },
  }
}
