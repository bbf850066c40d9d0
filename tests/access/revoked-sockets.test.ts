import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { packed, paidOrder } from '../delivery/delivery-story.ts'
import { guest, person } from '../support/actors.ts'
import { testPassword } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openSocket } from '../support/socket-probe.ts'

let shop: TestShop
let beside: TestShop
beforeAll(async () => {
  shop = await openShop()
  beside = await openShop({ beside: shop })
})
afterAll(async () => {
  await beside.close()
  await shop.close()
})

/** A shopper who watches their delivery in the other process. */
async function watching() {
  const shopper = await person(shop)
  const staff = await person(shop, { roles: ['support'] })
  const story = await packed(shop, staff, await paidOrder(shop, shopper))
  const socket = await openSocket(`${beside.origin}/ws/delivery/track/${story.id}`, { authorization: `Bearer ${shopper.token}` })
  await socket.atLeast(1)
  return { shopper, socket }
}

describe('a socket of a session that ended', () => {
  test.each([
    ['signs out', (own: ReturnType<typeof guest>) => own.post('/api/v1/auth/logout')],
    [
      'changes the password',
      (own: ReturnType<typeof guest>) => own.post('/api/v1/me/password', { password: testPassword, newPassword: 'mango boda sunrise 7' }),
    ],
  ])('is closed in every process when its owner %s', async (_what, end) => {
    const { shopper, socket } = await watching()
    const [session] = await shop.database
      .sql`select s.id, a.email from sessions s join accounts a on a.id = s.account_id where a.id = ${shopper.accountId ?? ''}`
    // From another session of the same person, unless it is the session itself that goes.
    const second = (await (
      await shop.post('/api/v1/auth/login', { login: session?.['email'] as string, password: testPassword })
    ).json()) as { token: string }
    const answer = await end(_what === 'signs out' ? shopper : guest(shop, second.token))
    expect(answer.status).toBeLessThan(300)
    expect((await socket.closed).code).toBe(4009)
  })

  test('is closed when that session alone is ended from another device', async () => {
    const { shopper, socket } = await watching()
    const [account] = await shop.database.sql`select email from accounts where id = ${shopper.accountId ?? ''}`
    const second = (await (
      await shop.post('/api/v1/auth/login', { login: account?.['email'] as string, password: testPassword })
    ).json()) as { token: string }
    const other = guest(shop, second.token)
    const { items } = (await (await other.get('/api/v1/auth/sessions')).json()) as { items: { id: string; isCurrent: boolean }[] }
    const id = items.find(({ isCurrent }) => !isCurrent)?.id ?? ''
    expect((await other.send('DELETE', `/api/v1/auth/sessions/${id}`)).status).toBe(204)
    expect((await socket.closed).code).toBe(4009)
  })
})
