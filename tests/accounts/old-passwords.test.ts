import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { accounts } from '../../src/domain/accounts/account.table.ts'
import { hashPassword } from '../../src/domain/accounts/hash-password.ts'
import { verifyPassword } from '../../src/domain/accounts/verify-password.ts'
import { openShop, type TestShop } from '../support/shop.ts'

// Made by Django's published method: base64(PBKDF2-HMAC-SHA256(password, salt, rounds)). The first stands in Django's own tests.
const vectors = [
  ['lètmein', 'pbkdf2_sha256$1000000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps='],
  ['karibu 2019', 'pbkdf2_sha256$600000$Zk3mQx81$n63fhqIbCvhG61PBp3HldqVcPItvmrOVn/WlVLu659k='],
  ['nenosiri la zamani', 'pbkdf2_sha256$1000$chumvi$f5qqrfcwmg6QZXZmERaNWQjCko42YScD0CQwHSu8k2E='],
] as const

describe('a password hash of the old shop', () => {
  test.each(vectors)('%s matches its own hash and no other', async (password, hash) => {
    expect(await verifyPassword(password, hash)).toBe(true)
    expect(await verifyPassword(`${password} `, hash)).toBe(false)
  })

  test('that is malformed, asks for too much or is none compares as wrong', async () => {
    const [, good] = vectors[2]
    const bad = [
      '!',
      '',
      'pbkdf2_sha256$',
      good.slice(0, -2),
      good.replace('1000', '0'),
      good.replace('1000', '9999999'),
      good.replace('$chumvi', ''),
      good.replace('sha256', 'sha1'),
    ]
    for (const hash of [...bad, null, undefined]) expect(await verifyPassword('nenosiri la zamani', hash)).toBe(false)
  })

  test('does not stand in for another: a decoy never lets anybody in', async () => {
    const [password, old] = vectors[2]
    expect(await verifyPassword(password, null, old)).toBe(false)
    expect(await verifyPassword(password, undefined, old)).toBe(false)
    expect(await verifyPassword(password, await hashPassword('another'), old)).toBe(false)
    expect(await verifyPassword('another', await hashPassword('another'), old)).toBe(true)
  })
})

describe('signing in with a password of the old shop', () => {
  let shop: TestShop
  const [password, old] = vectors[1]
  beforeAll(async () => {
    shop = await openShop()
    await shop.context.db
      .insert(accounts)
      .values({ id: shop.context.ids.next(), email: 'old@example.co.ke', name: 'Old Friend', passwordHash: old })
  })
  afterAll(() => shop.close())
  const signIn = (secret: string): Promise<Response> => shop.post('/api/v1/auth/login', { login: 'old@example.co.ke', password: secret })
  const stored = async (): Promise<string | null | undefined> =>
    (await shop.context.db.select({ hash: accounts.passwordHash }).from(accounts).where(eq(accounts.email, 'old@example.co.ke')))[0]?.hash

  test('a wrong one is refused and changes nothing', async () => {
    expect((await signIn('karibu 2020')).status).toBe(401)
    expect(await stored()).toBe(old)
  })

  test('the right one is let in and kept as argon2id from then on', async () => {
    expect((await signIn(password)).status).toBe(200)
    expect(await stored()).toStartWith('$argon2id$')
    expect((await signIn(password)).status).toBe(200)
    expect((await signIn('karibu 2020')).status).toBe(401)
  })

  test('while an old hash is left, nobody can tell it, a new one and none at all apart by the delay', async () => {
    await shop.context.db.insert(accounts).values([
      { id: shop.context.ids.next(), email: 'older@example.co.ke', name: 'Older Friend', passwordHash: old },
      { id: shop.context.ids.next(), email: 'inactive@example.co.ke', name: 'Not Yet', passwordHash: old, status: 'disabled' },
    ])
    const fastest = new Map<string, number>()
    // In turns, so that a busy moment of the machine slows all of them; the fastest of each is compared.
    for (let round = 0; round < 6; round++) {
      for (const name of ['older', 'old', 'inactive', 'nobody']) {
        // Guessing is slowed down after five failures, which is not what is measured here.
        await shop.context.backoff.clear(`login:${name}@example.co.ke`)
        const began = performance.now()
        expect((await shop.post('/api/v1/auth/login', { login: `${name}@example.co.ke`, password: 'karibu 2020' })).status).toBe(401)
        fastest.set(name, Math.min(fastest.get(name) ?? Number.POSITIVE_INFINITY, performance.now() - began))
      }
    }
    const times = [...fastest.values()]
    // An old hash alone takes several times as long as a new one.
    expect(Math.max(...times) / Math.min(...times)).toBeLessThan(2)
  }, 60_000)
})
