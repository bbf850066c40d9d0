import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { guest, person, type Visitor } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, pay, place, read, refund, refusal } from '../support/vendors.ts'

let shop: TestShop
let amina: Visitor
let baraka: Visitor
beforeAll(async () => {
  shop = await openShop({ environment: { PAYOUT_SECOND_PERSON_KES: '1000', PAYOUT_LEAST_KES: '100' } })
  amina = await person(shop, { roles: ['finance'], name: 'Amina' })
  baraka = await person(shop, { roles: ['admin'], name: 'Baraka' })
})
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

const base = '/api/v1/admin/payout-batches'
const make = async (by: Visitor, vendorId: string, amountMinor?: number, method = 'mpesa') =>
  await read(by.post(base, { method, vendors: [{ vendorId, ...(amountMinor === undefined ? {} : { amountMinor }) }] }))
const owed = async (vendorId: string): Promise<number> => {
  const owner = await person(shop, { member: { vendorId, role: 'staff', scopes: ['finance'] } })
  return (await read(owner.get('/api/v1/vendor/balance'))).body.owed.amountMinor
}
/** A vendor that has sold goods of so much and is owed 98 % of it. */
async function sold(priceMinor: bigint, wish: Parameters<typeof makeVendor>[1] = { name: 'Bata Soles' }) {
  const vendorId = await makeVendor(shop, wish)
  const order = await place(shop, [{ vendorId, priceMinor }], guest(shop), { payment: { method: 'card' } })
  await pay(shop, order)
  return { vendorId, order }
}

