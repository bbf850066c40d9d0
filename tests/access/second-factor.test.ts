import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Secret, TOTP } from 'otpauth'
import { minutes, seconds } from '../../src/lib/time.ts'
import { codeOf } from '../accounts/account-person.ts'
import { guest, type Visitor } from '../support/actors.ts'
import { makePerson, testPassword } from '../support/factories.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let clock: FakeClock
beforeAll(async () => {
  clock = fakeClock()
  shop = await openShop({ environment: { STAFF_SECOND_FACTOR: 'required' }, overrides: { clock } })
})
afterAll(() => shop.close())

interface Enrolled {
  readonly visitor: Visitor
  readonly email: string
  readonly recoveryCodes: string[]
  code(): string
}

const login = (email: string, code?: string) =>
  shop.post('/api/v1/auth/login', { login: email, password: testPassword, ...(code === undefined ? {} : { code }) })
const tokenOf = async (answer: Response): Promise<string> => ((await answer.json()) as { token: string }).token

/** An account with an authenticator app, as its owner sets it up. */
async function enrolled(roles: string[] = []): Promise<Enrolled> {
  const { email, accountId } = await makePerson(shop.context, { roles })
  const first = guest(shop, await tokenOf(await login(email)), accountId)
  const offer = (await (await first.post('/api/v1/me/second-factor')).json()) as { secret: string; address: string }
  expect(offer.address).toStartWith('otpauth://totp/Rahim%20Online')
  const totp = new TOTP({ secret: Secret.fromBase32(offer.secret) })
  const code = (): string => totp.generate({ timestamp: clock.now().getTime() })
  const answer = await first.post('/api/v1/me/second-factor/confirmation', { code: code() })
  const { token, recoveryCodes } = (await answer.json()) as { token: string; recoveryCodes: string[] }
  // The token before the second factor is worth nothing after it.
  expect((await first.get('/api/v1/me')).status).toBe(401)
  clock.advance(seconds(30))
  return { visitor: guest(shop, token, accountId), email, recoveryCodes, code }
}

describe('a second factor', () => {
  test('is asked for at sign-in, and a code works once', async () => {
    const { email, code } = await enrolled()
    expect(await codeOf(await login(email))).toBe('401 code_required')
    const spent = code()
    expect((await login(email, spent)).status).toBe(200)
    expect(await codeOf(await login(email, spent))).toBe('401 wrong_code')
    clock.advance(seconds(30))
    expect((await login(email, code())).status).toBe(200)
  })

  test('takes one of two people with the same code at the same moment', async () => {
    const { email, code } = await enrolled()
    const answers = await Promise.all([login(email, code()), login(email, code())])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401])
  })

  test('knows a recovery code once, in any way of writing it', async () => {
    const { email, recoveryCodes, visitor } = await enrolled()
    expect(recoveryCodes).toHaveLength(10)
    const [one = '', two = ''] = recoveryCodes
    expect((await login(email, one)).status).toBe(200)
    expect(await codeOf(await login(email, one))).toBe('401 wrong_code')
    expect((await login(email, two.toLowerCase().replaceAll('-', ' '))).status).toBe(200)
    expect(await (await visitor.get('/api/v1/me/second-factor')).json()).toMatchObject({ isOn: true, recoveryCodesLeft: 8 })
  })

  test('keeps its secret sealed and its recovery codes as hashes', async () => {
    const { recoveryCodes, visitor } = await enrolled()
    const [kept] = await shop.database.sql`select sealed_secret from totp_factors where account_id = ${visitor.accountId ?? ''}`
    expect(kept?.['sealed_secret']).toStartWith('v1.')
    const [row] = await shop.database.sql`select count(*)::int as hits from recovery_codes where code_hash = any(${recoveryCodes})`
    expect(row?.['hits']).toBe(0)
  })

  test('is not replaced by somebody who finds the phone open, and goes with a code of its own', async () => {
    const { visitor, code, email } = await enrolled()
    expect(await codeOf(await visitor.post('/api/v1/me/second-factor'))).toBe('409 factor_exists')
    expect(await codeOf(await visitor.post('/api/v1/me/second-factor/removal', { code: '000000' }))).toBe('401 wrong_code')
    const token = await tokenOf(await visitor.post('/api/v1/me/second-factor/removal', { code: code() }))
    expect(await (await guest(shop, token).get('/api/v1/me/second-factor')).json()).toMatchObject({ isOn: false, recoveryCodesLeft: 0 })
    expect((await login(email)).status).toBe(200)
  })

  test('cannot be guessed: failures make the login wait', async () => {
    const { email } = await enrolled()
    for (let guess = 0; guess < 5; guess++) expect(await codeOf(await login(email, '000000'))).toBe('401 wrong_code')
    expect((await login(email, '000000')).status).toBe(429)
  })
})

