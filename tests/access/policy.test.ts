import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { minutes } from '../../src/lib/time.ts'
import { actorGuard } from '../../src/platform/http/actor-guard.ts'
import { compilePolicies, PolicyError } from '../../src/platform/http/policy.ts'
import { makePerson, testPassword } from '../support/factories.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { formVisitor } from '../support/form-visitor.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const guest = { kind: 'guest', cartTokenHash: undefined } as const
const guard = () => actorGuard(async () => guest)
const problems = (app: { routes: Parameters<typeof compilePolicies>[0] }): readonly string[] => {
  try {
    compilePolicies(app.routes)
    return []
  } catch (error) {
    if (error instanceof PolicyError) return error.problems
    throw error
  }
}

describe('a route does not start', () => {
  test('without a line in the table', () => {
    const app = new Elysia().use(guard()).get('/api/v1/gold', () => 'gold', { as: 'person', detail: { operationId: 'takeGold' } })
    expect(problems(app)).toEqual(["GET /api/v1/gold is not in the table; add a line: takeGold: allow('person', 'read', '<resource>'),"])
  })

  test('without a name', () => {
    expect(problems(new Elysia().get('/api/v1/gold', () => 'gold'))).toEqual([
      'GET /api/v1/gold has no operationId, so nothing says who may use it',
    ])
  })

  test('when its guard lets in others than the table', () => {
    const app = new Elysia().use(guard()).get('/api/v1/admin/accounts', () => [], { as: 'person', detail: { operationId: 'listAccounts' } })
    expect(problems(app)).toEqual(['GET /api/v1/admin/accounts lets in person by its `as`, and the table says admin for listAccounts'])
    expect(problems(new Elysia().get('/api/v1/me', () => 'me', { detail: { operationId: 'me' } }))).toEqual([
      'GET /api/v1/me lets in everybody unasked by its `as`, and the table says person for me',
    ])
  })

  test('as a page of the staff that is open to others, or one that stands for nothing', () => {
    const app = new Elysia()
      .use(guard())
      .get('/admin/money', () => 'money', { as: 'person' })
      .get('/admin/orders', () => 'orders')
      .get('/admin/people', () => 'people', { as: 'staff' })
      .post('/account/gold', () => 'gold', { as: 'person', does: 'takeGold' })
      .post('/account/refund', () => 'gold', { as: 'person', does: 'refundTransaction' })
    expect(problems(app)).toEqual([
      "GET /admin/money is a page of the staff and lets in person; give it `as: 'staff'`",
      "GET /admin/orders is a page of the staff and lets in everybody; give it `as: 'staff'`",
      'POST /account/gold stands for takeGold, which is not in the table',
      'POST /account/refund lets in person, and the table says staff for refundTransaction',
    ])
  })
})

describe('a page that does what a sensitive operation does', () => {
  let shop: TestShop
  let clock: FakeClock
  beforeAll(async () => {
    clock = fakeClock()
    shop = await openShop({ overrides: { clock } })
  })
  afterAll(() => shop.close())

  test('asks for a fresh proof, and goes on where it was', async () => {
    const { email } = await makePerson(shop.context)
    const visitor = formVisitor(shop)
    const signIn = await visitor.get('/account')
    await visitor.send(signIn.form('/account/sign-in'), { login: email, password: testPassword })
    expect((await visitor.raw('/account/export')).status).toBe(200)
    clock.advance(minutes(11))
    const refused = await visitor.get('/account/export')
    expect(refused.status).toBe(403)
    expect(refused.html).toContain('href="/account/confirm?next=%2Faccount%2Fexport"')
    const page = await visitor.get('/account/confirm?next=%2Faccount%2Fexport')
    const wrong = await visitor.send(page.form('/account/confirm'), { password: 'not it' })
    expect(wrong.status).toBe(401)
    const right = await visitor.send(wrong.form('/account/confirm'), { password: testPassword })
    expect([right.status, right.path]).toEqual([200, '/account/export'])
  })

  test('never leads to another site', async () => {
    const { email } = await makePerson(shop.context)
    const visitor = formVisitor(shop)
    const signIn = await visitor.get('/account')
    await visitor.send(signIn.form('/account/sign-in'), { login: email, password: testPassword })
    const page = await visitor.get('/account/confirm?next=https%3A%2F%2Fevil.example')
    expect(page.html).not.toContain('evil.example')
  })
})
