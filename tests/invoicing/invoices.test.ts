import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { etimsSimulatorOf } from '../../src/domain/invoicing/etims.simulator.ts'
import { creditLinesOf, type InvoiceLine, sum } from '../../src/domain/invoicing/invoice.lines.ts'
import { issueCreditNote } from '../../src/domain/invoicing/issue-credit-note.ts'
import { issueInvoice } from '../../src/domain/invoicing/issue-invoice.ts'
import { hmacHex } from '../../src/lib/signature.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { guest, person } from '../support/actors.ts'
import { makeVariant } from '../support/factories.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, pay, type Placed, place, read, refund, refusal } from '../support/vendors.ts'

let shop: TestShop
beforeAll(async () => void (shop = await openShop({ environment: { SHOP_KRA_PIN: 'P051234567X', SHOP_LEGAL_NAME: 'Rahim Online Ltd' } })))
afterAll(async () => {
  expect(await checkInvariants(shop.context.db)).toEqual([])
  await shop.close()
})

/** An order that is paid and billed: 1,500.00 of goods and 200.00 for the delivery, unless wished otherwise. */
async function billed(goods = [{ vendorId: shop.catalogue.vendorId, priceMinor: 150_000n }]): Promise<{ order: Placed; number: string }> {
  const order = await place(shop, goods)
  await pay(shop, order)
  const number = await issueInvoice(shop.context, order.orderId)
  return { order, number: number ?? '' }
}
const shown = async (number: string, token: string) => await read(shop.fetch(`/api/v1/invoices/${number}?token=${token}`))