describe('staff', () => {
  test('act as staff only in a session with a code', async () => {
    const { email } = await makePerson(shop.context, { roles: ['support'] })
    const without = guest(shop, await tokenOf(await login(email)))
    expect(await codeOf(await without.get('/api/v1/admin/transactions'))).toBe('403 second_factor_required')
    expect((await without.get('/api/v1/me')).status).toBe(200)
    expect(await (await without.get('/api/v1/orders?all=true')).json()).toEqual({ items: [], nextCursor: null })
    const { visitor } = await enrolled(['support'])
    expect((await visitor.get('/api/v1/admin/transactions')).status).toBe(200)
  })

  test('are signed out after half an hour without use and after twelve hours with it', async () => {
    const idle = await enrolled(['support'])
    clock.advance(minutes(30) + 1)
    expect((await idle.visitor.get('/api/v1/me')).status).toBe(401)
    const busy = await enrolled(['support'])
    for (let half = 0; half < 35; half++) {
      clock.advance(minutes(20))
      expect((await busy.visitor.get('/api/v1/me')).status).toBe(200)
    }
    clock.advance(minutes(20))
    expect((await busy.visitor.get('/api/v1/me')).status).toBe(401)
  })

  test('prove afresh that it is them before money moves, by a code and not by a password', async () => {
    const { visitor, code } = await enrolled(['support'])
    const refund = () =>
      visitor.post(
        '/api/v1/admin/transactions/0199f3a0-0000-7000-8000-000000000001/refunds',
        { reason: 'torn' },
        { 'idempotency-key': crypto.randomUUID() },
      )
    expect(await codeOf(await refund())).toBe('404 not_found')
    clock.advance(minutes(10) + 1)
    expect(await codeOf(await refund())).toBe('403 step_up_required')
    expect(await codeOf(await visitor.post('/api/v1/auth/step-up', { password: testPassword }))).toBe('401 code_required')
    expect((await visitor.post('/api/v1/auth/step-up', { code: code() })).status).toBe(200)
    expect(await codeOf(await refund())).toBe('404 not_found')
  })

  test('lose what they held at once when an admin takes it', async () => {
    const admin = await enrolled(['admin'])
    const { visitor } = await enrolled(['support'])
    const change = (roles: string[]) => admin.visitor.send('PATCH', `/api/v1/admin/accounts/${visitor.accountId}`, { roles })
    expect((await change([])).status).toBe(200)
    expect((await visitor.get('/api/v1/admin/transactions')).status).toBe(401)
    expect(await codeOf(await admin.visitor.send('PATCH', `/api/v1/admin/accounts/${admin.visitor.accountId}`, { roles: [] }))).toBe(
      '403 not_allowed',
    )
    const [row] = await shop.database
      .sql`select data from audit_log where action = 'account.rights_changed' and target = ${visitor.accountId ?? ''}`
    expect(row?.['data']).toMatchObject({ before: { roles: ['support'] }, after: { roles: [] } })
  })
})
