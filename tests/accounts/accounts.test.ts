import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { days, hours, minutes } from '../../src/lib/time.ts'
import { makeFirstAdmin } from '../../src/domain/accounts/make-first-admin.ts'
import { createLog } from '../../src/platform/log.ts'
import { guest } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { codeOf, goodPassword, lastLetter, registered, tokenIn } from './account-person.ts'

let shop: TestShop
let clock: FakeClock
beforeAll(async () => {
  clock = fakeClock()
  shop = await openShop({ overrides: { clock } })
})
afterAll(() => shop.close())

let serial = 0
const freshEmail = (): string => `mary-${process.pid}-${++serial}@example.co.ke`
const register = (change: Record<string, unknown> = {}) =>
  shop.post('/api/v1/auth/register', { name: 'Mary', password: goodPassword, acceptsTerms: true, ...change })
const login = (login: string, password: string) => shop.post('/api/v1/auth/login', { login, password })

describe('getting an account', () => {
  test('a link in a letter makes the account and signs its owner in, once', async () => {
    const email = freshEmail()
    expect((await register({ email })).status).toBe(202)
    const token = tokenIn(await lastLetter(shop, email))
    expect(await codeOf(await login(email, goodPassword))).toBe('401 wrong_credentials')
    const made = await shop.post('/api/v1/auth/activate', { token })
    expect(made.status).toBe(200)
    expect(made.headers.get('set-cookie')).toContain('HttpOnly; SameSite=Lax')
    expect(await codeOf(await shop.post('/api/v1/auth/activate', { token }))).toBe('410 gone')
    expect((await login(email.toUpperCase(), goodPassword)).status).toBe(200)
  })

  test('a phone number is enough, in any way of writing it', async () => {
    expect((await register({ phone: '+254 711 222 333' })).status).toBe(202)
    await shop.settle()
    const text = shop.context.sms.recent().find(({ to }) => to === '254711222333')?.text ?? ''
    expect((await shop.post('/api/v1/auth/activate', { token: tokenIn(text) })).status).toBe(200)
    expect((await login('0711222333', goodPassword)).status).toBe(200)
  })

  test('the terms are kept with their version and day, offers only where they were wanted', async () => {
    const { accountId } = await registered(shop, freshEmail())
    const kept = await shop.database.sql`select kind, version, is_given from consents where account_id = ${accountId ?? ''} order by kind`
    expect(kept.map((row) => ({ ...row }))).toEqual([
      { kind: 'news', version: '2026-11', is_given: false },
      { kind: 'terms', version: '2026-11', is_given: true },
    ])
    expect((await register({ email: freshEmail(), acceptsTerms: false })).status).toBe(422)
  })

  test('a link opens nothing after a day', async () => {
    const email = freshEmail()
    await register({ email })
    const token = tokenIn(await lastLetter(shop, email))
    clock.advance(hours(24) + 1)
    expect(await codeOf(await shop.post('/api/v1/auth/activate', { token }))).toBe('410 gone')
  })

  test('whoever asks for somebody else’s address leaves no password behind', async () => {
    const email = freshEmail()
    await register({ email, password: 'the thief has a plan' })
    await shop.settle()
    await register({ email, password: goodPassword, name: 'The owner' })
    await shop.settle()
    const [newest] = shop.context.mailer.recent().filter(({ to }) => to === email)
    await shop.post('/api/v1/auth/activate', { token: tokenIn(newest?.text ?? '') })
    expect((await login(email, goodPassword)).status).toBe(200)
    expect(await codeOf(await login(email, 'the thief has a plan'))).toBe('401 wrong_credentials')
  })

  test('an address that has an account gets a note instead of a link, and the stranger hears the same', async () => {
    const email = freshEmail()
    await registered(shop, email)
    const [known, unknown] = [await register({ email }), await register({ email: freshEmail() })]
    expect([known.status, await known.text()]).toEqual([unknown.status, await unknown.text()])
    const letter = await lastLetter(shop, email)
    expect(letter).toContain('It has one already')
    expect(tokenIn(letter)).toBe('')
  })

  test.each([
    ['short', 'mango boda'],
    ['one letter', 'aaaaaaaaaaaaaaaa'],
    ['a run of the keyboard', 'qwertyuiopasdf'],
    ['words of the shop', 'rahimonline2026'],
    ['their own name', 'marymarymary1'],
    ['digits in a row', '123456789012345'],
  ])('a password that is %s is refused', async (_what, password) => {
    expect(await codeOf(await register({ email: freshEmail(), password }))).toBe('422 password_weak')
  })

  test('nothing of the password comes back in a refusal', async () => {
    const answer = await register({ email: freshEmail(), password: 'qwertyuiopasdf' })
    expect(await answer.text()).not.toContain('qwertyuiopasdf')
  })
})

