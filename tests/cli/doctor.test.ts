import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { examineConfig, examinePeople, examineShop, type Finding } from '../../src/cli/doctor.ts'
import { readConfig } from '../../src/platform/config.ts'
import { type FreshDatabase, freshDatabase, testRedisUrl } from '../support/database.ts'

const wrong = (findings: readonly Finding[]): string[] => findings.filter(({ state }) => state === 'fix').map(({ part }) => part)

describe('the doctor', () => {
  let database: FreshDatabase
  beforeAll(async () => void (database = await freshDatabase()))
  afterAll(() => database.drop())

  test('finds nothing to mend in a new shop', async () => {
    const findings = await examineShop({ databaseUrl: database.url, redisUrl: await testRedisUrl() })
    expect(wrong(findings)).toEqual([])
    expect(findings.map(({ part }) => part)).toEqual(['database', 'durability', 'clock', 'migrations', 'data', 'jobs', 'redis'])
  })

  test('names broken data, a job that failed and migrations that are missing', async () => {
    await database.sql`insert into idempotency_keys (scope, key, request_hash) values ('guest checkout', 'left-open', 'x')`
    await database.sql`insert into job_runs (name, started_at, failed_at, last_error) values ('prune-outbox', now(), now(), 'no space left')`
    expect(wrong(await examineShop({ databaseUrl: database.url, redisUrl: await testRedisUrl() }))).toEqual([
      'idempotency_keys_have_answers',
      'jobs',
    ])
    await database.sql`delete from drizzle.__drizzle_migrations where created_at = (select max(created_at) from drizzle.__drizzle_migrations)`
    expect(wrong(await examineShop({ databaseUrl: database.url, redisUrl: await testRedisUrl() }))).toEqual(['migrations'])
  })

  test('names the demo’s accounts, a missing admin and staff without a second factor, in production to be mended', async () => {
    const fresh = await freshDatabase()
    const people = { databaseUrl: fresh.url }
    expect((await examinePeople(people, true)).map(({ part, state }) => `${state} ${part}`)).toEqual([
      'ok accounts',
      'fix admin',
      'ok second factor',
    ])
    await fresh.sql`insert into accounts (id, email, name, roles) values (gen_random_uuid(), 'admin@example.co.ke', 'Demo', '{admin}')`
    expect((await examinePeople(people, true)).map(({ part, state }) => `${state} ${part}`)).toEqual([
      'fix accounts',
      'ok admin',
      'look second factor',
    ])
    expect(wrong(await examinePeople(people, false))).toEqual([])
    await fresh.drop()
  })

  test('says which server is not there', async () => {
    const nowhere = { databaseUrl: 'postgres://nobody:hunter2@127.0.0.1:1/none', redisUrl: 'redis://127.0.0.1:1' }
    const findings = await examineShop(nowhere)
    expect(wrong(findings)).toEqual(['database', 'redis'])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  test('calls a production without a payment provider something to mend, and a simulator something to know', () => {
    const production = readConfig({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://shop.rahim.co.ke',
      APP_SECRET: 'hV3k9Qz7Lw2Tn8Rb4Xc6Ym1Jf5Gd0PsAeUi',
      DATABASE_URL: 'postgres://db.internal/shop',
      REDIS_URL: 'redis://cache.internal',
    })
    expect(wrong(examineConfig(production))).toEqual(['payments'])
    const development = examineConfig(readConfig({ NODE_ENV: 'development' }))
    expect(wrong(development)).toEqual([])
    expect(development.find(({ part }) => part === 'payments')?.state).toBe('look')
  })
})
