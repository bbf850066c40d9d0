import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { hmacHex, sha256Hex } from '../../src/lib/signature.ts'
import { days, minutes } from '../../src/lib/time.ts'
import { codeOf } from '../accounts/account-person.ts'
import { packed, paidOrder } from '../delivery/delivery-story.ts'
import { guest, person, type Visitor } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let clock: FakeClock
let owner: Visitor
beforeAll(async () => {
  clock = fakeClock()
  shop = await openShop({ overrides: { clock } })
})
afterAll(() => shop.close())

interface MadeKey {
  readonly id: string
  readonly keyId: string
  readonly key: string
  readonly signingSecret: string
}

async function make(change: Record<string, unknown> = {}): Promise<MadeKey> {
  owner = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'manager', scopes: ['delivery', 'orders', 'catalog'] } })
  const answer = await owner.post('/api/v1/api-keys', { name: 'Sync', scopes: ['deliveries:read', 'deliveries:write'], ...change })
  if (answer.status !== 201) throw new Error(await answer.text())
  return (await answer.json()) as MadeKey
}

describe('an API key', () => {
  test('is shown once, listed by its first letters, and kept as a hash', async () => {
    const { key, keyId } = await make()
    expect(key).toStartWith(keyId)
    const list = await (await owner.get('/api/v1/api-keys')).text()
    expect(list).toContain(keyId)
    expect(list).not.toContain(key)
    const [row] = await shop.database.sql`select key_hash from api_keys where prefix = ${keyId}`
    expect(row?.['key_hash']).toBe(sha256Hex(key))
  })

  test('opens what its scopes say, of its vendor alone', async () => {
    const { key } = await make()
    const program = guest(shop, key)
    const staff = await person(shop, { roles: ['support'] })
    const story = await packed(shop, staff, await paidOrder(shop))
    expect((await program.get(`/api/v1/deliveries/${story.id}`)).status).toBe(200)
    expect(await codeOf(await program.get('/api/v1/vendor/profile'))).toBe('403 scope_missing')
    expect(await codeOf(await program.get('/api/v1/me'))).toBe('403 scope_missing')
    expect(await codeOf(await program.post('/api/v1/api-keys', { name: 'x', scopes: ['orders:read'] }))).toBe('403 scope_missing')
  })

  test('never does more than its maker may on the day', async () => {
    const { key } = await make({ scopes: ['catalog:read'] })
    const program = guest(shop, key)
    expect((await program.get('/api/v1/vendor/profile')).status).toBe(200)
    await shop.database.sql`update vendor_members set is_active = false where account_id = ${owner.accountId ?? ''}`
    expect((await program.get('/api/v1/vendor/profile')).status).toBe(403)
    await shop.database.sql`update accounts set status = 'disabled' where id = ${owner.accountId ?? ''}`
    expect(await codeOf(await program.get('/api/v1/vendor/profile'))).toBe('401 signature_invalid')
  })

  test('ends when its owner says so and when its time is over; nobody else ends it', async () => {
    const { id, key } = await make({ scopes: ['catalog:read'] })
    const program = guest(shop, key)
    expect(await codeOf(await (await person(shop)).send('DELETE', `/api/v1/api-keys/${id}`))).toBe('404 not_found')
    expect((await program.get('/api/v1/vendor/profile')).status).toBe(200)
    expect((await owner.send('DELETE', `/api/v1/api-keys/${id}`)).status).toBe(204)
    expect(await codeOf(await program.get('/api/v1/vendor/profile'))).toBe('401 signature_invalid')
    const brief = await make({ scopes: ['catalog:read'], days: 1 })
    clock.advance(days(1) + 1)
    expect(await codeOf(await guest(shop, brief.key).get('/api/v1/vendor/profile'))).toBe('401 signature_invalid')
  })

  test('notes when it was last used', async () => {
    const { key, id } = await make({ scopes: ['catalog:read'] })
    await guest(shop, key).get('/api/v1/vendor/profile')
    const { items } = (await (await owner.get('/api/v1/api-keys')).json()) as { items: { id: string; lastUsedAt: string | null }[] }
    expect(items.find((item) => item.id === id)?.lastUsedAt).toBe(clock.now().toISOString())
  })

  test('is made by who runs the shop, with a fresh proof', async () => {
    const helper = await person(shop, { member: { vendorId: shop.catalogue.vendorId, role: 'staff', scopes: ['catalog'] } })
    expect(await codeOf(await helper.post('/api/v1/api-keys', { name: 'x', scopes: ['catalog:read'] }))).toBe('403 not_allowed')
    await make()
    clock.advance(minutes(11))
    expect(await codeOf(await owner.post('/api/v1/api-keys', { name: 'x', scopes: ['catalog:read'] }))).toBe('403 step_up_required')
  })
})

describe('a signed request', () => {
  const path = '/api/v1/vendor/profile?vendorId='
  const sign = (made: MadeKey, change: { method?: string; path?: string; at?: Date; body?: string; secret?: string } = {}) => {
    const timestamp = String(Math.floor((change.at ?? clock.now()).getTime() / 1_000))
    const text = [timestamp, change.method ?? 'GET', change.path ?? `${path}${shop.catalogue.vendorId}`, sha256Hex(change.body ?? '')].join(
      '\n',
    )
    return { 'x-key-id': made.keyId, 'x-timestamp': timestamp, 'x-signature': hmacHex('sha256', change.secret ?? made.signingSecret, text) }
  }
  const ask = (headers: Record<string, string>) => shop.fetch(`${path}${shop.catalogue.vendorId}`, { headers })
  let made: MadeKey
  beforeAll(async () => {
    made = await make({ scopes: ['catalog:read', 'deliveries:write'], isSigning: true })
  })

  test('opens once what the secret was told for', async () => {
    expect(made.key).toBeNull()
    const headers = sign(made)
    expect((await ask(headers)).status).toBe(200)
    expect(await codeOf(await ask(headers))).toBe('401 signature_invalid')
  })

  test.each([
    ['another path', { path: '/api/v1/vendor/memberships' }],
    ['another method', { method: 'POST' }],
    ['another body', { body: '{}' }],
    ['another secret', { secret: 'x'.repeat(32) }],
    ['six minutes ago', { at: new Date('2026-11-24T08:54:00Z') }],
  ])('is refused when it was signed for %s', async (_what, change) => {
    const late = 'at' in change ? { at: new Date(clock.now().getTime() - minutes(6)) } : change
    expect(await codeOf(await ask(sign(made, late)))).toBe('401 signature_invalid')
  })

  test('covers its body to the byte', async () => {
    const target = `/api/v1/deliveries/0199f3a0-0000-7000-8000-000000000001/assign`
    const body = '{"driverId":"0199f3a0-0000-7000-8000-000000000002"}'
    const send = (sent: string) =>
      shop.fetch(target, {
        method: 'POST',
        body: sent,
        headers: { 'content-type': 'application/json', ...sign(made, { method: 'POST', path: target, body }) },
      })
    expect(await codeOf(await send(body.replace('{', '{ ')))).toBe('401 signature_invalid')
    expect(await codeOf(await send(body))).toBe('404 not_found')
  })

  test('is the only way in for a key that signs, and its secret is sealed at rest', async () => {
    const [row] = await shop.database.sql`select sealed_signing_secret, key_hash from api_keys where prefix = ${made.keyId}`
    expect(row?.['sealed_signing_secret']).toStartWith('v1.')
    expect(JSON.stringify(row)).not.toContain(made.signingSecret)
    expect((await guest(shop, `${made.keyId}_${'a'.repeat(43)}`).get(path)).status).toBe(401)
  })
})
