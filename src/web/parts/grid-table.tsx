import type { ComponentChildren } from 'preact'

/** A column of a list: its heading, and what it shows of a row. The first column names the row. */
export type Column<Row> = { label: string; isNumber?: boolean; cell: (row: Row) => ComponentChildren }

/** A list of rows: a table where there is room, and a card a row on a phone, where each value carries its heading. */
export function GridTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
}) {
  return (
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table class="grid-table">
        <caption class="hush">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, isNumber }) => (
              <th key={label} scope="col" class={isNumber ? 'num' : undefined}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ label, isNumber, cell }, index) =>
                index === 0 ? (
                  <th key={label} scope="row" data-label={label}>
                    <span>{cell(row)}</span>
                  </th>
                ) : (
                  <td key={label} class={isNumber ? 'num' : undefined} data-label={label}>
                    <span>{cell(row)}</span>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
