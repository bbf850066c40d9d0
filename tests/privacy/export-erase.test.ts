import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { dropOffCode } from '../../src/domain/delivery/drop-off-code.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { codeOf } from '../accounts/account-person.ts'
import { bring, newRider } from '../delivery/delivery-story.ts'
import { buy, guest, person, type Visitor } from '../support/actors.ts'
import { makePerson, makeVariant, testPassword } from '../support/factories.ts'
import { payByPhone } from '../support/phone-payment.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/** What stands for a person in these tests; looked for in every text of the database afterwards. */
const marks = { name: 'Zawadi Markedname', landmark: 'behind the marked kiosk', note: 'ring the marked bell' }

let shop: TestShop
let serial = 0
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** Somebody whose only order was paid, brought and is over. */
async function buyer(): Promise<{ visitor: Visitor; number: string; email: string; phone: string }> {
  const phone = `07994455${String(10 + ++serial)}`
  const { email, accountId } = await makePerson(shop.context, { name: marks.name })
  const { token } = (await (await shop.post('/api/v1/auth/login', { login: email, password: testPassword })).json()) as { token: string }
  const visitor = guest(shop, token, accountId)
  const { variantId } = await makeVariant(shop.context, shop.catalogue)
  const answer = await buy(visitor, variantId, {
    body: {
      contact: { name: marks.name, phone },
      address: { county: 'Nairobi', town: 'Kilimani', landmark: marks.landmark },
      note: marks.note,
      payment: { method: 'mpesa' },
    },
  })
  const { order } = (await answer.json()) as { order: { number: string } }
  return { visitor, number: order.number, email, phone }
}

describe('taking one’s data away', () => {
  test('gives everything of one’s own and nothing of anybody else', async () => {
    const one = await buyer()
    const other = await person(shop, { name: 'Somebody Else' })
    const answer = await one.visitor.get('/api/v1/me/export')
    expect(answer.headers.get('content-disposition')).toContain('attachment')
    const text = await answer.text()
    for (const mark of [...Object.values(marks), `254${one.phone.slice(1)}`, one.number, one.email]) expect(text).toContain(mark)
    for (const foreign of [other.accountId ?? '', 'Somebody Else', 'passwordHash', 'argon2', 'tokenHash', 'plate'])
      expect(text).not.toContain(foreign)
  })
})

describe('having oneself forgotten', () => {
  test('waits for what is still open', async () => {
    const { visitor } = await buyer()
    expect(await codeOf(await visitor.post('/api/v1/me/erasure', { password: testPassword }))).toBe('409 account_busy')
    const owner = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'owner' } })
    expect(await codeOf(await owner.post('/api/v1/me/erasure', { password: testPassword }))).toBe('409 account_busy')
    expect(await codeOf(await owner.post('/api/v1/me/erasure', { password: 'not it' }))).toBe('401 wrong_credentials')
  })

  test('leaves no trace of the person in any text of the database, and every invariant holds', async () => {
    const { visitor, number, email, phone } = await buyer()
    const bystander = await buyer()
    await payByPhone(shop, phone)
    await bringHome(number)
    const [before] = await shop.database.sql`select total_minor, state from orders where number = ${number}`
    const own = visitor.accountId ?? ''
    expect((await visitor.post('/api/v1/me/erasure', { password: testPassword })).status).toBe(204)

    expect((await visitor.get('/api/v1/me')).status).toBe(401)
    expect(await codeOf(await shop.post('/api/v1/auth/login', { login: email, password: testPassword }))).toBe('401 wrong_credentials')
    const [after] = await shop.database
      .sql`select total_minor, state, contact_name, contact_phone, account_id from orders where number = ${number}`
    expect(after).toMatchObject({ ...before, contact_name: 'Erased', contact_phone: '254700000000', account_id: own })
    // Invoices stay as they were issued: the law forbids to change them (src/workflows/privacy/README.md).
    expect(
      (await rowsNaming(own, [email, marks.name, `254${phone.slice(1)}`, marks.landmark, marks.note])).filter(
        (line) => !line.startsWith('invoices.'),
      ),
    ).toEqual([])
    const [kept] = await shop.database.sql`select contact_name, landmark from orders where number = ${bystander.number}`
    expect(kept).toMatchObject({ contact_name: marks.name, landmark: marks.landmark })
    expect(await checkInvariants(shop.context.db).then((found) => found.filter(({ name }) => !name.startsWith('outbox_')))).toEqual([])
  })

  test('frees the e-mail for somebody new', async () => {
    const { email, accountId } = await makePerson(shop.context)
    const { token } = (await (await shop.post('/api/v1/auth/login', { login: email, password: testPassword })).json()) as { token: string }
    expect((await guest(shop, token, accountId).post('/api/v1/me/erasure', { password: testPassword })).status).toBe(204)
    const answer = await shop.post('/api/v1/auth/register', { name: 'New', email, password: 'mango boda sunrise 7', acceptsTerms: true })
    expect(answer.status).toBe(202)
  })
})

/** Packs the order and brings it, so that nothing of it is open any more. */
async function bringHome(number: string): Promise<void> {
  const staff = await person(shop, { roles: ['support'] })
  const rider = await newRider(shop)
  const answer = await staff.post(`/api/v1/orders/${number}/pack`)
  if (!answer.ok) throw new Error(await answer.text())
  const { deliveries } = (await answer.json()) as { deliveries: { id: string; number: number }[] }
  for (const { id, number: nr } of deliveries)
    await bring(
      { order: { id: '', number, token: '', shopper: staff }, id, number: nr, code: dropOffCode(shop.context.config.appSecret, id) },
      rider,
      'delivered',
    )
  await shop.settle()
}

/** Every table row that still names the person: by text anywhere, in rows that are about them. */
async function rowsNaming(accountId: string, texts: readonly string[]): Promise<string[]> {
  const columns = await shop.database.sql<{ table: string; column: string }[]>`
    select c.table_name as table, c.column_name as column from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'jsonb', 'character varying', 'ARRAY')`
  const found: string[] = []
  for (const { table, column } of columns) {
    for (const text of texts) {
      // The bystander bought under the same marks, which is lawful: only rows that lead to the erased account are asked.
      const rows = await shop.database.sql`
        select to_jsonb(r) as row from ${shop.database.sql(table)} r where ${shop.database.sql(column)}::text like ${`%${text}%`}`
      for (const { row } of rows as unknown as { row: Record<string, unknown> }[])
        if (await isAbout(accountId, table, row)) found.push(`${table}.${column} holds ${text}`)
    }
  }
  return found
}

async function isAbout(accountId: string, table: string, row: Record<string, unknown>): Promise<boolean> {
  if (row['account_id'] === accountId || (table === 'accounts' && row['id'] === accountId)) return true
  const orderId = table === 'orders' ? row['id'] : row['order_id']
  if (typeof orderId !== 'string') return JSON.stringify(row).includes(accountId)
  const [order] = await shop.database.sql`select account_id from orders where id = ${orderId}`
  return order?.['account_id'] === accountId
}
