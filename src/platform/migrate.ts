import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import postgres from 'postgres'

/** The migrations that ship with this code. */
export const migrationsFolder = resolve(import.meta.dirname, '../../drizzle')

// Any number will do as long as nobody else locks it; this one spells "rahim".
const migrationLock = 491_260_469_613

/** One migration of the journal with the hash drizzle records when it is applied. */
export interface Migration {
  readonly tag: string
  readonly when: number
  readonly hash: string
}

/** The journal in order, with the hash of each file as it is on disk. */
export function readJournal(folder = migrationsFolder): Migration[] {
  const { entries } = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string; when: number }[] }
  const files = readMigrationFiles({ migrationsFolder: folder })
  return entries.map(({ tag, when }, index) => ({ tag, when, hash: files[index]?.hash ?? '' }))
}

/**
 * Applies what is pending, in one transaction, on a connection of its own. Two processes may call it at once: the second waits for
 * the first and finds nothing to do. Throws when a file fails, with the schema as it was before, and when the result is not the
 * journal: a migration older than the newest applied one is skipped by drizzle without a word.
 */
export async function migrate(options: { url: string; folder?: string }): Promise<SchemaCheck> {
  const { url, folder = migrationsFolder } = options
  const sql = postgres(url, {
    max: 1,
    connect_timeout: 5,
    max_lifetime: null,
    onnotice: () => {},
    connection: { application_name: `rahim-migrate ${process.pid}` },
  })
  try {
    // A session lock on the only connection; it is freed with the connection, also when this process dies.
    await sql`select pg_advisory_lock(${migrationLock})`
    await applyMigrations(drizzle(sql), { migrationsFolder: folder })
    const check = await checkSchema(sql, folder)
    if (!check.isCurrent) throw new Error(`The schema is not what the migrations describe: ${describeSchema(check)}.`)
    return check
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** How the database compares with the journal, by migration tag; `unknown` holds the times of migrations this code does not have. */
export interface SchemaCheck {
  /** Exactly the journal, no more and no less. */
  readonly isCurrent: boolean
  /** Good enough to serve: nothing pending, nothing edited. Newer code may already have migrated while old processes end. */
  readonly isServable: boolean
  readonly applied: readonly string[]
  readonly pending: readonly string[]
  readonly unknown: readonly number[]
  readonly edited: readonly string[]
}

/**
 * Compares the database with the journal and changes nothing. Pending: not applied yet. Unknown: applied by newer code. Edited: the
 * file changed after it was applied.
 */
export async function checkSchema(sql: postgres.Sql, folder = migrationsFolder): Promise<SchemaCheck> {
  const journal = readJournal(folder)
  const rows = await appliedRows(sql)
  const hashes = new Map(rows.map((row) => [Number(row.created_at), row.hash]))
  const known = new Set(journal.map(({ when }) => when))
  const applied = journal.filter(({ when }) => hashes.has(when))
  const pending = journal.filter(({ when }) => !hashes.has(when))
  const edited = applied.filter(({ when, hash }) => hashes.get(when) !== hash)
  const unknown = [...hashes.keys()].filter((when) => !known.has(when))
  const tags = (migrations: Migration[]): string[] => migrations.map(({ tag }) => tag)
  return {
    isCurrent: pending.length === 0 && edited.length === 0 && unknown.length === 0,
    isServable: pending.length === 0 && edited.length === 0,
    applied: tags(applied),
    pending: tags(pending),
    unknown,
    edited: tags(edited),
  }
}

/** One line for a person: what is pending, unknown and edited; empty when the schema is current. */
export function describeSchema(check: SchemaCheck): string {
  return [
    check.pending.length > 0 ? `pending ${check.pending.join(', ')}` : '',
    check.unknown.length > 0 ? `${check.unknown.length} applied by other code` : '',
    check.edited.length > 0 ? `edited after it was applied ${check.edited.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ')
}

async function appliedRows(sql: postgres.Sql): Promise<{ hash: string; created_at: string }[]> {
  const [table] = await sql<{ name: string | null }[]>`select to_regclass('drizzle.__drizzle_migrations')::text as name`
  if (table?.name == null) return []
  return sql<{ hash: string; created_at: string }[]>`select hash, created_at from drizzle.__drizzle_migrations order by created_at`
}
