import { getTableColumns, getTableName, sql, type Table } from 'drizzle-orm'
import type { Tx } from './db.ts'

/** The name of a column in the database. */
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * Inserts rows of one shape by a statement that is the same for one row and for a thousand, so that the server plans it once: the
 * rows travel as one JSON text. Moments and amounts are spelled out as text, which Postgres reads back exactly.
 */
export async function insertRows<T extends Table>(
  tx: Tx,
  table: T,
  rows: readonly Partial<T['$inferInsert']>[],
  conflict = sql``,
): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(getTableColumns(table)).filter((name) => name in first)
  const names = sql.join(
    columns.map((name) => sql.identifier(snake(name))),
    sql`, `,
  )
  const text = rowsAsJson(columns, rows)
  const name = sql.identifier(getTableName(table))
  await tx.execute(
    sql`insert into ${name} (${names}) select ${names} from jsonb_populate_recordset(null::${name}, ${text}::text::jsonb)${conflict}`,
  )
}

/**
 * Changes many rows by one statement, each as its row says, found by its id. `changed` names the columns; `guard` is about the rows as
 * they are (`t`) and as they shall be (`c`). Answers how many were changed.
 */
export async function updateRows<T extends Table>(
  tx: Tx,
  table: T,
  changed: readonly (keyof T['$inferSelect'] & string)[],
  rows: readonly T['$inferSelect'][],
  guard: ReturnType<typeof sql>,
): Promise<number> {
  if (rows.length === 0) return 0
  const text = rowsAsJson(Object.keys(getTableColumns(table)), rows)
  const name = sql.identifier(getTableName(table))
  const sets = sql.join(
    changed.map((column) => sql`${sql.identifier(snake(column))} = c.${sql.identifier(snake(column))}`),
    sql`, `,
  )
  const done = await tx.execute(
    sql`update ${name} t set ${sets} from jsonb_populate_recordset(null::${name}, ${text}::text::jsonb) c where t.id = c.id and ${guard} returning t.id`,
  )
  return done.length
}

const rowsAsJson = (columns: readonly string[], rows: readonly object[]): string =>
  JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((name) => [snake(name), (row as Record<string, unknown>)[name] ?? null]))),
    (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  )