describe('a batch of payouts', () => {
  test('takes the money at once, is approved, sent and written down as paid', async () => {
    const { vendorId } = await sold(50_000n)
    const { body: batch } = await make(amina, vendorId)
    expect(batch).toMatchObject({ state: 'draft', total: { amountMinor: 49_000 }, payouts: [{ state: 'created' }] })
    expect(await owed(vendorId)).toBe(0)
    expect(await read(amina.post(`${base}/${batch.id}/export`))).toMatchObject({ status: 409, body: { code: 'payout_state' } })
    expect(await read(amina.post(`${base}/${batch.id}/approval`))).toMatchObject({ status: 200, body: { state: 'approved' } })
    const file = await amina.post(`${base}/${batch.id}/export`)
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="PB-\d{8}-\d{4}\.csv"$/)
    expect(await file.text()).toMatch(/^Phone Number,Amount,Name,Reference\r\n2547\d{8},490\.00,Bata Soles,PB-\d{8}-\d{4}-1\r\n$/)
    const paid = { results: [{ payoutId: batch.payouts[0]?.id, status: 'paid', receipt: 'TKP4XJ7Q2L' }] }
    expect(await read(amina.post(`${base}/${batch.id}/results`, paid))).toMatchObject({ status: 200, body: { state: 'closed' } })
    // The same list handed in again changes nothing; another word about it is refused.
    expect((await amina.post(`${base}/${batch.id}/results`, paid)).status).toBe(200)
    const other = { results: [{ payoutId: batch.payouts[0]?.id, status: 'failed', reason: 'wrong number' }] }
    expect(await read(amina.post(`${base}/${batch.id}/results`, other))).toMatchObject({ status: 409, body: { code: 'payout_state' } })
    const trail = await shop.database
      .sql`select action from audit_log where target in (${batch.id}, ${batch.payouts[0]?.id ?? ''}) order by id`
    expect(trail.map((row) => row['action'])).toEqual([
      'payout_batch.made',
      'payout_batch.approved',
      'payout_batch.exported',
      'payout.paid',
    ])
  })

  test('above the limit is approved by somebody else than its maker, whatever the code does', async () => {
    const { vendorId } = await sold(200_000n)
    const { body: batch } = await make(amina, vendorId)
    expect(await read(amina.post(`${base}/${batch.id}/approval`))).toMatchObject({ status: 409, body: { code: 'second_person' } })
    expect(
      await refusal(
        shop.database.sql`update payout_batches set state = 'approved', approved_by = made_by, approved_at = now() where id = ${batch.id}`,
      ),
    ).toContain('payout_batches_second_person')
    expect((await baraka.post(`${base}/${batch.id}/approval`)).status).toBe(200)
    expect(await read(baraka.post(`${base}/${batch.id}/approval`))).toMatchObject({ status: 409, body: { code: 'payout_state' } })
  })

  test('that is called off, and a payout that failed, are owed again and paid by the next batch', async () => {
    const { vendorId } = await sold(50_000n)
    const { body: first } = await make(amina, vendorId)
    expect(await read(amina.post(`${base}/${first.id}/cancellation`))).toMatchObject({
      body: { state: 'cancelled', payouts: [{ state: 'failed' }] },
    })
    expect(await owed(vendorId)).toBe(49_000)
    const { body: second } = await make(amina, vendorId)
    await amina.post(`${base}/${second.id}/approval`)
    const failed = { results: [{ payoutId: second.payouts[0]?.id, status: 'failed', reason: 'number is not registered' }] }
    expect(await read(amina.post(`${base}/${second.id}/results`, failed))).toMatchObject({ status: 200, body: { state: 'closed' } })
    expect(await owed(vendorId)).toBe(49_000)
    expect((await make(amina, vendorId)).body.total.amountMinor).toBe(49_000)
  })

  test('pays nobody more than is owed, no fractions of a shilling by M-Pesa, nothing to strangers to the method', async () => {
    const { vendorId } = await sold(50_050n)
    expect(await make(amina, vendorId, 49_100)).toMatchObject({ status: 409, body: { code: 'payout_exceeds', mostMinor: 49_000 } })
    expect(await make(amina, vendorId, 48_950)).toMatchObject({ status: 422, body: { code: 'invalid_input' } })
    expect(await make(amina, vendorId, 100, 'bank')).toMatchObject({ status: 404 })
    expect(await make(amina, crypto.randomUUID(), 100)).toMatchObject({ status: 404 })
    expect((await make(amina, vendorId)).body.total.amountMinor).toBe(49_000)
    expect(await owed(vendorId)).toBe(49)
    expect(await read(amina.post(base, { method: 'bank' }))).toMatchObject({ status: 409, body: { code: 'nothing_to_pay' } })
  })

  test('of a name that is a formula is harmless in a spreadsheet', async () => {
    const { vendorId } = await sold(50_000n, {
      name: '=HYPERLINK("http://evil")',
      payoutMethod: 'bank',
      payoutAccount: '01-100-0123456789',
    })
    const { body: batch } = await make(amina, vendorId, undefined, 'bank')
    await amina.post(`${base}/${batch.id}/approval`)
    const text = await (await amina.post(`${base}/${batch.id}/export`)).text()
    expect(text).toContain(`"'=HYPERLINK(""http://evil"")",01,100,0123456789,490.00,KES,`)
  })

  test('of a receipt that was used before is refused, and nothing of the list counts', async () => {
    const { vendorId } = await sold(50_000n)
    const { body: batch } = await make(amina, vendorId)
    await amina.post(`${base}/${batch.id}/approval`)
    const used = { results: [{ payoutId: batch.payouts[0]?.id, status: 'paid', receipt: 'TKP4XJ7Q2L' }] }
    expect(await read(amina.post(`${base}/${batch.id}/results`, used))).toMatchObject({ status: 409, body: { code: 'receipt_used' } })
  })
})

