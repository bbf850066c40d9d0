/**
 * JSON from strangers, read strictly: what JSON.parse lets through but a shop must not act on is refused before it reaches a
 * schema (design: reliability.md 4.3). Duplicate keys (two readers, two truths), NUL (Postgres refuses it), lone surrogates
 * (stored as something else), and nesting past 32 levels.
 */
export type StrictJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: 'syntax' | 'duplicate_key' | 'text' | 'depth' }

const deepest = 32
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** Parses UTF-8 bytes as JSON. Never throws; answers why not. */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  const text = decodeUtf8(bytes)
  if (text === undefined) return { ok: false, reason: 'text' }
  const shape = scan(text)
  if (shape !== undefined) return { ok: false, reason: shape }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, reason: 'syntax' }
    throw error
  }
  return isCleanText(value) ? { ok: true, value } : { ok: false, reason: 'text' }
}

/** Decodes UTF-8, undefined when it is not well-formed. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Whether a text may be stored: well-formed and without NUL. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** Whether every string of a value, keys included, may be stored. */
export function isCleanText(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (Array.isArray(value)) return value.every(isCleanText)
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).every(([key, part]) => isStorableText(key) && isCleanText(part))
  return true
}

/** One pass over the text for depth and duplicate keys; grammar itself is left to JSON.parse. */
function scan(text: string): 'duplicate_key' | 'depth' | undefined {
  const keys: (Set<string> | undefined)[] = []
  let index = 0
  while (index < text.length) {
    const char = text[index]
    if (char === '{' || char === '[') {
      if (keys.length >= deepest) return 'depth'
      keys.push(char === '{' ? new Set() : undefined)
      index++
    } else if (char === '}' || char === ']') {
      keys.pop()
      index++
    } else if (char === '"') {
      const end = stringEnd(text, index)
      const names = keys.at(-1)
      if (names !== undefined && /^\s*:/.test(text.slice(end, end + 64))) {
        // Compared as written after unescaping, so that "a" and "\u0061" are the same key.
        const name = unescapeKey(text.slice(index, end))
        if (names.has(name)) return 'duplicate_key'
        names.add(name)
      }
      index = end
    } else index++
  }
  return undefined
}

function stringEnd(text: string, start: number): number {
  let index = start + 1
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return Math.min(index + 1, text.length)
}

function unescapeKey(quoted: string): string {
  if (!quoted.includes('\\')) return quoted
  try {
    return `"${JSON.parse(quoted) as string}"`
  } catch (error) {
    if (error instanceof SyntaxError) return quoted
    throw error
  }
}