describe('an invoice', () => {
  test('follows the payment, with the VAT of each line and of the whole', async () => {
    const vendorId = await makeVendor(shop, { name: 'Looms', legalName: 'Kariokor Looms Ltd', kraPin: 'P059876543Z' })
    const order = await place(shop, [
      { vendorId, priceMinor: 116_000n, quantity: 2 },
      { vendorId, priceMinor: 50_000n },
    ])
    await pay(shop, order)
    await shop.settle()
    const list = await read(shop.fetch(`/api/v1/invoices?token=${order.token}`))
    expect(list.body.items).toHaveLength(1)
    const { status, body } = await shown(list.body.items[0].number, order.token)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      kind: 'invoice',
      orderNumber: order.number,
      seller: { name: 'Rahim Online Ltd', kraPin: 'P051234567X' },
      buyer: { name: 'Amina Wanjiru', kraPin: null, address: 'Kilimani, Nairobi' },
      total: { amountMinor: 302_000 },
      vat: { amountMinor: 41_656 },
      net: { amountMinor: 260_344 },
      vatByRate: [{ vatBasisPoints: 1_600, net: { amountMinor: 260_344 }, vat: { amountMinor: 41_656 } }],
    })
    expect(body.lines).toMatchObject([
      { kind: 'goods', quantity: 2, total: { amountMinor: 232_000 }, vat: { amountMinor: 32_000 }, supplier: { kraPin: 'P059876543Z' } },
      { kind: 'goods', total: { amountMinor: 50_000 }, vat: { amountMinor: 6_897 } },
      { kind: 'delivery', total: { amountMinor: 20_000 }, vat: { amountMinor: 2_759 }, supplier: { name: 'Rahim Online Ltd' } },
    ])
    expect(body.number).toMatch(/^INV-\d{4}-\d{6}$/)
  })

  test('is issued once, however often it is asked for', async () => {
    const { order, number } = await billed()
    const again = await Promise.all(Array.from({ length: 20 }, async () => await issueInvoice(shop.context, order.orderId)))
    expect(new Set(again)).toEqual(new Set([number]))
    expect(
      await issueInvoice(shop.context, (await place(shop, [{ vendorId: shop.catalogue.vendorId, priceMinor: 1_000n }])).orderId),
    ).toBeUndefined()
  })

  test('is made out to the business that was named before the payment, and never changed after it', async () => {
    const order = await place(shop, [{ vendorId: shop.catalogue.vendorId, priceMinor: 150_000n }])
    const path = `/api/v1/orders/${order.number}/tax-details?token=${order.token}`
    const put = async (kraPin: string, at = path) =>
      await read(
        shop.fetch(at, {
          method: 'PUT',
          body: JSON.stringify({ buyerName: 'Acacia Traders', kraPin }),
          headers: { 'content-type': 'application/json' },
        }),
      )
    for (const wrong of ['P05123456X', 'p051234567x', 'P051234567', '0051234567X', 'P051234567XX', 'P051234567X\n'])
      expect((await put(wrong)).status).toBe(422)
    expect((await put('A001234567B', `/api/v1/orders/${order.number}/tax-details?token=wrong`)).status).toBe(404)
    expect((await put('A001234567B')).status).toBe(200)
    await pay(shop, order)
    const number = (await issueInvoice(shop.context, order.orderId)) ?? ''
    expect((await shown(number, order.token)).body.buyer).toMatchObject({ name: 'Acacia Traders', kraPin: 'A001234567B' })
    expect(await put('A007654321B')).toMatchObject({ status: 409, body: { code: 'invoice_issued' } })
    expect(await refusal(shop.database.sql`update invoices set buyer_name = 'x'`)).toContain('append-only')
    expect(await refusal(shop.database.sql`delete from invoice_lines`)).toContain('append-only')
  })

  test('is read by its shopper, by the holder of its link and by staff, and is not there for anybody else', async () => {
    const owner = await person(shop)
    const order = await place(shop, [{ vendorId: shop.catalogue.vendorId, priceMinor: 150_000n }], owner)
    await pay(shop, order)
    const number = (await issueInvoice(shop.context, order.orderId)) ?? ''
    const other = await billed()
    for (const path of [`/api/v1/invoices/${number}`, `/api/v1/invoices/${number}/pdf`, `/invoices/${number}`]) {
      expect((await owner.get(path)).status).toBe(200)
      expect((await guest(shop).get(`${path}?token=${order.token}`)).status).toBe(200)
      expect((await (await person(shop, { roles: ['support'] })).get(path)).status).toBe(200)
      for (const stranger of [
        guest(shop),
        await person(shop),
        await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff' } }),
      ])
        expect((await stranger.get(path)).status).toBe(404)
      expect((await guest(shop).get(`${path}?token=${other.order.token}`)).status).toBe(404)
    }
    for (const number of ['INV-2026-999999', 'x', '%27'])
      expect((await guest(shop).get(`/api/v1/invoices/${number}?token=${order.token}`)).status).toBe(404)
    expect((await read(owner.get('/api/v1/invoices'))).body.items).toHaveLength(1)
    expect((await read(guest(shop).get('/api/v1/invoices?all=true'))).body.items).toEqual([])
  })

  test('is a page to print and a PDF, whatever letters a name is written in', async () => {
    const vendorId = await makeVendor(shop, { name: '<script>Škoda & 靴 👠</script>' })
    const { order, number } = await billed([{ vendorId, priceMinor: 150_000n }])
    const page = await (await shop.fetch(`/invoices/${number}?token=${order.token}`)).text()
    expect(page).toContain(`Tax invoice <span class="nb">${number}</span>`)
    expect(page).toContain('&lt;script>Škoda')
    expect(page).not.toContain('<script>Škoda')
    const pdf = await shop.fetch(`/api/v1/invoices/${number}/pdf?token=${order.token}`)
    expect(pdf.headers.get('content-type')).toBe('application/pdf')
    expect(pdf.headers.get('content-disposition')).toBe(`attachment; filename="${number}.pdf"`)
    const bytes = new Uint8Array(await pdf.arrayBuffer())
    expect(new TextDecoder('latin1').decode(bytes.slice(0, 5))).toBe('%PDF-')
    expect(bytes).toEqual(new Uint8Array(await (await shop.fetch(`/api/v1/invoices/${number}/pdf?token=${order.token}`)).arrayBuffer()))
  })
})

