import { afterAll, beforeAll, expect, test } from 'bun:test'
import { appointFirstAdmin } from '../../src/domain/accounts/appoint-first-admin.ts'
import type { Refusal } from '../../src/lib/refusal.ts'
import { guest } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { goodPassword } from './account-person.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

test('the first admin sets a password by a link that works once, and of many who try at once one is made', async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 10 }, (_, at) => appointFirstAdmin(shop.context, { email: `Asha${at}@rahim.co.ke`, name: 'Asha Mwangi' })),
  )
  const [token, ...more] = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  expect(more).toEqual([])
  expect(tries.flatMap((each) => (each.status === 'rejected' ? [(each.reason as Refusal).code] : []))).toEqual(Array(9).fill('conflict'))
  const [account] = await shop.database.sql<
    { email: string; password_hash: string | null }[]
  >`select email, password_hash from accounts where roles = '{admin}'`
  expect(account?.password_hash).toBeNull()

  expect((await shop.post('/api/v1/auth/password/reset', { token, password: goodPassword })).status).toBe(204)
  expect((await shop.post('/api/v1/auth/password/reset', { token, password: goodPassword })).status).toBe(410)
  const answer = await shop.post('/api/v1/auth/login', { login: account?.email, password: goodPassword })
  const { token: session } = (await answer.json()) as { token: string }
  expect((await guest(shop, session).get('/api/v1/me')).status).toBe(200)
})
