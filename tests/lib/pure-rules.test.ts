import { describe, expect, test } from 'bun:test'
import { planStock } from '../../src/domain/catalog/stock.plan.ts'
import { distanceM, inKenya } from '../../src/lib/geo.ts'
import { parseOrderNumber, randomIds } from '../../src/lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../src/lib/page-cursor.ts'
import { states } from '../../src/lib/states.ts'
import { derivedDigits, derivedToken, equalInConstantTime, hmac } from '../../src/lib/signature.ts'
import { darajaTimestamp, formatDay, formatTime, nairobiDay } from '../../src/lib/time.ts'

const nairobi = { lat: -1.2921, lng: 36.8219 }
const mombasa = { lat: -4.0435, lng: 39.6682 }

describe('places', () => {
  test('Nairobi to Mombasa is about 440 km as the crow flies', () => {
    expect(distanceM(nairobi, mombasa) / 1_000).toBeCloseTo(440, 0)
    expect(distanceM(nairobi, nairobi)).toBe(0)
  })

  test('London is not in Kenya, and neither is nowhere', () => {
    expect(inKenya(nairobi)).toBe(true)
    expect(inKenya({ lat: 51.5, lng: 0 })).toBe(false)
    expect(inKenya({ lat: Number.NaN, lng: 36 })).toBe(false)
  })
})

describe('time', () => {
  test('Nairobi is three hours ahead, also at midnight', () => {
    const lateEvening = new Date('2026-11-23T21:30:00Z')
    expect(nairobiDay(lateEvening)).toBe('2026-11-24')
    expect(darajaTimestamp(lateEvening)).toBe('20261124003000')
    expect(formatDay(lateEvening)).toBe('Tue 24 Nov')
    expect(formatTime(new Date('2026-11-24T12:21:00Z'))).toBe('15:21')
  })
})

describe('state tables', () => {
  test('a state nobody can reach is an error at start', () => {
    expect(() => states('a', { a: [], b: [] } as Record<'a', readonly 'a'[]>)).toThrow('never reached: b')
  })

  test('a move to a state that is not there is an error at start', () => {
    expect(() => states('a', { a: ['c' as 'a'] })).toThrow('not a state')
  })
})

describe('ids and tokens', () => {
  test('order numbers have no letters that look alike, and are read in any case', () => {
    for (let count = 0; count < 500; count++) {
      const number = randomIds.orderNumber()
      expect(number).toMatch(/^RAH-[2-9BCDFGHJKMNPQRSTVWXYZ]{8}$/)
      expect(parseOrderNumber(number.toLowerCase().replace('-', ''))).toBe(number)
    }
    expect(parseOrderNumber('RAH-1')).toBeUndefined()
    expect(parseOrderNumber("RAH-222222' or 1=1")).toBeUndefined()
  })

  test('a token is bound to its purpose and its row', () => {
    const token = derivedToken('secret', 'order', 'a')
    expect(token).toHaveLength(30)
    expect(derivedToken('secret', 'order', 'a')).toBe(token)
    expect(derivedToken('secret', 'order', 'b')).not.toBe(token)
    expect(derivedToken('secret', 'track', 'a')).not.toBe(token)
    expect(derivedDigits('secret', 'drop-off', 'a')).toMatch(/^\d{4}$/)
  })

  test('an empty key signs nothing', () => {
    expect(() => hmac('sha256', '', 'body')).toThrow('the key is empty')
  })

  test('texts of any length are compared', () => {
    expect(equalInConstantTime('abc', 'abc')).toBe(true)
    expect(equalInConstantTime('abc', 'abcd')).toBe(false)
  })
})

describe('cursors', () => {
  test('what was encoded is decoded, and nothing else is', () => {
    expect(decodeCursor(encodeCursor(['2026', 5]), 2)).toEqual(['2026', 5])
    for (const text of [
      '',
      'x',
      '🙂',
      encodeCursor(['a']),
      Buffer.from('{"a":1}').toString('base64url'),
      Buffer.from('["a",null]').toString('base64url'),
    ]) {
      expect(decodeCursor(text, 2)).toBeUndefined()
    }
  })
})

describe('where goods come from', () => {
  const near = { warehouseId: 'near', lat: -1.3, lng: 36.8 }
  const far = { warehouseId: 'far', ...mombasa }

  test('the nearest warehouse that has everything sends everything', () => {
    const { picks, short } = planStock(
      [
        { variantId: 'a', quantity: 2 },
        { variantId: 'b', quantity: 1 },
      ],
      [
        { variantId: 'a', free: 5, ...near },
        { variantId: 'a', free: 2, ...far },
        { variantId: 'b', free: 1, ...far },
      ],
      nairobi,
    )
    expect(short).toEqual([])
    expect(picks.map((pick) => pick.warehouseId)).toEqual(['far', 'far'])
  })

  test('only when none has all, each line comes from the nearest that has it, and a line is split last', () => {
    const { picks, short } = planStock(
      [
        { variantId: 'a', quantity: 3 },
        { variantId: 'b', quantity: 1 },
      ],
      [
        { variantId: 'a', free: 2, ...near },
        { variantId: 'a', free: 1, ...far },
        { variantId: 'b', free: 1, ...near },
      ],
      nairobi,
    )
    expect(short).toEqual([])
    expect(picks).toEqual([
      { variantId: 'a', warehouseId: 'near', quantity: 2 },
      { variantId: 'a', warehouseId: 'far', quantity: 1 },
      { variantId: 'b', warehouseId: 'near', quantity: 1 },
    ])
  })

  test('what cannot be had is named', () => {
    expect(planStock([{ variantId: 'a', quantity: 4 }], [{ variantId: 'a', free: 3, ...near }], nairobi).short).toEqual(['a'])
  })
})
