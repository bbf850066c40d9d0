import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  allocate,
  basisPointsOf,
  formatMoney,
  isWholeShillings,
  moneyView,
  parseDecimal,
  scale,
  upToShilling,
  vatInside,
} from '../../src/lib/money.ts'

const amounts = fc.bigInt({ min: 0n, max: 10n ** 15n })

describe('money', () => {
  test('2 % of 100.00 is 2.00, and half a cent goes up', () => {
    expect(basisPointsOf(10_000n, 200)).toBe(200n)
    expect(scale(25n, 1n, 10n)).toBe(3n)
    expect(scale(24n, 1n, 10n)).toBe(2n)
    expect(scale(-25n, 1n, 10n)).toBe(-3n)
  })

  test('the VAT inside 116.00 at 16 % is 16.00', () => {
    expect(vatInside(11_600n, 1_600)).toBe(1_600n)
    expect(vatInside(0n, 1_600)).toBe(0n)
  })

  test('a split hands out every last cent, and nobody is a cent away from their share by more than one', () => {
    fc.assert(
      fc.property(amounts, fc.array(fc.bigInt({ min: 0n, max: 1_000_000n }), { minLength: 1, maxLength: 20 }), (amount, weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0n)
        fc.pre(total > 0n)
        const parts = allocate(amount, weights)
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amount)
        parts.forEach((part, index) => {
          const exact = (amount * (weights[index] ?? 0n)) / total
          expect(part === exact || part === exact + 1n).toBe(true)
        })
      }),
    )
  })

  test('a split of a refund mirrors the split of the sale', () => {
    expect(allocate(-100n, [1n, 1n, 1n])).toEqual([-34n, -33n, -33n])
  })

  test('a split over nothing is refused', () => {
    expect(() => allocate(100n, [0n, 0n])).toThrow(RangeError)
    expect(() => allocate(100n, [2n, -1n])).toThrow(RangeError)
  })

  test('shillings are written as people write them', () => {
    expect(formatMoney(145_000n)).toBe('KSh\u00a01,450')
    expect(formatMoney(145_050n)).toBe('KSh\u00a01,450.50')
    expect(formatMoney(-5n)).toBe('-KSh\u00a00.05')
    expect(formatMoney(123_456_789_00n)).toBe('KSh\u00a0123,456,789')
    expect(formatMoney(1_938n, 'USD')).toBe('$19.38')
  })

  test('a provider’s decimal text becomes cents without floating point, and anything odd becomes nothing', () => {
    expect(parseDecimal('2500')).toBe(250_000n)
    expect(parseDecimal('2500.00')).toBe(250_000n)
    expect(parseDecimal(2500.5)).toBe(250_050n)
    expect(parseDecimal('0.1')).toBe(10n)
    for (const odd of [
      '',
      ' 1',
      '1e3',
      '-1',
      '1.005',
      '0x10',
      'NaN',
      null,
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      true,
      {},
      '१२',
    ])
      expect(parseDecimal(odd)).toBeUndefined()
  })

  test('reading back what was written gives the same amount', () => {
    fc.assert(
      fc.property(amounts, (amount) =>
        expect(parseDecimal(`${amount / 100n}.${(amount % 100n).toString().padStart(2, '0')}`)).toBe(amount),
      ),
    )
  })

  test('whole shillings are told apart, and rounding up never takes less', () => {
    expect(isWholeShillings(100n)).toBe(true)
    expect(isWholeShillings(101n)).toBe(false)
    fc.assert(
      fc.property(amounts, (amount) =>
        expect(upToShilling(amount) >= amount && upToShilling(amount) - amount < 100n && isWholeShillings(upToShilling(amount))).toBe(true),
      ),
    )
  })

  test('an amount that a JSON number cannot hold is not put into one', () => {
    expect(moneyView(145_000n)).toEqual({ amountMinor: 145_000, currency: 'KES' })
    expect(() => moneyView(2n ** 53n)).toThrow(RangeError)
  })
})