describe('a forgotten password', () => {
  test('is set anew by a link, which ends every session', async () => {
    const email = freshEmail()
    const mary = await registered(shop, email)
    expect((await shop.post('/api/v1/auth/password/forgot', { login: email })).status).toBe(202)
    const token = tokenIn(await lastLetter(shop, email))
    expect((await shop.post('/api/v1/auth/password/reset', { token, password: 'ugali sukuma nyama 9' })).status).toBe(204)
    expect((await mary.get('/api/v1/me')).status).toBe(401)
    expect((await login(email, 'ugali sukuma nyama 9')).status).toBe(200)
    expect(await codeOf(await login(email, goodPassword))).toBe('401 wrong_credentials')
    expect(await codeOf(await shop.post('/api/v1/auth/password/reset', { token, password: 'ugali sukuma nyama 9' }))).toBe('410 gone')
    expect(await lastLetter(shop, email)).toContain('was changed')
  })

  test('answers the same for nobody, whom nothing is sent to', async () => {
    const email = freshEmail()
    await registered(shop, email)
    const nobody = freshEmail()
    const [known, unknown] = [
      await shop.post('/api/v1/auth/password/forgot', { login: email }),
      await shop.post('/api/v1/auth/password/forgot', { login: nobody }),
    ]
    expect([known.status, await known.text()]).toEqual([unknown.status, await unknown.text()])
    await shop.settle()
    expect(shop.context.mailer.recent().some(({ to }) => to === nobody)).toBe(false)
  })

  test('a link is good for half an hour, and a newer one is not needed twice', async () => {
    const email = freshEmail()
    await registered(shop, email)
    await shop.post('/api/v1/auth/password/forgot', { login: email })
    const token = tokenIn(await lastLetter(shop, email))
    clock.advance(minutes(30) + 1)
    expect(await codeOf(await shop.post('/api/v1/auth/password/reset', { token, password: 'ugali sukuma nyama 9' }))).toBe('410 gone')
  })

  test('no token lies in the database or in the outbox', async () => {
    const email = freshEmail()
    await registered(shop, email)
    await shop.post('/api/v1/auth/password/forgot', { login: email })
    const token = tokenIn(await lastLetter(shop, email))
    const [found] = await shop.database.sql`
      select (select count(*) from account_tokens where token_hash = ${token})::int
        + (select count(*) from outbox where payload::text like ${`%${token}%`} or payload::text like ${`%${email}%`})::int as hits`
    expect(found?.['hits']).toBe(0)
  })
})

describe('sessions', () => {
  test('are listed, and each can be ended by its owner alone', async () => {
    const email = freshEmail()
    const here = await registered(shop, email)
    const other = (await (await login(email, goodPassword)).json()) as { token: string }
    const stranger = await registered(shop, freshEmail())
    const { items } = (await (await here.get('/api/v1/auth/sessions')).json()) as { items: { id: string; isCurrent: boolean }[] }
    expect(items.filter(({ isCurrent }) => isCurrent)).toHaveLength(1)
    expect(items).toHaveLength(2)
    const foreign = items.find(({ isCurrent }) => !isCurrent)?.id ?? ''
    expect(await codeOf(await stranger.send('DELETE', `/api/v1/auth/sessions/${foreign}`))).toBe('404 not_found')
    expect((await here.send('DELETE', `/api/v1/auth/sessions/${foreign}`)).status).toBe(204)
    expect((await guest(shop, other.token).get('/api/v1/me')).status).toBe(401)
    expect((await here.get('/api/v1/me')).status).toBe(200)
  })

  test('all others end at once', async () => {
    const email = freshEmail()
    const here = await registered(shop, email)
    const others = await Promise.all([1, 2].map(async () => ((await (await login(email, goodPassword)).json()) as { token: string }).token))
    expect(await (await here.send('DELETE', '/api/v1/auth/sessions')).json()).toEqual({ ended: 2 })
    for (const token of others) expect((await guest(shop, token).get('/api/v1/me')).status).toBe(401)
  })

  test('a changed password gives this session a new token and ends the others', async () => {
    const email = freshEmail()
    const here = await registered(shop, email)
    const other = (await (await login(email, goodPassword)).json()) as { token: string }
    const answer = await here.post('/api/v1/me/password', { password: goodPassword, newPassword: 'ugali sukuma nyama 9' })
    const renewed = (await answer.json()) as { token: string }
    for (const token of [here.token, other.token]) expect((await guest(shop, token).get('/api/v1/me')).status).toBe(401)
    expect((await guest(shop, renewed.token).get('/api/v1/me')).status).toBe(200)
  })

  test('end after two weeks without use and after thirty days with it', async () => {
    const unused = await registered(shop, freshEmail())
    const used = await registered(shop, freshEmail())
    for (let day = 0; day < 29; day++) {
      clock.advance(days(1))
      expect((await used.get('/api/v1/me')).status).toBe(200)
    }
    expect((await unused.get('/api/v1/me')).status).toBe(401)
    clock.advance(days(1) + 1)
    expect((await used.get('/api/v1/me')).status).toBe(401)
  })

  test('a token that was never given out opens nothing, and a given one is kept as a hash', async () => {
    const mary = await registered(shop, freshEmail())
    expect((await guest(shop, 'A'.repeat(32)).get('/api/v1/me')).status).toBe(401)
    const [row] = await shop.database.sql`select count(*)::int as hits from sessions where token_hash = ${mary.token ?? ''}`
    expect(row?.['hits']).toBe(0)
  })
})

