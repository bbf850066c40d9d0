import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import postgres from 'postgres'
import { checkSchema, describeSchema, migrate, migrationsFolder, readJournal } from '../../src/platform/migrate.ts'
import { databaseUrl, type FreshDatabase, freshDatabase, testServerUrl } from '../support/database.ts'

const scratch = mkdtempSync(join(tmpdir(), 'rahim-migrations-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('the migrations that ship', () => {
  test('have times that rise, because an older one than the last applied is skipped without a word', () => {
    const times = readJournal().map(({ when }) => when)
    expect(times).toEqual([...new Set(times)].sort((one, other) => one - other))
  })

  test('are the files of the folder, no more and no less', () => {
    const files = readdirSync(migrationsFolder)
      .filter((name) => name.endsWith('.sql'))
      .map((name) => name.replace(/\.sql$/, ''))
      .sort()
    expect(
      readJournal()
        .map(({ tag }) => tag)
        .sort(),
    ).toEqual(files)
  })

  test('are unchanged since they were released', () => {
    // Recorded by `bun run migrations:freeze` with each release; what is not recorded yet may still change.
    const released = JSON.parse(readFileSync(join(migrationsFolder, 'hashes.json'), 'utf8')) as Record<string, string>
    const journal = readJournal()
    expect(Object.keys(released)).toEqual(journal.slice(0, Object.keys(released).length).map(({ tag }) => tag))
    expect(Object.fromEntries(journal.filter(({ tag }) => tag in released).map(({ tag, hash }) => [tag, hash]))).toEqual(released)
  })

  test('describe the tables in the code: generating again finds no difference', async () => {
    const copy = join(scratch, 'drizzle')
    cpSync(migrationsFolder, copy, { recursive: true })
    const root = join(import.meta.dirname, '../..')
    // drizzle-kit reads its folder relative to the current directory, whatever the path looks like, and ends with 0 on every outcome.
    const config = join(scratch, 'drizzle.config.ts')
    writeFileSync(
      config,
      `import config from ${JSON.stringify(join(root, 'src/platform/drizzle.config.ts'))}\nexport default { ...config, out: ${JSON.stringify(relative(root, copy))} }\n`,
    )
    const kit = Bun.spawn([process.execPath, '--bun', 'node_modules/drizzle-kit/bin.cjs', 'generate', `--config=${config}`], {
      cwd: root,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const said = (await new Response(kit.stdout).text()) + (await new Response(kit.stderr).text())
    await kit.exited
    expect(said).toContain('No schema changes, nothing to migrate')
    expect(readJournal(copy)).toEqual(readJournal())
  }, 60_000)

  let database: FreshDatabase
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.drop())

  test('are applied from empty to the last', async () => {
    const check = await checkSchema(database.sql)
    expect({ ...check, text: describeSchema(check) }).toEqual({
      isCurrent: true,
      isServable: true,
      applied: readJournal().map(({ tag }) => tag),
      pending: [],
      unknown: [],
      edited: [],
      text: '',
    })
  })
})

describe('a folder of migrations', () => {
  const folder = join(scratch, 'folder')
  const write = (migrations: { tag: string; when: number; sql: string }[]): void => {
    mkdirSync(join(folder, 'meta'), { recursive: true })
    for (const { tag, sql } of migrations) writeFileSync(join(folder, `${tag}.sql`), sql)
    const entries = migrations.map(({ tag, when }, idx) => ({ idx, version: '7', when, tag, breakpoints: true }))
    writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }))
  }
  const first = {
    tag: '0000_first',
    when: 1_000,
    sql: 'create extension if not exists citext;--> statement-breakpoint\ncreate table one (id int)',
  }
  const second = { tag: '0001_second', when: 2_000, sql: 'create table two (id int)' }

  let server: postgres.Sql
  const names: string[] = []
  const emptyDatabase = async (): Promise<string> => {
    const base = await testServerUrl()
    const name = `test_${process.pid}_migrate_${names.length}`
    names.push(name)
    await server.unsafe(`create database ${name}`)
    return databaseUrl(base, name)
  }
  const look = async (url: string) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} })
    try {
      return await checkSchema(sql, folder)
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
  beforeAll(async () => {
    server = postgres(databaseUrl(await testServerUrl(), 'postgres'), { max: 1, onnotice: () => {} })
  })
  afterAll(async () => {
    for (const name of names) await server.unsafe(`drop database if exists ${name} with (force)`)
    await server.end({ timeout: 1 })
  })

  test('is applied once though three processes begin at once', async () => {
    write([first, second])
    const url = await emptyDatabase()
    expect((await look(url)).pending).toEqual(['0000_first', '0001_second'])
    const source = `await (await import(${JSON.stringify(join(import.meta.dirname, '../../src/platform/migrate.ts'))})).migrate({ url: ${JSON.stringify(url)}, folder: ${JSON.stringify(folder)} })`
    const codes = await Promise.all(
      [1, 2, 3].map(
        () => Bun.spawn([process.execPath, '-e', source], { cwd: import.meta.dirname, stdout: 'inherit', stderr: 'inherit' }).exited,
      ),
    )
    expect(codes).toEqual([0, 0, 0])
    expect(await look(url)).toMatchObject({ isCurrent: true, applied: ['0000_first', '0001_second'] })
  })

  test('that is edited, extended or cut after it was applied is told', async () => {
    write([first])
    const url = await emptyDatabase()
    await migrate({ url, folder })
    write([first, second])
    expect(await look(url)).toMatchObject({ isServable: false, pending: ['0001_second'] })
    await migrate({ url, folder })
    write([first])
    expect(await look(url)).toMatchObject({ isCurrent: false, isServable: true, unknown: [2_000] })
    write([{ ...first, sql: `${first.sql} ` }, second])
    const edited = await look(url)
    expect([edited.isServable, describeSchema(edited)]).toEqual([false, 'edited after it was applied 0000_first'])
    expect(await migrate({ url, folder }).catch((error: Error) => error.message)).toContain('edited after it was applied 0000_first')
  })

  test('that fails leaves the schema as it was', async () => {
    write([first])
    const url = await emptyDatabase()
    await migrate({ url, folder })
    write([first, { ...second, sql: 'create table two (id int);--> statement-breakpoint\nselect 1/0' }])
    expect(await migrate({ url, folder }).catch((error: unknown) => error)).toBeInstanceOf(Error)
    const sql = postgres(url, { max: 1 })
    expect([...(await sql`select to_regclass('two')::text as two`)]).toEqual([{ two: null }])
    await sql.end({ timeout: 1 })
    expect(await look(url)).toMatchObject({ pending: ['0001_second'] })
  })
})
