import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { createDb } from '../../src/platform/db.ts'
import { freePort } from '../../src/platform/embedded-server.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { testRedisUrl } from '../support/database.ts'
import { startShopProcess } from '../support/shop-process.ts'
import { startSystemPostgres, type SystemPostgres, systemPostgresBin } from '../support/system-postgres.ts'

// The embedded Postgres comes without pg_dump; where the machine has no Postgres packages there is nothing to drill with. CI installs them.
const bin = systemPostgresBin()
const root = join(import.meta.dirname, '../..')
const passphrase = 'drill-passphrase-of-the-restore-test'

describe.if(bin !== undefined)('a backup', () => {
  let server: SystemPostgres
  let work: string
  const script = async (name: string, args: string[], environment: Record<string, string>): Promise<{ code: number; out: string }> => {
    const child = Bun.spawn(['sh', join(root, 'deploy/backup', name), ...args], {
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...environment },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [out, trouble] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    return { code: await child.exited, out: out + trouble }
  }

  beforeAll(async () => {
    server = await startSystemPostgres(bin ?? '')
    work = mkdtempSync(join(tmpdir(), 'rahim-backup-'))
  })
  afterAll(async () => {
    await server.stop()
    rmSync(work, { recursive: true, force: true })
  })

  const admin = async (...statements: string[]): Promise<void> => {
    const sql = postgres(server.url('postgres'), { max: 1, onnotice: () => {} })
    for (const statement of statements) await sql.unsafe(statement)
    await sql.end()
  }
  const shopOn = async (database: string, dataDir: string, seed: 'auto' | 'off') =>
    startShopProcess({
      port: await freePort(),
      databaseUrl: server.url(database),
      redisUrl: await testRedisUrl(),
      // Twelve shoppers at one address are a crowd the throttles would hold back.
      environment: { NODE_ENV: 'development', SEED: seed, DATA_DIR: dataDir, THROTTLES: 'off' },
    })

  test('of a living shop, taken, the shop destroyed, brought back: every row is there, every invariant holds, and it sells', async () => {
    await admin('create database shop')
    await migrate({ url: server.url('shop') })
    const before = await shopOn('shop', join(work, 'data'), 'auto')
    const shoppers = Bun.spawn([process.execPath, 'src/cli.ts', 'simulate', '--url', before.origin, '--shoppers', '12'], {
      cwd: root,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'inherit',
    })
    expect(await shoppers.exited).toBe(0)

    // Taken while the shop runs.
    const taken = await script('backup.sh', [], {
      DATABASE_URL: server.url('shop'),
      DATA_DIR: join(work, 'data'),
      BACKUP_DIR: join(work, 'backups'),
      BACKUP_PASSPHRASE: passphrase,
    })
    expect(taken).toMatchObject({ code: 0 })
    const backup = taken.out.trim()
    expect(readdirSync(backup).sort()).toEqual(['SHA256SUMS', 'database.dump.enc', 'files.tar.gz.enc', 'rows.txt'])
    expect(readFileSync(join(backup, 'rows.txt'), 'utf8')).toMatch(/^orders (1[2-9]|[2-9]\d)$/m)
    await before.stop()
    await admin('drop database shop with (force)', 'create database again')
    rmSync(join(work, 'data'), { recursive: true })

    const restored = await script('restore.sh', [backup], {
      DATABASE_URL: server.url('again'),
      DATA_DIR: join(work, 'data'),
      BACKUP_PASSPHRASE: passphrase,
    })
    expect(restored).toMatchObject({ code: 0 })
    expect(restored.out).toContain('as they were backed up')

    const lane = createDb({ url: server.url('again'), lane: 'drill', connections: 2, gateWaitMs: 60_000, statementTimeoutMs: 60_000 })
    expect(await checkInvariants(lane.db)).toEqual([])
    // The laws came back with the rows: the ledger still refuses to be changed.
    const refused = await lane.sql`update ledger_entries set amount_minor = amount_minor + 1`.catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Error)
    await lane.close()

    const after = await shopOn('again', join(work, 'data'), 'off')
    const page = await fetch(`${after.origin}/`)
    expect(page.status).toBe(200)
    const picture = /\/media\/[\w./-]+/.exec(await page.text())?.[0] ?? ''
    expect((await fetch(`${after.origin}${picture}`)).status).toBe(200)
    const more = Bun.spawn([process.execPath, 'src/cli.ts', 'simulate', '--url', after.origin, '--shoppers', '2'], {
      cwd: root,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'inherit',
    })
    expect(await more.exited).toBe(0)
    expect(await after.stop()).toBe(0)
  })

  test('is never written in the clear by mistake, never restored over a shop, and a damaged one is refused', async () => {
    expect(await script('backup.sh', [], { DATABASE_URL: server.url('again'), BACKUP_DIR: join(work, 'plain') })).toMatchObject({ code: 1 })
    const [name = ''] = readdirSync(join(work, 'backups'))
    const backup = join(work, 'backups', name)
    const over = await script('restore.sh', [backup], { DATABASE_URL: server.url('again'), BACKUP_PASSPHRASE: passphrase })
    expect(over.code).toBe(1)
    expect(over.out).toContain('not empty')
    await admin('create database third')
    writeFileSync(join(backup, 'rows.txt'), 'orders 1\n')
    const damaged = await script('restore.sh', [backup], { DATABASE_URL: server.url('third'), BACKUP_PASSPHRASE: passphrase })
    expect(damaged.code).toBe(1)
    expect(damaged.out).toContain('damaged')
  })
})
