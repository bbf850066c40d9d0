import { describe, expect, test } from 'bun:test'
import { formatPhone, maskPhone, parsePhone } from '../../src/lib/phone.ts'

describe('Kenyan mobile numbers', () => {
  test.each(['0712345678', '0712 345 678', '+254712345678', '254712345678', ' 0712-345-678 ', '+254 712 345 678'])(
    '%p is one number',
    (text) => {
      expect(parsePhone(text)).toBe('254712345678')
    },
  )

  test('the newer 01 numbers count', () => {
    expect(parsePhone('0110123456')).toBe('254110123456')
  })

  test.each([
    '',
    '07123456789',
    '071234567',
    '2540712345678',
    '0202345678',
    '+255712345678',
    '712345678',
    '07l2345678',
    '０７１２３４５６７８',
    '٠٧١٢٣٤٥٦٧٨',
    '0712345678\0',
  ])('%p is refused', (text) => {
    expect(parsePhone(text)).toBeUndefined()
  })

  test('numbers are shown as people write them, and to others with the middle hidden', () => {
    expect(formatPhone('254712345678')).toBe('0712 345 678')
    expect(maskPhone('254712345678')).toBe('0712 *** 678')
  })
})