describe('numbers', () => {
  test('have no gap and no double when 200 attempts bill 50 orders at once, and 50 more take a number and fail', async () => {
    const { variantId } = await makeVariant(shop.context, shop.catalogue, { stock: 300 })
    const orders: Placed[] = []
    for (let count = 0; count < 50; count++)
      orders.push(await place(shop, [{ vendorId: shop.catalogue.vendorId, priceMinor: 0n, variantId }]))
    for (const order of orders) await pay(shop, order)
    const [before] = await shop.database.sql`select coalesce(max(sequence), 0)::int as last from invoices where kind = 'invoice'`
    const numbers = await Promise.all(
      orders.flatMap(({ orderId }) => [
        ...Array.from({ length: 4 }, async () => await retried(() => issueInvoice(shop.context, orderId))),
        // Somebody takes a number and does not come back with a document.
        refusal(
          shop.context.payDb.transaction(async (tx) => {
            await tx.execute(
              `insert into invoice_series values ('invoice', 2026, 1) on conflict (kind, year) do update set last_number = invoice_series.last_number + 1`,
            )
            throw new Error('changed my mind')
          }),
        ).then(() => undefined),
      ]),
    )
    expect(new Set(numbers.filter(Boolean)).size).toBe(50)
    const rows = await shop.database
      .sql`select sequence from invoices where kind = 'invoice' and sequence > ${before?.['last'] ?? 0} order by sequence`
    expect(rows.map((row) => row['sequence'])).toEqual(Array.from({ length: 50 }, (_, index) => Number(before?.['last']) + index + 1))
  }, 240_000)

  test('cannot be skipped, taken back or taken twice by a hand in the database', async () => {
    await billed()
    const { sql } = shop.database
    expect(await refusal(sql`update invoice_series set last_number = last_number + 2`)).toContain('gap')
    expect(await refusal(sql`update invoice_series set last_number = last_number - 1`)).toContain('gap')
    expect(await refusal(sql`update invoice_series set last_number = last_number + 1`)).toContain('taken by no document')
    expect(await refusal(sql`delete from invoice_series`)).toContain('append-only')
  })
})

describe('a credit note', () => {
  test('follows a refund, in proportion, and the notes over everything take exactly the VAT back', async () => {
    const staff = await person(shop, { roles: ['support'] })
    const { order, number } = await billed([
      { vendorId: shop.catalogue.vendorId, priceMinor: 99_900n },
      { vendorId: shop.catalogue.vendorId, priceMinor: 33_300n },
    ])
    const first = await issueCreditNote(shop.context, await refund(shop, staff, order, 50_000))
    await refund(shop, staff, order, Number(order.totalMinor) - 50_000)
    await shop.settle()
    const { body: note } = await shown(first ?? '', order.token)
    expect(note).toMatchObject({ kind: 'credit_note', parentNumber: number, total: { amountMinor: 50_000 } })
    const sums = await shop.database.sql`
      select kind, sum(total_minor)::int as total, sum(vat_minor)::int as vat, count(*)::int as count from invoices i
      where order_id = ${order.orderId} group by kind order by kind`
    expect(sums[0]).toMatchObject({ kind: 'credit_note', count: 2, total: sums[1]?.['total'], vat: sums[1]?.['vat'] })
  })

  test('is not written before the money has reached the shopper', async () => {
    const staff = await person(shop, { roles: ['support'] })
    const { order } = await billed()
    const body = { reason: 'It came torn', amountMinor: 1_000 }
    await staff.post(`/api/v1/admin/transactions/${order.chargeId}/refunds`, body, { 'idempotency-key': crypto.randomUUID() })
    const [row] = await shop.database.sql`select id from transactions where parent_id = ${order.chargeId}`
    expect(await issueCreditNote(shop.context, String(row?.['id']))).toBeUndefined()
  })

  test('adds up for any lines and any refunds, line by line', () => {
    const line = fc.record({ totalMinor: fc.bigInt(1n, 500_000n), vatBasisPoints: fc.constantFrom(0, 1_600) })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }),
        (wish, shares) => {
          const lines = wish.map(({ totalMinor, vatBasisPoints }, position): InvoiceLine => ({
            position,
            kind: 'goods',
            vendorId: null,
            supplierName: '',
            supplierPin: null,
            name: '',
            sku: '',
            quantity: 1,
            unitPriceMinor: totalMinor,
            discountMinor: 0n,
            totalMinor,
            vatBasisPoints,
            vatMinor: (totalMinor * BigInt(vatBasisPoints)) / BigInt(10_000 + vatBasisPoints),
          }))
          const credited = new Map<number, { totalMinor: bigint; vatMinor: bigint }>()
          let left = sum(lines, (each) => each.totalMinor)
          for (const [index, share] of shares.entries()) {
            const amount = index === shares.length - 1 ? left : (left * BigInt(share)) / 200n
            const note = creditLinesOf(lines, credited, amount)
            expect(sum(note, (each) => each.totalMinor)).toBe(amount)
            for (const each of note) {
              const before = credited.get(each.position) ?? { totalMinor: 0n, vatMinor: 0n }
              expect(each.vatMinor >= 0n && each.vatMinor <= each.totalMinor).toBe(true)
              credited.set(each.position, { totalMinor: before.totalMinor + each.totalMinor, vatMinor: before.vatMinor + each.vatMinor })
            }
            left -= amount
          }
          for (const each of lines) expect(credited.get(each.position)).toEqual({ totalMinor: each.totalMinor, vatMinor: each.vatMinor })
        },
      ),
    )
  })
})

