import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { isConnectionLoss } from '../../src/platform/db-error.ts'
import { databaseUrl, testServerUrl } from '../support/database.ts'

const surprises: unknown[] = []
const onSurprise = (error: unknown): void => void surprises.push(error)

let url: string
beforeAll(async () => {
  url = databaseUrl(await testServerUrl(), 'postgres')
  process.on('uncaughtException', onSurprise)
  process.on('unhandledRejection', onSurprise)
})
afterAll(() => {
  process.off('uncaughtException', onSurprise)
  process.off('unhandledRejection', onSurprise)
})

const settleMs = 5_000

/** The outcome of a promise, or 'hung' when it has none after five seconds. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const timer = setTimeout(resolve, settleMs, 'hung')
  work.then(() => resolve('ok'), resolve)
  const result = await promise
  clearTimeout(timer)
  return result
}

const connect = (options: postgres.Options<Record<string, postgres.PostgresType>> = {}): postgres.Sql =>
  postgres(url, {
    max: 6,
    connect_timeout: 3,
    backoff: () => 0.01,
    onnotice: () => {},
    connection: { application_name: 'victim' },
    ...options,
  } as never)

const kinds: Record<string, (sql: postgres.Sql) => Promise<unknown>> = {
  query: async (sql) => sql.unsafe('select $1::int', [1], { prepare: true }),
  sleep: async (sql) => sql`select pg_sleep(0.01)`,
  transaction: (sql) =>
    sql.begin(async (tx) => {
      for (let step = 0; step < 4; step++) await tx.unsafe('select $1::int, pg_sleep(0.003)', [step], { prepare: true })
    }),
  pauses: (sql) =>
    sql.begin(async (tx) => {
      await tx`select 1`
      await Bun.sleep(5)
      await tx`select 2`
    }),
  parallel: (sql) => sql.begin((tx) => Promise.all([tx`select 1`, tx`select pg_sleep(0.005)`, tx`select ${3}::int`])),
  savepoints: (sql) =>
    sql.begin(async (tx) => {
      await tx.savepoint(async (deeper) => {
        await deeper`select pg_sleep(0.003)`
        await deeper.savepoint((deepest) => deepest`select ${'x'}::text`)
      })
    }),
  refusal: (sql) =>
    sql.begin(async (tx) => {
      await tx`select pg_sleep(0.002)`
      throw Object.assign(new Error('refused on purpose'), { code: 'REFUSED' })
    }),
}

test.each([
  ['with pipelining', {}],
  ['without pipelining', { max_pipeline: 0 }],
])(
  'backends that are killed under load, %s, cost their queries an error and nothing else',
  async (_, options) => {
    surprises.length = 0
    const sql = connect(options as never)
    const killer = connect({ max: 1, connection: { application_name: 'killer' } })
    const unexpected: unknown[] = []
    let kills = 0
    let losses = 0

    const worker = async (seed: number): Promise<void> => {
      const names = Object.keys(kinds)
      for (let round = seed; kills < 220; round++) {
        const result = await outcome(kinds[names[round % names.length] ?? 'query']!(sql))
        if (result === 'ok' || (result as { code?: string }).code === 'REFUSED') continue
        if (isConnectionLoss(result)) losses++
        else unexpected.push(result)
        if (result === 'hung') return
      }
    }
    const reaper = async (): Promise<void> => {
      while (kills < 220 && unexpected.length === 0) {
        // In the middle of a transaction where there is one, else anywhere.
        const rows = await killer`
        select pg_terminate_backend(pid) as "isKilled" from pg_stat_activity
        where application_name = 'victim' order by (xact_start is null), random() limit 1`
        kills += rows.filter((row) => row['isKilled']).length
      }
    }
    await Promise.all([reaper(), ...Array.from({ length: 12 }, (__, seed) => worker(seed))])

    expect({ unexpected, surprises }).toEqual({ unexpected: [], surprises: [] })
    expect(kills).toBeGreaterThanOrEqual(200)
    expect(losses).toBeGreaterThan(0)
    const after = await Promise.all(Array.from({ length: 20 }, (__, value) => outcome(sql.begin((tx) => tx`select ${value}::int`))))
    expect(after).toEqual(Array.from({ length: 20 }, () => 'ok'))
    await Promise.all([sql.end({ timeout: 2 }), killer.end({ timeout: 2 })])
  },
  60_000,
)

test('a query after the loss of its transaction is refused and never runs on another connection', async () => {
  const sql = connect({ max: 1, connection: { application_name: 'lone-victim' } })
  const killer = connect({ max: 1, connection: { application_name: 'killer' } })
  await killer`create table if not exists outside_of_transaction (step text)`
  await killer`truncate outside_of_transaction`
  const late: unknown[] = []
  const killed = Promise.withResolvers<void>()
  const tried = Promise.withResolvers<void>()
  const written = Promise.withResolvers<void>()

  const result = sql.begin(async (tx) => {
    await tx`insert into outside_of_transaction values ('first')`
    written.resolve()
    await killed.promise
    // The pool has the connection open again for somebody else by now.
    late.push(await outcome(tx`insert into outside_of_transaction values ('late')`))
    late.push(await outcome(tx.unsafe('insert into outside_of_transaction values ($1)', ['later'])))
    tried.resolve()
  })
  await written.promise
  await killer`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lone-victim'`
  expect(isConnectionLoss(await outcome(result))).toBe(true)
  expect(await outcome(sql`select 1`)).toBe('ok')
  killed.resolve()
  await tried.promise
  expect(await outcome(sql`select 1`)).toBe('ok')

  expect(late.map(isConnectionLoss)).toEqual([true, true])
  expect([...(await killer`select step from outside_of_transaction`)]).toEqual([])
  await killer`drop table outside_of_transaction`
  await Promise.all([sql.end({ timeout: 2 }), killer.end({ timeout: 2 })])
})

test('a query that was not waited for before its transaction ended is settled', async () => {
  const sql = connect({ max: 1 })
  let forgotten: Promise<unknown> | undefined
  await sql.begin(async (tx) => {
    setTimeout(() => void (forgotten = outcome(tx`select pg_sleep(0.001)`)), 0)
    await tx`select pg_sleep(0.02)`
  })
  await sql.begin((tx) => tx`select 1`)
  expect(await forgotten).toBe('ok')
  let escaped: postgres.TransactionSql | undefined
  await sql.begin(async (tx) => {
    escaped = tx
  })
  expect(isConnectionLoss(await outcome(escaped!`select 1`))).toBe(true)
  await sql.end({ timeout: 2 })
})

test('a server that hangs up during start-up is an error, not an endless retry', async () => {
  let attempts = 0
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: { open: (socket) => (attempts++, void socket.end()), data: () => {} },
  })
  const sql = postgres({ host: '127.0.0.1', port: server.port, user: 'x', max: 2, backoff: () => 0.01 } as never)
  const results = await Promise.all(Array.from({ length: 5 }, () => outcome(sql`select 1`)))
  expect(results.map(isConnectionLoss)).toEqual([true, true, true, true, true])
  expect(attempts).toBeLessThanOrEqual(5)
  server.stop(true)
  await sql.end({ timeout: 1 })
})
