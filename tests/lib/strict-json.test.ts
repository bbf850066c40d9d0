import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseStrictJson } from '../../src/lib/strict-json.ts'

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text))
const reason = (text: string) => {
  const read = parse(text)
  return read.ok ? 'ok' : read.reason
}

describe('JSON from strangers', () => {
  test('what JSON.stringify writes is read back the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value)
        const clean = !text.includes('\\u0000') && !/\\ud[89a-f]/i.test(text)
        const read = parse(text)
        if (clean) expect(read).toEqual({ ok: true, value: JSON.parse(text) })
      }),
    )
  })

  test.each([
    ['{"a":1,"a":2}', 'duplicate_key'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key'],
    ['{"x":{"b":1,"c":2,"b":3}}', 'duplicate_key'],
    ['"\\u0000"', 'text'],
    ['{"\\u0000":1}', 'text'],
    ['"\\ud800"', 'text'],
    ['{"a":', 'syntax'],
    ['', 'syntax'],
    ['{"a":1}}', 'syntax'],
    ['NaN', 'syntax'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'depth'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'depth'],
  ])('%p is refused: %p', (text, why) => {
    expect(reason(text)).toBe(why)
  })

  test('the same name in two objects is no duplicate, and a colon in a text is no key', () => {
    expect(reason('[{"a":1},{"a":2}]')).toBe('ok')
    expect(reason('{"a":"b:","c":["a","a"]}')).toBe('ok')
  })

  test('bytes that are not UTF-8 are refused', () => {
    const read = parseStrictJson(new Uint8Array([0x22, 0xff, 0x22]))
    expect(read).toEqual({ ok: false, reason: 'text' })
  })

  test('a key called __proto__ is only a key', () => {
    const read = parse('{"__proto__":{"isAdmin":true}}')
    expect(read.ok && ({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })
})
