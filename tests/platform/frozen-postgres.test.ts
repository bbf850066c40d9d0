import { afterAll, beforeAll, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDb, type DbLane } from '../../src/platform/db.ts'
import { isConnectionLoss } from '../../src/platform/db-error.ts'
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import type { EmbeddedServer } from '../../src/platform/embedded-server.ts'
import { quietLog } from '../support/database.ts'
import { until } from '../support/shop-process.ts'

// A server of this file's own: it is frozen whole, and nobody else may notice.
const dataDir = mkdtempSync(join(tmpdir(), 'rahim-frozen-'))
let server: EmbeddedServer
let lane: DbLane
const frozen: number[] = []

beforeAll(async () => {
  server = await startEmbeddedPostgres({ dataDir, log: quietLog, fsync: false })
  lane = createDb({ url: server.url, lane: 'frozen', connections: 3, gateWaitMs: 60_000, statementTimeoutMs: 200, connectTimeoutS: 1 })
}, 60_000)
afterAll(async () => {
  thaw()
  await lane.close()
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

function freeze(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  frozen.push(...pids)
}
function thaw(): void {
  for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT')
}

const parentOf = (pid: number): number => Number(Bun.spawnSync(['ps', '-o', 'ppid=', '-p', String(pid)]).stdout.toString())
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'ok',
    (error: unknown) => (isConnectionLoss(error) ? 'lost' : error),
  )

test('no statement waits for a frozen server beyond its time: what was asked is a connection loss, and the lane is well again after the thaw', async () => {
  const { db } = lane
  await db.execute(sql`create table steps (name text)`)
  const begun = Promise.withResolvers<void>()
  const isFrozen = Promise.withResolvers<void>()
  const inTheMiddle = db.transaction(async (tx) => {
    await tx.execute(sql`insert into steps values ('before the frost')`)
    begun.resolve()
    await isFrozen.promise
    await tx.execute(sql`insert into steps values ('in the frost')`)
  })
  await begun.promise
  const backends = await db.execute<{ pid: number }>(sql`select pid from pg_stat_activity where application_name like 'rahim-frozen %'`)
  const pids = backends.map(({ pid }) => pid)
  freeze([...pids, parentOf(pids[0] ?? 0)])
  isFrozen.resolve()

  // More than there are places, so that some meet a frozen session, some a frozen server, and some wait for a place meanwhile.
  const answers: unknown[] = await Promise.all([
    outcome(inTheMiddle),
    ...Array.from({ length: 3 }, () => outcome(db.execute(sql`select 1`))),
    ...Array.from({ length: 3 }, () => outcome(db.transaction(async (tx) => await tx.execute(sql`select 1`)))),
  ])
  expect(answers).toEqual(Array.from({ length: 7 }, () => 'lost'))
  expect([lane.gate.inUse, lane.gate.waiting]).toEqual([0, 0])

  thaw()
  await until(async () => (await outcome(db.execute(sql`select 1`))) === 'ok', 'the lane to be well again')
  expect(
    await Promise.all(Array.from({ length: 9 }, () => outcome(db.transaction(async (tx) => await tx.execute(sql`select 1`))))),
  ).toEqual(Array.from({ length: 9 }, () => 'ok'))
  expect([...(await db.execute(sql`select name from steps`))]).toEqual([])
}, 60_000)
