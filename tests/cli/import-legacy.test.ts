import { SQL } from 'bun'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { Finding, ReportSummary } from '../../src/cli/import/import-report.ts'
import { oldMoment } from '../../src/cli/import/old-database.ts'
import { readPaymentStatus } from '../../src/cli/import/plan-order.ts'
import { importShop } from '../../src/cli/import/import-shop.ts'
import { verifyPassword } from '../../src/domain/accounts/verify-password.ts'
import { findProjectionDifferences } from '../../src/domain/payments/rebuild-projection.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { databaseUrl, type FreshDatabase, freshDatabase, testRedisUrl, testServerUrl } from '../support/database.ts'
import { fakeClock, tomorrow } from '../support/fake-clock.ts'
import { type LegacyExpectation, legacyPassword, makeLegacyShop } from '../support/legacy-shop.ts'
import { until } from '../support/shop-process.ts'

const scratch = mkdtempSync(join(tmpdir(), 'rahim-legacy-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const secret = 'a secret of forty characters for the tests'
const open: FreshDatabase[] = []
afterAll(async () => {
  for (const database of open) await database.drop()
})
async function newShop(): Promise<FreshDatabase> {
  const database = await freshDatabase()
  open.push(database)
  return database
}

interface Ran {
  readonly summary: ReportSummary
  readonly findings: Finding[]
}

async function run(from: string, database: FreshDatabase, isApplied = true): Promise<Ran> {
  const findings: Finding[] = []
  const summary = await importShop({
    from,
    databaseUrl: database.url,
    appSecret: secret,
    source: 'django',
    isApplied,
    clock: fakeClock(tomorrow()),
    ids: randomIds,
    find: (finding) => void findings.push(finding),
  })
  return { summary, findings }
}

function expectCounts({ summary }: Ran, expected: LegacyExpectation): void {
  expect(summary.charges).toEqual(expected.charges)
  expect(summary.contradictions).toEqual(expected.contradictions)
  const [first, second] = [summary.tables['orders_transaction'], summary.tables['payments_transaction']]
  expect((first?.merged ?? 0) + (second?.merged ?? 0)).toBe(expected.merged)
  expect(summary.tables['orders_order']?.imported).toBe(expected.orders)
  // Every row of either model is somewhere: a charge, part of one, or left with a reason.
  for (const counts of [first, second])
    expect((counts?.imported ?? 0) + (counts?.merged ?? 0) + (counts?.left ?? 0)).toBe(counts?.read ?? -1)
}

const rowsOf = async (database: FreshDatabase): Promise<Record<string, string>> => {
  const [row] = await database.sql<Record<string, string>[]>`
    select (select count(*) from transactions) as transactions, (select count(*) from transaction_events) as events, (select count(*) from ledger_entries) as ledger,
      (select count(*) from orders) as orders, (select count(*) from order_events) as moves, (select count(*) from legacy_links) as links, (select count(*) from accounts) as accounts,
      (select count(*) from stock_moves) as stock, (select count(*) from deliveries) as deliveries, (select count(*) from audit_log) as audit`
  return row ?? {}
}

describe('two thousand payments of the old shop', () => {
  const from = `sqlite://${join(scratch, 'old.db')}`
  let database: FreshDatabase
  let expected: LegacyExpectation
  beforeAll(async () => {
    database = await newShop()
    expected = await makeLegacyShop({ url: from, transactions: 2_000 })
  })

  test('are told before anything is written', async () => {
    const before = await rowsOf(database)
    const dry = await run(from, database, false)
    expectCounts(dry, expected)
    expect(dry.summary.mode).toBe('dry run')
    expect(await rowsOf(database)).toEqual(before)
  })

  test('become one row a movement, with every contradiction for a person and nothing guessed as paid', async () => {
    const done = await run(from, database)
    expectCounts(done, expected)
    expect(done.summary.left).toEqual(expected.left)
    const states = await database.sql<
      { state: string; count: number }[]
    >`select state, count(*)::int as count from transactions where kind = 'charge' group by state`
    expect(Object.fromEntries(states.map(({ state, count }) => [state, count]))).toEqual(expected.charges)
    const review = await database.sql<{ reason: string; paid: number }[]>`
      select t.state_reason as reason, count(*) filter (where o.state in ('paid', 'packed', 'on_the_road', 'delivered'))::int as paid
      from transactions t join orders o on o.id = t.order_id where t.state = 'review' group by 1`
    expect(review.map(({ paid }) => paid)).toEqual(review.map(() => 0))
    expect(review.map(({ reason }) => reason).sort()).toEqual([
      'amount_not_total',
      'amounts_differ',
      'duplicate_without_first',
      'money_without_lines',
      'paypal_kes_as_usd',
      'reference_of_two_orders',
      'status_differs',
      'success_without_receipt',
      'unpaid_with_proof',
      'unsigned_success',
    ])
  }, 60_000)

  test('leave every sentence about the data true, the ledger at zero and the events telling the rows', async () => {
    expect(await checkInvariants(database.db)).toEqual([])
    expect(await findProjectionDifferences(database.db)).toEqual([])
    const [sums] = await database.sql<{ all: string; captured: string; settled: string }[]>`
      select (select sum(amount_minor) from ledger_entries)::text as all, (select sum(captured_minor) from transactions where kind = 'charge')::text as captured,
        (select sum(captured_minor) from transactions where kind = 'charge' and state = 'succeeded')::text as settled`
    expect(sums).toMatchObject({ all: '0', settled: expected.settledMinor.toString() })
  }, 60_000)

  test('that went back are refunds: sent where the provider gave a number, for a person where it did not', async () => {
    const refunds = await database.sql<{ state: string; order_state: string; count: number }[]>`
      select r.state, o.state as order_state, count(*)::int as count from transactions r join transactions c on c.id = r.parent_id join orders o on o.id = c.order_id
      where r.kind = 'refund' and c.state = 'succeeded' group by 1, 2 order by 1, 2`
    // Given back whole: the order is called off. Given back in parts: it stays sold.
    const whole = refunds.filter((row) => row.order_state === 'cancelled')
    const parts = refunds.filter((row) => row.order_state !== 'cancelled')
    const sum = (rows: typeof whole, state: string): number =>
      rows.filter((row) => row.state === state).reduce((total, row) => total + row.count, 0)
    expect([sum(whole, 'succeeded'), sum(parts, 'succeeded'), sum(parts, 'manual'), sum(parts, 'failed')]).toEqual([3, 3, 3, 3])
    const [duplicates] = await database.sql<{ count: number }[]>`
      select count(*)::int as count from transactions r join transactions c on c.id = r.parent_id where r.kind = 'refund' and c.state = 'duplicate' and r.state = 'manual'`
    expect(duplicates?.count).toBe(expected.charges['duplicate'] ?? -1)
  })

  test('keep every old reference, and the person where there still is one', async () => {
    const [kept] = await database.sql<{ references: number; former: number }[]>`
      select count(*)::int as references, count(*) filter (where old ->> 'user' like 'former-%')::int as former
      from transaction_events e, jsonb_array_elements(e.data -> 'legacy') old`
    expect(kept?.references).toBe(expected.transactions - (expected.left['unknown_gateway'] ?? 0) - (expected.left['cents_at_mpesa'] ?? 0))
    const gone = await database.sql<
      { contact: string; account: string | null }[]
    >`select contact_name as contact, account_id as account from orders where note = 'Order 100 of the old shop'`
    expect([...gone]).toEqual([{ contact: 'Former customer', account: null }])
  })

  test('come with the goods as they lay on the shelves, and people who can sign in', async () => {
    const [stock] = await database.sql<
      { pieces: number }[]
    >`select sum(l.on_hand)::int as pieces from stock_levels l join variants v on v.id = l.variant_id where v.sku like 'LEGACY-%'`
    expect(stock?.pieces).toBe((40 * 41) / 2)
    const [one] = await database.sql<
      { hash: string; roles: string[] }[]
    >`select password_hash as hash, roles from accounts where email = 'person3@example.co.ke'`
    expect(one?.roles).toEqual(['driver'])
    expect(await verifyPassword(legacyPassword, one?.hash)).toBe(true)
  })

  test('are not imported twice', async () => {
    const before = await rowsOf(database)
    const again = await run(from, database)
    expect(again.summary).toMatchObject({ isUnchanged: true, charges: {} })
    expect(await rowsOf(database)).toEqual(before)
  })

  test('that are new or decided since then are all that a later run takes', async () => {
    const old = new SQL(from)
    const [pending] =
      (await old`select t.id, t.order_id, t.amount from orders_transaction t where t.status = 'pending' and t.gateway = 'paystack' order by t.id limit 1`) as {
        id: number
        order_id: number
        amount: number
      }[]
    await old`update orders_transaction set status = 'success', verified = true where id = ${pending?.id ?? 0}`
    const [failed] =
      (await old`select t.id, t.order_id, t.amount from orders_transaction t where t.status = 'failed' and t.reference like 'FAIL-%' order by t.id limit 1`) as {
        id: number
        order_id: number
        amount: number
      }[]
    await old`insert into payments_transaction (id, order_id, user_id, method, gateway, amount, currency, status, reference, gateway_reference, created_at, updated_at)
      values (900001, ${failed?.order_id ?? 0}, 1, 'card', 'paystack', ${failed?.amount ?? 0}, 'KES', 'success', 'LATE-1', 'GW-LATE-1', '2026-11-20 08:00:00', '2026-11-20 08:01:00')`
    await old`insert into orders_order (id, user_id, full_name, paid, payment_status, created_at) values (900000, 1, 'New', true, 'paid', '2026-11-20 09:00:00')`
    await old`insert into orders_orderitem (id, order_id, product_id, price, quantity, warehouse_id) values (900000, 900000, 1, '700.00', 1, 2)`
    await old`insert into orders_transaction (id, user_id, order_id, amount, method, gateway, status, verified, reference, created_at) values (900000, 1, 900000, '700.00', 'card', 'paystack', 'success', true, 'NEW-1', '2026-11-20 09:00:10')`
    await old.close()

    const later = await run(from, database)
    expect(later.summary.tables['orders_order']).toMatchObject({ imported: 1, merged: 2 })
    const late = await database.sql<{ note: string; state: string; charges: string[] }[]>`
      select o.note, o.state, array_agg(t.state order by t.created_at) as charges from orders o join transactions t on t.order_id = o.id and t.kind = 'charge'
      where o.note = any(${[pending?.order_id, failed?.order_id, 900_000].map((id) => `Order ${id} of the old shop`)}) group by o.id order by o.created_at`
    expect(late.map(({ state, charges }) => ({ state, charges }))).toEqual([
      { state: 'paid', charges: ['failed', 'succeeded'] },
      { state: 'paid', charges: ['succeeded'] },
      { state: 'paid', charges: ['succeeded'] },
    ])
    expect(await checkInvariants(database.db)).toEqual([])
    expect((await run(from, database)).summary.isUnchanged).toBe(true)
  }, 60_000)
})

describe('the command', () => {
  const from = `sqlite://${join(scratch, 'command.db')}`
  let database: FreshDatabase
  let expected: LegacyExpectation
  let environment: Record<string, string>
  beforeAll(async () => {
    database = await newShop()
    expected = await makeLegacyShop({ url: from, transactions: 1_500, planted: 2 })
    environment = {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      DATA_DIR: '.data/test',
      DATABASE_URL: database.url,
      REDIS_URL: await testRedisUrl(),
    }
  })
  const start = (...args: string[]) =>
    Bun.spawn([process.execPath, 'src/cli.ts', 'import-legacy', ...args], {
      cwd: join(import.meta.dirname, '../..'),
      env: environment,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })

  test('that is killed in the middle is taken up by the next, to the same end', async () => {
    // The import stops at an order in its third page and is killed there, with two pages in and one half done.
    await database.sql.unsafe(`
      create function pause_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(778); return new; end $$;
      create trigger pause_now before insert on order_lines for each row when (new.sku = 'LEGACY-0') execute function pause_here()`)
    const holder = await database.sql.reserve()
    await holder`select pg_advisory_lock(778)`
    const child = start('--from', from, '--apply')
    await until(async () => {
      const [waiting] = await database.sql<
        { count: number }[]
      >`select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event = 'advisory' and query like '%order_lines%'`
      return (waiting?.count ?? 0) > 0
    }, 'the import to stand in the middle')
    child.kill('SIGKILL')
    await child.exited
    const [half] = await database.sql<{ orders: number }[]>`select count(*)::int as orders from orders`
    expect(half?.orders).toBeLessThan(expected.orders)
    await holder`select pg_advisory_unlock(778)`
    holder.release()
    await database.sql`drop trigger pause_now on order_lines`

    const report = join(scratch, 'report.json')
    const next = start('--from', from, '--apply', '--report', report)
    expect({ code: await next.exited, said: await new Response(next.stderr).text() }).toEqual({ code: 0, said: '' })
    const states = await database.sql<
      { state: string; count: number }[]
    >`select state, count(*)::int as count from transactions where kind = 'charge' group by state`
    expect(Object.fromEntries(states.map(({ state, count }) => [state, count]))).toEqual(expected.charges)
    expect(await checkInvariants(database.db)).toEqual([])
    const { findings, summary } = JSON.parse(readFileSync(report, 'utf8')) as { findings: Finding[]; summary: ReportSummary }
    expect(summary.mode).toBe('applied')
    expect(findings.length).toBeGreaterThan(0)
    // The report goes round by mail: it names rows, never people.
    expect(readFileSync(report, 'utf8')).not.toMatch(/Customer|example\.co\.ke|0712345678/)
  }, 60_000)

  test('says no change when there is none, and why when it cannot begin', async () => {
    const again = start('--from', from, '--apply')
    expect(await new Response(again.stdout).text()).toContain('No change.')
    expect(await again.exited).toBe(0)
    const nothing = start('--from', `sqlite://${join(scratch, 'empty.db')}`)
    expect(await new Response(nothing.stderr).text()).toContain('none of the old shop’s tables')
    expect(await nothing.exited).toBe(1)
  }, 60_000)
})

describe('what the old shop says', () => {
  test('of an order’s payment is read whatever its case and spelling, and never guessed', () => {
    const read = ['paid', ' PAID', 'Success', 'pending confirmation', '', null, 'Failed', 'canceled', 'weird'].map(readPaymentStatus)
    expect(read).toEqual(['paid', 'paid', 'paid', 'unpaid', 'unpaid', 'unpaid', 'failed', 'cancelled', 'unknown'])
  })

  test('of a moment is read with its offset, or in UTC without one', () => {
    const moments = ['2025-01-06 09:00:00+03', '2025-01-06 06:00:00.123456', '2025-01-06T06:00:00Z', 'yesterday', null].map((text) =>
      oldMoment(text)?.toISOString(),
    )
    expect(moments).toEqual(['2025-01-06T06:00:00.000Z', '2025-01-06T06:00:00.123Z', '2025-01-06T06:00:00.000Z', undefined, undefined])
  })
})

describe('an old shop in Postgres', () => {
  const name = `test_${process.pid}_legacy`
  let server: postgres.Sql
  beforeAll(async () => {
    server = postgres(databaseUrl(await testServerUrl(), 'postgres'), { max: 1, onnotice: () => {} })
    await server.unsafe(`create database ${name}`)
  })
  afterAll(async () => {
    await server.unsafe(`drop database if exists ${name} with (force)`)
    await server.end({ timeout: 5 })
  })

  test('comes to the same as one in SQLite', async () => {
    const url = databaseUrl(await testServerUrl(), name)
    const expected = await makeLegacyShop({ url, transactions: 200, planted: 1 })
    const database = await newShop()
    const done = await run(url, database)
    expectCounts(done, expected)
    expect(done.summary.left).toEqual(expected.left)
    expect(await checkInvariants(database.db)).toEqual([])
    expect((await run(url, database)).summary.isUnchanged).toBe(true)
  }, 60_000)
})

/** The MySQL of this machine, where there is one: `TEST_MYSQL_URL`, else the root without a password that packages set up. */
const mysqlUrl = process.env['TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306'
const mysql = await openMysql(mysqlUrl)

async function openMysql(url: string): Promise<SQL | undefined> {
  const sql = new SQL(`${url}/mysql`, { max: 1, connectionTimeout: 2 })
  try {
    await sql.unsafe('select 1')
    return sql
  } catch {
    await sql.close()
    return undefined
  }
}

// The old shop ran on any of the three; only here a server has to be there already, because none is embedded for tests.
describe.skipIf(mysql === undefined)(
  mysql === undefined ? 'an old shop in MySQL (NOT RUN: no server answers; set TEST_MYSQL_URL)' : 'an old shop in MySQL',
  () => {
    const name = `test_${process.pid}_legacy`
    beforeAll(async () => void (await mysql?.unsafe(`create database ${name} character set utf8mb4`)))
    afterAll(async () => {
      await mysql?.unsafe(`drop database if exists ${name}`)
      await mysql?.close()
    })

    test('comes to the same as one in SQLite', async () => {
      const url = `${mysqlUrl}/${name}`
      const expected = await makeLegacyShop({ url, transactions: 200, planted: 1 })
      const database = await newShop()
      const done = await run(url, database)
      expectCounts(done, expected)
      expect(done.summary.left).toEqual(expected.left)
      expect(await checkInvariants(database.db)).toEqual([])
      expect((await run(url, database)).summary.isUnchanged).toBe(true)
    }, 60_000)
  },
)