describe('eTIMS', () => {
  let clock: FakeClock
  let office: TestShop
  beforeAll(async () => {
    clock = fakeClock(new Date().toISOString())
    office = await openShop({ overrides: { clock } })
  })
  afterAll(() => office.close())

  const issue = async (): Promise<{ number: string; token: string }> => {
    const order = await place(office, [{ vendorId: office.catalogue.vendorId, priceMinor: 150_000n }])
    await pay(office, order)
    return { number: (await issueInvoice(office.context, order.orderId)) ?? '', token: order.token }
  }
  const state = async ({ number, token }: { number: string; token: string }) =>
    (await read(office.fetch(`/api/v1/invoices/${number}?token=${token}`))).body.etims
  const knobs = (change: object) => Object.assign(etimsSimulatorOf(office.context).knobs, { answer: 'accept', isDown: false }, change)

  test('accepts a document, and its control number is printed', async () => {
    knobs({})
    const document = await issue()
    await office.settle()
    expect(await state(document)).toMatchObject({ state: 'accepted', controlNumber: `KRAMW-${document.number.replace(/\D/g, '')}` })
    expect(await (await office.fetch(`/invoices/${document.number}?token=${document.token}`)).text()).toContain(
      'eTIMS control number KRAMW-',
    )
  })

  test('may decide later: by a signed message, or when it is asked', async () => {
    knobs({ answer: 'silent' })
    const [told, asked] = [await issue(), await issue()]
    await office.settle()
    expect(await state(told)).toMatchObject({ state: 'submitted' })
    const body = JSON.stringify({ number: told.number, status: 'accepted', controlNumber: 'KRA-TOLD-1', qrUrl: 'https://itax.kra.go.ke/1' })
    const send = async (signature: string) =>
      await office.fetch('/webhooks/etims', { method: 'POST', body, headers: { 'x-etims-signature': signature } })
    expect((await send('0'.repeat(64))).status).toBe(401)
    const good = hmacHex('sha256', office.context.config.etims?.callbackSecret ?? '', body)
    expect((await send(good)).status).toBe(200)
    expect((await send(good)).status).toBe(200)
    expect(await state(told)).toMatchObject({ state: 'accepted', controlNumber: 'KRA-TOLD-1' })
    clock.advance(61_000)
    await office.settle()
    expect(await state(asked)).toMatchObject({ state: 'accepted' })
  })

  test('that is down is tried again; after twelve tries a person looks, and sends it once more', async () => {
    knobs({ isDown: true })
    const document = await issue()
    await office.settle()
    expect(await state(document)).toMatchObject({ state: 'queued' })
    for (let round = 0; round < 14; round++) {
      clock.advance(3_700_000)
      await office.settle()
    }
    expect(await state(document)).toMatchObject({ state: 'stuck' })
    const staff = await person(office, { roles: ['support'] })
    expect((await read(staff.get('/api/v1/invoices?all=true&etims=stuck'))).body.items).toMatchObject([{ number: document.number }])
    knobs({})
    // The circuit to the simulator closes again after a while, and staff sign in anew.
    clock.advance(3_700_000)
    const later = await person(office, { roles: ['support'] })
    expect((await later.post(`/api/v1/admin/invoices/${document.number}/etims-retry`)).status).toBe(200)
    await office.settle()
    expect(await state(document)).toMatchObject({ state: 'accepted' })
    expect((await later.post(`/api/v1/admin/invoices/${document.number}/etims-retry`)).status).toBe(409)
  })

  test('that rejects a document says why, and the document waits for a person', async () => {
    knobs({ answer: 'reject' })
    const document = await issue()
    await office.settle()
    expect(await state(document)).toMatchObject({ state: 'rejected' })
    const [row] = await office.database.sql`select last_error from etims_submissions where state = 'rejected'`
    expect(row?.['last_error']).toContain('PIN of the buyer')
  })
})

/** Sends again what was refused only because the shop was busy. */
async function retried<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!/overloaded|lock timeout|55P03/.test(`${String(error)} ${String((error as Error).cause)}`)) throw error
      await Bun.sleep(20)
    }
  }
}