describe('what a vendor is owed', () => {
  test('falls below zero when paid goods are refunded, and nothing is paid until sales make up for it', async () => {
    const { vendorId, order } = await sold(50_000n)
    const { body: batch } = await make(amina, vendorId)
    await amina.post(`${base}/${batch.id}/approval`)
    await refund(shop, baraka, order, Number(order.totalMinor))
    expect(await owed(vendorId)).toBe(-49_000)
    expect(await make(amina, vendorId, 100)).toMatchObject({ status: 409, body: { code: 'payout_exceeds', mostMinor: 0 } })
    await pay(shop, await place(shop, [{ vendorId, priceMinor: 100_000n }]))
    expect((await make(amina, vendorId)).body.total.amountMinor).toBe(49_000)
  })

  test('is paid once by 200 attempts at once: four of 60,000 from 250,000, and never a cent too much', async () => {
    const { vendorId } = await sold(25_510_300n, { name: 'Kitenge House', payoutMethod: 'bank', payoutAccount: '02-200-0123456789' })
    const before = await owed(vendorId)
    expect(before).toBe(25_000_094)
    const answers = await Promise.all(
      Array.from({ length: 200 }, async () => await retried(() => make(amina, vendorId, 6_000_000, 'bank'))),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4)
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))).toEqual(new Set(['payout_exceeds']))
    expect(await owed(vendorId)).toBe(before - 4 * 6_000_000)
  }, 120_000)

  test('cannot be overdrawn by a hand in the database', async () => {
    const { vendorId } = await sold(50_000n)
    await make(amina, vendorId)
    expect(
      await refusal(shop.database.sql`
        insert into ledger_entries (id, event_id, transaction_id, line, account, vendor_id, amount_minor)
        select gen_random_uuid(), e.id, t.id, 90, 'vendor_payable', ${vendorId}, 1 from transactions t join transaction_events e on e.transaction_id = t.id
        where t.vendor_id = ${vendorId} and t.kind = 'payout' limit 1`),
    ).toContain('paid more than it is owed')
  })

  test('is told for days that are days, to those who may see money', async () => {
    const { vendorId, order } = await sold(50_000n)
    const member = async (scopes: string[]) => await person(shop, { member: { vendorId, role: 'staff', scopes } })
    const path = '/api/v1/vendor/statement?from=2026-01-01&to=2026-12-31'
    expect((await guest(shop).get(path)).status).toBe(401)
    expect((await (await member(['catalog', 'orders'])).get(path)).status).toBe(403)
    const clerk = await member(['finance'])
    expect(await read(clerk.get(path))).toMatchObject({
      body: { opening: { amountMinor: 0 }, entries: [{ kind: 'sale', reference: order.number }], closing: { amountMinor: 49_000 } },
    })
    expect(await (await clerk.get('/api/v1/vendor/statement/csv?from=2026-01-01&to=2026-12-31')).text()).toContain(
      `,sale,${order.number},500.00,10.00,1.38,490.00,490.00\r\n`,
    )
    for (const days of ['from=2026-02-30&to=2026-03-01', 'from=2026-03-02&to=2026-03-01', 'from=x&to=2026-03-01', 'to=2026-03-01'])
      expect((await clerk.get(`/api/v1/vendor/statement?${days}`)).status).toBe(422)
    expect(await read(clerk.get('/api/v1/vendor/statement?from=2024-01-01&to=2026-12-31'))).toMatchObject({
      body: { code: 'period_too_long' },
    })
  })

  test('is nobody’s business who is not of the finance staff', async () => {
    for (const who of [guest(shop), await person(shop), await person(shop, { roles: ['support'] })])
      for (const [method, path] of [
        ['GET', base],
        ['POST', base],
        ['POST', `${base}/${crypto.randomUUID()}/approval`],
      ] as const)
        expect([401, 403]).toContain((await who.send(method, path, method === 'POST' ? { method: 'mpesa' } : undefined)).status)
    expect((await amina.get(`${base}/nonsense`)).status).toBe(404)
  })
})

/** Sends again what was refused only because the shop was busy, as a client does. */
async function retried<Answer extends { status: number }>(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send()
    if (answer.status !== 503) return answer
  }
}
