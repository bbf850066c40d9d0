import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  capturedPosting,
  isOfSale,
  netted,
  type PostingLine,
  refundFunding,
  type Sale,
  salePosting,
  takeBack,
  takenBack,
} from '../../src/domain/payments/ledger.postings.ts'

const [looms, soles] = ['looms', 'soles']
/** The order of LEDGER.md: two vendors, three lines, a delivery. */
const sale: Sale = {
  totalMinor: 453_100n,
  deliveryMinor: 35_000n,
  discountMinor: 0n,
  lines: [
    { vendorId: looms, totalMinor: 299_800n, commissionMinor: 37_475n },
    { vendorId: soles, totalMinor: 85_000n, commissionMinor: 1_700n },
    { vendorId: soles, totalMinor: 33_300n, commissionMinor: 666n },
  ],
}

const sum = (lines: readonly PostingLine[]): bigint => lines.reduce((total, line) => total + line.amountMinor, 0n)
const books = (...postings: (readonly PostingLine[])[]): PostingLine[] =>
  netted(postings.flat()).sort((a, b) => `${a.account} ${a.vendorId}`.localeCompare(`${b.account} ${b.vendorId}`))
const left = (...postings: (readonly PostingLine[])[]): PostingLine[] => books(...postings).filter(isOfSale)

describe('the worked example of LEDGER.md', () => {
  const paid = [...capturedPosting('succeeded', 453_100n, false), ...salePosting(sale)]
  const refund: PostingLine[] = [...takeBack(left(paid), 0n, 100_000n), { account: 'provider_clearing', amountMinor: -100_000n }]
  const lost: PostingLine[] = [...takeBack(left(paid), 100_000n, 453_100n), { account: 'provider_clearing', amountMinor: -353_100n }]

  test('a paid order is split to the cent, and each column sums to zero', () => {
    expect(books(paid)).toEqual([
      { account: 'commission_income', vendorId: looms, amountMinor: -32_306n },
      { account: 'commission_income', vendorId: soles, amountMinor: -2_040n },
      { account: 'commission_vat', vendorId: looms, amountMinor: -5_169n },
      { account: 'commission_vat', vendorId: soles, amountMinor: -326n },
      { account: 'delivery_income', amountMinor: -30_172n },
      { account: 'provider_clearing', amountMinor: 453_100n },
      { account: 'vat_payable', amountMinor: -4_828n },
      { account: 'vendor_payable', vendorId: looms, amountMinor: -262_325n },
      { account: 'vendor_payable', vendorId: soles, amountMinor: -115_934n },
    ])
    for (const column of [paid, refund, lost]) expect(sum(column)).toBe(0n)
  })

  test('a refund takes from everybody in proportion, and losing the rest to the bank takes the rest', () => {
    expect(books(refund).find((line) => line.account === 'vendor_payable' && line.vendorId === looms)?.amountMinor).toBe(57_896n)
    expect(books(paid, refund, lost)).toEqual([])
  })

  test('the page shows these very numbers', () => {
    // Cells are padded for reading; what they say is compared.
    const page = readFileSync(join(import.meta.dirname, '../../src/domain/payments/LEDGER.md'), 'utf8').replace(/ +/g, ' ')
    const money = (amount: bigint): string => {
      const text = `${(amount < 0n ? -amount : amount) / 100n}.${String((amount < 0n ? -amount : amount) % 100n).padStart(2, '0')}`
      return amount === 0n ? '' : `${amount < 0n ? '-' : ''}${text.replace(/\B(?=(\d{3})+(?=\.))/g, ',')}`
    }
    const names = books(paid).map(({ account, vendorId }) => ({ account, vendorId }))
    const cell = (column: readonly PostingLine[], name: { account: string; vendorId?: string | undefined }): string =>
      money(sum(books(column).filter((line) => line.account === name.account && line.vendorId === name.vendorId)))
    const rows = names.map(
      (name) =>
        `| ${name.account}${name.vendorId === undefined ? '' : ` ${name.vendorId}`} | ${[paid, refund, lost].map((column) => cell(column, name)).join(' | ')} |`,
    )
    for (const row of rows) expect(page).toContain(row.replace(/ +/g, ' '))
  })
})

describe('the split', () => {
  const line = fc.record({
    vendorId: fc.constantFrom('a', 'b', 'c'),
    totalMinor: fc.bigInt(1n, 5_000_000n),
    basisPoints: fc.integer({ min: 0, max: 10_000 }),
  })
  const anySale = fc
    .record({
      lines: fc.array(line, { minLength: 1, maxLength: 6 }),
      deliveryMinor: fc.bigInt(0n, 100_000n),
      discount: fc.integer({ min: 0, max: 100 }),
    })
    .map(({ lines, deliveryMinor, discount }): Sale => {
      const linesMinor = lines.reduce((total, each) => total + each.totalMinor, 0n)
      const discountMinor = (linesMinor * BigInt(discount)) / 100n
      return {
        lines: lines.map((each) => ({ ...each, commissionMinor: (each.totalMinor * BigInt(each.basisPoints) + 5_000n) / 10_000n })),
        deliveryMinor,
        discountMinor,
        totalMinor: linesMinor + deliveryMinor - discountMinor,
      }
    })

  test('hands out every cent of every order, and nobody pays to sell', () => {
    fc.assert(
      fc.property(anySale, (each) => {
        const posted = salePosting(each)
        expect(sum(posted)).toBe(0n)
        for (const { account, amountMinor } of posted)
          expect(amountMinor > 0n).toBe(account === 'order_receivable' || account === 'discount_given')
      }),
      { numRuns: 1_000 },
    )
  })

  test('taken back in any parts and order ends in the same books; all of it ends in nothing, and more is the loss of the shop', () => {
    fc.assert(
      fc.property(anySale, fc.array(fc.bigInt(-3_000_000n, 3_000_000n), { maxLength: 12 }), (each, steps) => {
        const shares = left(salePosting(each))
        let wanted = 0n
        let standing = shares
        for (const step of steps) {
          const next = wanted + step < 0n ? 0n : wanted + step
          const change = takeBack(shares, wanted, next)
          expect(sum(change)).toBe(next - wanted)
          standing = left(standing, change)
          wanted = next
          expect(standing).toEqual(left(shares, takenBack(shares, wanted)))
          for (const { account, amountMinor } of standing)
            expect(amountMinor < 0n).toBe(account !== 'discount_given' && account !== 'chargeback_loss')
        }
        const end = left(standing, takeBack(shares, wanted, each.totalMinor + 500n))
        if (each.totalMinor > 0n) expect(end).toEqual([{ account: 'chargeback_loss', amountMinor: 500n }])
      }),
      { numRuns: 1_000 },
    )
  })

  test('a second payment, and money that came back, are owed as they are: nobody gives up a share for them', () => {
    expect(refundFunding({ chargeState: 'duplicate', toReturnMinor: 0n, unusedMinor: 0n }, 100n)).toEqual({
      owed: [{ account: 'customer_to_return', amountMinor: 100n }],
      ofSaleMinor: 0n,
    })
    expect(refundFunding({ chargeState: 'succeeded', toReturnMinor: 60n, unusedMinor: 30n }, 100n)).toEqual({
      owed: [
        { account: 'customer_to_return', amountMinor: 60n },
        { account: 'order_receivable', amountMinor: 30n },
      ],
      ofSaleMinor: 10n,
    })
  })
})
