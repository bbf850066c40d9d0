import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSchema, describeSchema, migrate, migrationsFolder, readJournal } from '../../src/platform/migrate.ts'
import { databaseUrl, type FreshDatabase, freshDatabase } from '../support/database.ts'

/**
 * Complaint 12: upgrades break, or do nothing and say nothing. Here the schema is a list of numbered files applied all or none; a
 * file that was changed, a database that is behind and one that is ahead are each told with their names.
 */
const scratch = mkdtempSync(join(tmpdir(), 'rahim-upgrade-'))
let database: FreshDatabase
beforeAll(async () => void (database = await freshDatabase()))
afterAll(async () => {
  await database.drop()
  rmSync(scratch, { recursive: true, force: true })
})

describe('an upgrade', () => {
  test('that is already done changes nothing and says so', async () => {
    const rows = async () => [...(await database.sql`select id, hash from drizzle.__drizzle_migrations order by id`)]
    const before = await rows()
    await migrate({ url: database.url })
    expect(await rows()).toEqual(before)
    expect((await checkSchema(database.sql)).isCurrent).toBe(true)
  })

  test('that fails half-way leaves the database as it was, and fails loudly', async () => {
    const folder = join(scratch, 'broken')
    cpSync(migrationsFolder, folder, { recursive: true })
    const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as { entries: { idx: number; when: number }[] }
    const last = journal.entries.at(-1)
    journal.entries.push({
      ...last,
      idx: (last?.idx ?? 0) + 1,
      when: (last?.when ?? 0) + 1,
      tag: '9999_half',
    } as (typeof journal.entries)[number])
    writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify(journal))
    writeFileSync(join(folder, '9999_half.sql'), 'create table half_done (id int);--> statement-breakpoint\nselect no_such_function();')
    const outcome = await migrate({ url: database.url, folder }).then(
      () => 'migrated',
      (error: unknown) => String(error),
    )
    expect(outcome).not.toBe('migrated')
    const [found] = await database.sql`select to_regclass('half_done') as half`
    expect(found?.['half']).toBeNull()
    expect((await checkSchema(database.sql)).isCurrent).toBe(true)
  })

  test('whose files were changed afterwards, or which is not known, is named', async () => {
    const journal = readJournal()
    const edited =
      await database.sql`update drizzle.__drizzle_migrations set hash = 'another' where created_at = ${journal[0]?.when ?? 0} returning hash`
    if (edited.length > 0) {
      expect(describeSchema(await checkSchema(database.sql))).toContain(journal[0]?.tag ?? '')
      await database.sql`update drizzle.__drizzle_migrations set hash = ${journal[0]?.hash ?? ''} where created_at = ${journal[0]?.when ?? 0}`
    }
    expect(describeSchema(await checkSchema(database.sql))).toBe('')
  })

  test('is a command that ends with an error when it did not upgrade', async () => {
    const command = Bun.spawn([process.execPath, 'src/cli.ts', 'migrate'], {
      cwd: join(import.meta.dirname, '../..'),
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test', DATABASE_URL: databaseUrl(database.url, 'there_is_no_such_database') },
      stdout: 'ignore',
      stderr: 'ignore',
    })
    expect(await command.exited).not.toBe(0)
  })
})
