/** Reading values out of a provider's JSON, where anything may be anything. */

/** A value as an object to look into; empty when it is none. */
export const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

/** A value as a list; empty when it is none. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Ids and codes are ours to store and compare, so they must be plain: no control characters, no lone surrogates, no endless text. */
export const plainText = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined

/** Words for people: cut to plain signs and a length. */
export const shortText = (value: unknown): string | undefined => {
  const text = typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '').slice(0, 200) : ''
  return text === '' ? undefined : text
}

/** A whole number of minor units, as a number or as its digits. Undefined for everything else; nothing is rounded. */
export const wholeMinor = (value: unknown): bigint | undefined => {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? BigInt(value) : undefined
}

/** A provider's numeric id as text. One too large for a JSON number has lost its last digits on the way and is no id any more. */
export const numericId = (value: unknown): string | undefined => {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : undefined
}

/** A moment out of ISO text. */
export const momentOf = (value: unknown): Date | undefined => {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time)
}

/** Parses a stored or incoming message; undefined when it is not JSON in UTF-8. */
export function parseMessage(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}
