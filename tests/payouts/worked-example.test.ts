import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nairobiDay } from '../../src/lib/time.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { person, type Visitor } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, pay, place, refund } from '../support/vendors.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop({ environment: { PAYOUT_LEAST_KES: '1' } })))
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

interface Statement {
  readonly opening: { amountMinor: number }
  readonly entries: readonly {
    kind: string
    reference: string
    gross: { amountMinor: number }
    commission: { amountMinor: number }
    commissionVat: { amountMinor: number }
    net: { amountMinor: number }
  }[]
  readonly closing: { amountMinor: number }
}

const decimal = (minor: number): string => {
  const text = (Math.abs(minor) / 100).toFixed(2).replace(/\B(?=(\d{3})+(?=\.))/g, ',')
  return minor < 0 ? `-${text}` : text
}

test('an order of two vendors is shared, clawed back and paid out as the page of the payouts says, to the cent', async () => {
  const [looms, soles] = [
    await makeVendor(shop, { name: 'Looms', commissionBasisPoints: 200 }),
    await makeVendor(shop, { name: 'Soles', commissionBasisPoints: 1_250, payoutMethod: 'bank', payoutAccount: '01-100-0123456789' }),
  ]
  const owners = {
    looms: await person(shop, { member: { vendorId: looms, role: 'owner' } }),
    soles: await person(shop, { member: { vendorId: soles, role: 'owner' } }),
  }
  const finance = await person(shop, { roles: ['finance'] })
  const support = await person(shop, { roles: ['support'] })

  const order = await place(shop, [
    { vendorId: looms, priceMinor: 10_000n },
    { vendorId: soles, priceMinor: 85_000n, quantity: 2 },
  ])
  expect(order.totalMinor).toBe(200_000n)
  await pay(shop, order)
  await refund(shop, support, order, 50_000)
  for (const method of ['mpesa', 'bank']) await payOut(finance, method)

  const rows: string[] = []
  const today = nairobiDay(shop.context.clock.now())
  for (const [name, owner] of Object.entries(owners)) {
    const statement = (await (await owner.get(`/api/v1/vendor/statement?from=${today}&to=${today}`)).json()) as Statement
    expect(statement.entries.map(({ kind }) => kind)).toEqual(['sale', 'refund', 'payout'])
    for (const entry of statement.entries) {
      const amounts = [entry.gross, entry.commission, entry.commissionVat, entry.net].map((money) => decimal(money.amountMinor))
      rows.push(`| ${name} | ${entry.kind} | ${amounts.join(' | ')} |`)
    }
    rows.push(`| ${name} | still owed |  |  |  | ${decimal(statement.closing.amountMinor)} |`)
    const sum = statement.entries.reduce((total, entry) => total + entry.net.amountMinor, statement.opening.amountMinor)
    expect(sum).toBe(statement.closing.amountMinor)
  }
  const page = readFileSync(join(import.meta.dirname, '../../src/domain/payouts/README.md'), 'utf8').replace(/ +/g, ' ')
  for (const row of rows) expect(page).toContain(row.replace(/ +/g, ' '))
})

async function payOut(finance: Visitor, method: string): Promise<void> {
  const made = await finance.post('/api/v1/admin/payout-batches', { method })
  expect(made.status).toBe(201)
  const batch = (await made.json()) as { id: string; payouts: { id: string }[] }
  expect((await finance.post(`/api/v1/admin/payout-batches/${batch.id}/approval`)).status).toBe(200)
  const results = batch.payouts.map(({ id }, index) => ({ payoutId: id, status: 'paid', receipt: `R-${method}-${index}` }))
  const settled = await finance.post(`/api/v1/admin/payout-batches/${batch.id}/results`, { results })
  expect(await settled.json()).toMatchObject({ state: 'closed', payouts: results.map(() => ({ state: 'succeeded' })) })
}