describe('guessing', () => {
  test('after five failures a login has to wait, longer each time, whether or not it exists', async () => {
    const email = freshEmail()
    await registered(shop, email)
    for (const who of [email, freshEmail()]) {
      for (let attempt = 0; attempt < 5; attempt++) expect(await codeOf(await login(who, 'not the password'))).toBe('401 wrong_credentials')
      const refused = await login(who, goodPassword)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    }
  })
})

describe('a sign-in', () => {
  test('is told in the log, right or wrong, without what was typed', async () => {
    const lines: string[] = []
    const loud = await openShop({ beside: shop, overrides: { clock, log: createLog('info', { write: (line) => void lines.push(line) }) } })
    const email = freshEmail()
    await registered(shop, email)
    await loud.post('/api/v1/auth/login', { login: email, password: 'typed-in-the-wrong-field' })
    await loud.post('/api/v1/auth/login', { login: email, password: goodPassword })
    await loud.close()
    const events = lines.map((line) => JSON.parse(line) as { event?: string }).flatMap(({ event }) => event ?? [])
    expect(events).toEqual(['sign_in_refused', 'sign_in'])
    for (const typed of [email, goodPassword, 'typed-in-the-wrong-field']) expect(lines.join('')).not.toContain(typed)
  })
})

describe('the contact of an account', () => {
  test('changes when the new address has said yes, and the old one is told', async () => {
    const email = freshEmail()
    const mary = await registered(shop, email)
    const next = freshEmail()
    expect(await codeOf(await mary.post('/api/v1/me/contacts', { contact: next, password: 'wrong' }))).toBe('401 wrong_credentials')
    expect((await mary.post('/api/v1/me/contacts', { contact: next, password: goodPassword })).status).toBe(202)
    const token = tokenIn(await lastLetter(shop, next))
    expect(await (await mary.get('/api/v1/me')).json()).toMatchObject({ email })
    const stranger = await registered(shop, freshEmail())
    expect(await codeOf(await stranger.post('/api/v1/me/contacts/confirm', { token }))).toBe('410 gone')
    expect(await (await mary.post('/api/v1/me/contacts/confirm', { token })).json()).toMatchObject({ email: next })
    expect(await lastLetter(shop, email)).toContain('was changed')
  })

  test('cannot become somebody else’s, and the answer does not say so', async () => {
    const taken = freshEmail()
    await registered(shop, taken)
    const mary = await registered(shop, freshEmail())
    expect((await mary.post('/api/v1/me/contacts', { contact: taken, password: goodPassword })).status).toBe(202)
    const token = tokenIn(await lastLetter(shop, taken))
    expect(await codeOf(await mary.post('/api/v1/me/contacts/confirm', { token }))).toBe('410 gone')
  })
})

describe('a shop without an admin', () => {
  test('gets its first one by a link, of two at once one, and no second one', async () => {
    const email = freshEmail()
    const made = await Promise.allSettled([
      makeFirstAdmin(shop.context, { email, name: 'First' }),
      makeFirstAdmin(shop.context, { email: freshEmail(), name: 'Second' }),
    ])
    const tokens = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(tokens).toHaveLength(1)
    expect((await shop.post('/api/v1/auth/password/reset', { token: tokens[0], password: goodPassword })).status).toBe(204)
    const [row] = await shop.database.sql`select email from accounts where 'admin' = any(roles)`
    const { token } = (await (await login(row?.['email'] as string, goodPassword)).json()) as { token: string }
    expect((await guest(shop, token).get('/api/v1/admin/accounts')).status).toBe(200)
  })
})
