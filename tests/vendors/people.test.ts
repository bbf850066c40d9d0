import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inviteToken } from '../../src/domain/vendors/people/invite-member.ts'
import { guest, person, type Visitor } from '../support/actors.ts'
import { makePerson, testPassword } from '../support/factories.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { makeVendor, read, refusal } from '../support/vendors.ts'

let shop: TestShop
let clock: FakeClock
let staff: Visitor
beforeAll(async () => {
  clock = fakeClock(new Date().toISOString())
  shop = await openShop({ overrides: { clock } })
  staff = await person(shop, { roles: ['support'] })
})
afterAll(() => shop.close())

const wish = { name: 'Mama Njeri', town: 'Thika', phone: '0712345678', kraPin: 'P051234567X' }
const png = async (side = 300): Promise<Uint8Array> =>
  await new Bun.Image(
    Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
  )
    .resize(side, side, { fit: 'fill' })
    .png()
    .bytes()
const send = async (by: Visitor, id: string, bytes: Uint8Array, options: { name?: string; type?: string; purpose?: string } = {}) => {
  const form = new FormData()
  form.append('file', new File([Buffer.from(bytes)], options.name ?? 'id.png', { type: options.type ?? 'image/png' }))
  return await read(
    shop.fetch(`/api/v1/vendor-applications/${id}/papers?purpose=${options.purpose ?? 'identity'}`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${by.token ?? ''}` },
    }),
  )
}
const pdf = Buffer.from(`%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n${' '.repeat(40)}\ntrailer<</Root 1 0 R>>\n%%EOF\n`)
const decide = async (id: string, body: object, by = staff) => await read(by.post(`/api/v1/admin/vendor-applications/${id}/decision`, body))

describe('an application to sell', () => {
  test('with a paper is approved, and the applicant owns a shop', async () => {
    const njeri = await person(shop, { name: 'Njeri' })
    const { status, body } = await read(njeri.post('/api/v1/vendor-applications', wish))
    expect(status).toBe(201)
    expect(await read(njeri.post('/api/v1/vendor-applications', wish))).toMatchObject({ status: 409, body: { code: 'application_open' } })
    const approved = { decision: 'approved', commissionBasisPoints: 500 }
    expect(await decide(body.id, approved)).toMatchObject({ status: 409, body: { code: 'papers_missing' } })
    expect(await send(njeri, body.id, await png())).toMatchObject({ status: 201 })
    expect((await read(staff.get('/api/v1/admin/vendor-applications'))).body.items).toMatchObject([
      { id: body.id, papers: [{ mediaType: 'image/webp' }] },
    ])
    expect((await decide(body.id, approved)).status).toBe(200)
    expect(await decide(body.id, approved)).toMatchObject({ status: 409, body: { code: 'application_decided' } })
    expect((await read(njeri.get('/api/v1/vendor/profile'))).body).toMatchObject({
      name: 'Mama Njeri',
      slug: 'mama-njeri',
      commissionBasisPoints: 500,
    })
    const actions = await shop.database.sql`select action from audit_log where target = ${body.id} order by id`
    expect(actions.map((row) => row['action'])).toEqual([
      'vendor_application.made',
      'vendor_application.paper_kept',
      'vendor_application.approved',
    ])
  })

  test('that is refused says why, and one may apply again', async () => {
    const otieno = await person(shop)
    const { body } = await read(otieno.post('/api/v1/vendor-applications', wish))
    expect((await decide(body.id, { decision: 'rejected' })).status).toBe(422)
    expect((await decide(body.id, { decision: 'rejected', reason: 'The certificate has expired' })).status).toBe(200)
    expect((await read(otieno.get('/api/v1/vendor-applications'))).body.items).toMatchObject([
      { state: 'rejected', reason: 'The certificate has expired' },
    ])
    expect((await read(otieno.get('/api/v1/notifications'))).status).toBe(200)
    expect((await read(otieno.post('/api/v1/vendor-applications', wish))).status).toBe(201)
  })

  test('of staff is decided by somebody else, and only staff decide', async () => {
    const { body } = await read(staff.post('/api/v1/vendor-applications', wish))
    expect((await decide(body.id, { decision: 'rejected', reason: 'nope' })).status).toBe(403)
    const shopper = await person(shop)
    expect((await decide(body.id, { decision: 'rejected', reason: 'nope' }, shopper)).status).toBe(403)
    for (const kraPin of ['p051234567x', 'P05123456X', '1051234567X'])
      expect((await read(shopper.post('/api/v1/vendor-applications', { ...wish, kraPin }))).status).toBe(422)
  })
})

describe('a paper', () => {
  test('is told by its bytes, kept encrypted, out of the web’s reach, and handed out to staff as a download', async () => {
    const wanja = await person(shop)
    const { body } = await read(wanja.post('/api/v1/vendor-applications', wish))
    expect(
      (await send(wanja, body.id, pdf, { name: '../../public/evil.html', type: 'text/html', purpose: 'kra_certificate' })).status,
    ).toBe(201)
    const [row] = await shop.database.sql`select * from vendor_application_files where application_id = ${body.id}`
    expect(row).toMatchObject({ media_type: 'application/pdf', is_quarantined: true })
    const folder = join(shop.context.config.dataDir, 'vault')
    const kept = readFileSync(join(folder, String(row?.['stored_name'])))
    expect(kept.includes('PDF')).toBe(false)
    expect(readdirSync(folder).every((name) => /^[a-f0-9]{48}$/.test(name))).toBe(true)
    expect(existsSync(join('public', 'evil.html'))).toBe(false)
    for (const path of [`/media/${row?.['stored_name']}`, `/assets/${row?.['stored_name']}`, `/vault/${row?.['stored_name']}`])
      expect((await shop.fetch(path)).status).toBe(404)

    const path = `/api/v1/admin/vendor-applications/${body.id}/papers/${row?.['id']}`
    expect((await wanja.get(path)).status).toBe(403)
    const file = await staff.get(path)
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="kra_certificate-[0-9a-f-]+\.pdf"$/)
    expect(file.headers.get('content-type')).toBe('application/octet-stream')
    expect(file.headers.get('content-security-policy')).toContain('sandbox')
    expect(file.headers.get('x-content-type-options')).toBe('nosniff')
    expect(Buffer.from(await file.arrayBuffer()).equals(pdf)).toBe(true)
    const seen = await shop.database.sql`select 1 from audit_log where target = ${body.id} and action = 'vendor_application.paper_read'`
    expect(seen).toHaveLength(1)
  })

  test('of another kind, cut off, too large, too many or of somebody else’s is refused, and nothing is kept of it', async () => {
    const wanja = await person(shop)
    const { body } = await read(wanja.post('/api/v1/vendor-applications', wish))
    const before = readdirSync(join(shop.context.config.dataDir, 'vault')).length
    const picture = await png()
    const wrong: Uint8Array[] = [
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'.padEnd(100)),
      Buffer.from('<html><script>alert(1)</script>%PDF-1.7 %%EOF'.padEnd(100)),
      Buffer.from('GIF89a'.padEnd(100)),
      picture.subarray(0, picture.length - 20),
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(100), Buffer.from([0xff, 0xd9])]),
      new Uint8Array(0),
      Buffer.from('PK\u0003\u0004'.padEnd(100)),
    ]
    for (const bytes of wrong) expect((await send(wanja, body.id, bytes, { name: 'passport.png' })).body.code).toBe('file_refused')
    expect((await send(wanja, body.id, Buffer.concat([pdf, Buffer.alloc(5 * 1_024 * 1_024)]))).status).toBe(413)
    const stranger = await person(shop)
    expect((await send(stranger, body.id, picture)).status).toBe(404)
    expect((await read(wanja.post(`/api/v1/vendor-applications/${body.id}/papers?purpose=identity`, { file: 'x' }))).status).toBe(415)
    expect(readdirSync(join(shop.context.config.dataDir, 'vault')).length).toBe(before)
    for (let count = 0; count < 3; count++) expect((await send(wanja, body.id, picture)).status).toBe(201)
    expect((await send(wanja, body.id, picture)).body.code).toBe('too_many_files')
  })
})

describe('people of a vendor', () => {
  /** A shop with an owner, and a person with an address. */
  async function scene() {
    const vendorId = await makeVendor(shop, { name: 'Looms' })
    const owner = await person(shop, { member: { vendorId, role: 'owner' } })
    const made = await makePerson(shop.context)
    const { token } = (await read(shop.post('/api/v1/auth/login', { login: made.email, password: testPassword }))).body
    const invite = async (by = owner, body: object = { email: made.email, role: 'staff', scopes: ['orders'] }) =>
      await read(by.post('/api/v1/vendor/invites', body))
    return { vendorId, owner, email: made.email, joiner: guest(shop, token, made.accountId), invite }
  }
  const linkOf = (id: string): string => inviteToken(shop.context.config.appSecret, id)
  const accept = async (by: Visitor, token: string) => await read(by.post('/api/v1/vendor/invites/acceptance', { token }))

  test('join by a link that works once, for their address, and is mailed to it', async () => {
    const { email, joiner, invite, vendorId } = await scene()
    const { body } = await invite()
    await shop.settle()
    const letter = shop.context.mailer.recent().find((mail) => mail.to === email)
    expect(letter?.text).toContain(`/vendor/invites/${linkOf(body.id)}`)
    const [row] = await shop.database.sql`select token_hash from vendor_invites where id = ${body.id}`
    expect(row?.['token_hash']).not.toContain(linkOf(body.id))
    expect(await accept(await person(shop), linkOf(body.id))).toMatchObject({ status: 403 })
    expect((await joiner.get('/api/v1/vendor/orders')).status).toBe(403)
    expect(await accept(joiner, linkOf(body.id))).toMatchObject({ status: 200, body: { vendorId } })
    expect(await accept(joiner, linkOf(body.id))).toMatchObject({ status: 410, body: { code: 'gone' } })
    expect((await joiner.get('/api/v1/vendor/orders')).status).toBe(200)
    expect((await joiner.get('/api/v1/vendor/balance')).status).toBe(403)
  })

  test('cannot join by a link that is old, taken back or replaced', async () => {
    const { owner, joiner, invite } = await scene()
    const first = (await invite()).body.id
    const second = (await invite()).body.id
    expect((await accept(joiner, linkOf(first))).status).toBe(410)
    expect((await owner.send('DELETE', `/api/v1/vendor/invites/${second}`)).status).toBe(200)
    expect((await accept(joiner, linkOf(second))).status).toBe(410)
    const third = (await invite()).body.id
    await shop.database.sql`update vendor_invites set expires_at = ${new Date(clock.now().getTime() - 1).toISOString()} where id = ${third}`
    expect((await accept(joiner, linkOf(third))).status).toBe(410)
    expect((await accept(joiner, 'nonsense-nonsense-nonsense')).status).toBe(410)
  })

  test('are changed and removed at once; the owner stays; nobody gives what they lack', async () => {
    const { owner, joiner, invite, vendorId } = await scene()
    await accept(joiner, linkOf((await invite()).body.id))
    const path = `/api/v1/vendor/members/${joiner.accountId ?? ''}`
    expect((await joiner.send('PUT', path, { role: 'manager', scopes: ['finance'] })).status).toBe(403)
    expect((await owner.send('PUT', path, { role: 'manager', scopes: ['orders'] })).status).toBe(200)
    expect((await invite(joiner, { email: 'x@example.co.ke', role: 'manager', scopes: [] })).status).toBe(403)
    expect((await invite(joiner, { email: 'x@example.co.ke', role: 'staff', scopes: ['finance'] })).status).toBe(403)
    expect((await invite(joiner, { email: 'x@example.co.ke', role: 'staff', scopes: ['orders'] })).status).toBe(201)
    const ownerPath = `/api/v1/vendor/members/${owner.accountId ?? ''}`
    for (const by of [joiner, owner]) expect((await by.send('DELETE', ownerPath)).status).toBe(403)
    expect(await refusal(shop.database.sql`delete from vendor_members where vendor_id = ${vendorId} and role = 'owner'`)).toContain(
      'no owner',
    )
    expect((await owner.send('DELETE', path)).status).toBe(200)
    expect((await joiner.get('/api/v1/vendor/orders')).status).toBe(403)
    expect((await owner.send('DELETE', path)).status).toBe(404)
  })

  test('who are not the owner do not say where the money goes', async () => {
    const { owner, vendorId } = await scene()
    const manager = await person(shop, { member: { vendorId, role: 'manager', scopes: ['finance'] } })
    const payout = { method: 'bank', account: '01-100-0123456789' }
    expect((await manager.send('PATCH', '/api/v1/vendor/profile', { payout })).status).toBe(403)
    expect((await manager.send('PATCH', '/api/v1/vendor/profile', { town: 'Nakuru' })).status).toBe(200)
    expect((await owner.send('PATCH', '/api/v1/vendor/profile', { payout })).status).toBe(200)
    expect((await owner.send('PATCH', '/api/v1/vendor/profile', { payout: { method: 'mpesa', account: '0712' } })).status).toBe(422)
    expect((await owner.send('PATCH', '/api/v1/vendor/profile', { commissionBasisPoints: 0 })).status).toBe(422)
  })
})
