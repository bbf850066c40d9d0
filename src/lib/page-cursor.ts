/**
 * Keyset paging: the cursor holds the sort values of the last row seen, so that a page costs the same however deep it lies.
 * Cursors are opaque to clients; a tampered one is simply not a cursor.
 */
export const encodeCursor = (values: readonly (string | number)[]): string => Buffer.from(JSON.stringify(values)).toString('base64url')

/** The values of a cursor with exactly `length` parts, or undefined when it is not one of ours. */
export function decodeCursor(text: string, length: number): (string | number)[] | undefined {
  if (text.length > 500 || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  const parsed = parseOrUndefined(Buffer.from(text, 'base64url').toString('utf8'))
  if (!Array.isArray(parsed) || parsed.length !== length) return undefined
  return parsed.every((part) => (typeof part === 'string' && !part.includes('\0') && part.isWellFormed()) || typeof part === 'number')
    ? (parsed as (string | number)[])
    : undefined
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
