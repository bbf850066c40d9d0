import { sql } from 'drizzle-orm'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DbOrTx } from './db.ts'

/** One sentence that must be true of the data, and the query that finds what breaks it. */
export interface Invariant {
  readonly name: string
  readonly says: string
  readonly query: string
}

/** What breaks one invariant. `subjects` holds the first few of `count`. */
export interface Violation {
  readonly name: string
  readonly says: string
  readonly count: number
  readonly subjects: readonly string[]
}

const file = join(import.meta.dirname, 'invariants.sql')
const shown = 5

/** Every invariant of invariants.sql, in its order. Throws Error for a block that is not name, sentence and query. */
export function readInvariants(text = readFileSync(file, 'utf8')): Invariant[] {
  return text
    .split(/^-- invariant: /m)
    .slice(1)
    .map((block) => {
      const [, name, says, query] = /^([a-z_]+)\n-- (.+)\n(select [\s\S]+);\s*$/.exec(block) ?? []
      if (name === undefined || says === undefined || query === undefined)
        throw new Error(`invariants.sql: cannot read the block that starts with: ${block.slice(0, 60)}`)
      return { name, says, query }
    })
}

/** Runs every invariant and answers those that are broken; an empty list is health. Reads only. */
export async function checkInvariants(db: DbOrTx, invariants: readonly Invariant[] = readInvariants()): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const { name, says, query } of invariants) {
    // The text is a file of this repository; nothing from outside reaches it.
    const rows = await db.execute<{ subject: string | null; count: string }>(
      sql`select subject, count(*) over () as count from (${sql.raw(query)}) broken limit ${shown}`,
    )
    if (rows.length > 0)
      violations.push({ name, says, count: Number(rows[0]?.count ?? 0), subjects: rows.map((row) => String(row.subject)) })
  }
  return violations
}
