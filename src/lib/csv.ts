/** One cell of a table to be written. */
export type CsvCell = string | number | bigint | null

/**
 * Writes rows as CSV (RFC 4180, CRLF). A cell that a spreadsheet would run as a formula (it begins with = + - @, a tab or a return) gets
 * an apostrophe before it; plain numbers are left alone.
 */
export const writeCsv = (rows: readonly (readonly CsvCell[])[]): string => rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')

function cell(value: CsvCell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) && !/^[+-]?\d{1,15}(\.\d{1,6})?$/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
