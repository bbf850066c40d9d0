import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Viewer, watchRight, type WatchRight } from '../../src/domain/delivery/watch-right.ts'
import { sha256Hex } from '../../src/lib/signature.ts'
import { person, type Visitor } from '../support/actors.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { newRider, packed, paidOrder, type Story } from './delivery-story.ts'

// Random lives of a delivery, played through the API. After every step the rule is compared, viewer by viewer, with a model that
// knows only what the steps said.
type Step =
  | 'assign first'
  | 'assign second'
  | 'unassign'
  | 'pickup'
  | 'depart'
  | 'arrive'
  | 'fail'
  | 'deliver'
  | 'sign out first'
  | 'sign in first'
  | 'demote second'
  | 'promote second'
  | 'suspend vendor'
  | 'restore vendor'
const steps: readonly Step[] = [
  'assign first',
  'assign second',
  'unassign',
  'pickup',
  'depart',
  'arrive',
  'fail',
  'deliver',
  'sign out first',
  'sign in first',
  'demote second',
  'promote second',
  'suspend vendor',
  'restore vendor',
]

interface Model {
  driver: 'first' | 'second' | undefined
  isOver: boolean
  isFirstSignedIn: boolean
  isSecondDriver: boolean
  isVendorOpen: boolean
}

let shop: TestShop
let cast: Record<'first' | 'second' | 'staff' | 'vendor' | 'mute' | 'rival' | 'owner' | 'stranger', Visitor & { sessionId: string }>

beforeAll(async () => {
  shop = await openShop()
  const { vendorId } = shop.catalogue
  const rivalId = shop.context.ids.next()
  await shop.database.sql`insert into vendors (id, slug, name, status) values (${rivalId}, 'rival', 'Rival', 'approved')`
  const member = (id: string, scopes: string[]) => ({ member: { vendorId: id, role: 'staff' as const, scopes } })
  const withSession = async (made: Promise<Visitor>) => {
    const visitor = await made
    const [row] = await shop.database.sql`select id from sessions where account_id = ${visitor.accountId ?? ''}`
    return { ...visitor, sessionId: row?.['id'] as string }
  }
  const [first, second, staff, vendor, mute, rival, owner, stranger] = await Promise.all([
    withSession(newRider(shop)),
    withSession(newRider(shop)),
    withSession(person(shop, { roles: ['admin'] })),
    withSession(person(shop, member(vendorId, ['delivery']))),
    withSession(person(shop, member(vendorId, ['catalog', 'orders', 'finance']))),
    withSession(person(shop, member(rivalId, ['delivery']))),
    withSession(person(shop)),
    withSession(person(shop)),
  ])
  cast = { first, second, staff, vendor, mute, rival, owner, stranger }
})
afterAll(() => shop.close())

test('who may watch, and who no longer may, after any history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 14 }), async (history) => {
      await restore()
      const order = await paidOrder(shop, cast.owner)
      await shop.database.sql`update drivers set is_on_duty = false`
      const story = await packed(shop, cast.staff, order)
      await shop.database.sql`update drivers set is_on_duty = true`
      const model: Model = { driver: undefined, isOver: false, isFirstSignedIn: true, isSecondDriver: true, isVendorOpen: true }
      for (const step of history) {
        await play(story, step, model)
        await compare(story, model)
      }
    }),
    { numRuns: 20 },
  )
}, 60_000)

async function restore(): Promise<void> {
  await shop.database.sql`update sessions set revoked_at = null`
  await shop.database.sql`update accounts set roles = '{driver}' where id = ${cast.second.accountId ?? ''}`
  await shop.database.sql`update vendors set status = 'approved'`
}

async function play(story: Story, step: Step, model: Model): Promise<void> {
  const ask = async (verb: string, body?: object): Promise<boolean> =>
    (await cast.staff.post(`/api/v1/deliveries/${story.id}/${verb}`, body)).status === 200
  const second = cast.second.accountId ?? ''
  if (step === 'assign first' || step === 'assign second') {
    const who = step === 'assign first' ? 'first' : 'second'
    if (await ask('assign', { driverId: cast[who].accountId })) model.driver = who
  } else if (step === 'unassign') {
    if (await ask('unassign', {})) model.driver = undefined
  } else if (step === 'deliver') {
    if (await ask('deliver', { code: '' })) model.isOver = true
  } else if (step === 'fail') {
    await ask('fail', { reason: 'no_answer' })
  } else if (step === 'sign out first' || step === 'sign in first') {
    model.isFirstSignedIn = step === 'sign in first'
    await shop.database
      .sql`update sessions set revoked_at = ${model.isFirstSignedIn ? null : new Date().toISOString()} where id = ${cast.first.sessionId}`
  } else if (step === 'demote second' || step === 'promote second') {
    model.isSecondDriver = step === 'promote second'
    await shop.database.sql`update accounts set roles = ${model.isSecondDriver ? '{driver}' : '{}'}::text[] where id = ${second}`
  } else if (step === 'suspend vendor' || step === 'restore vendor') {
    model.isVendorOpen = step === 'restore vendor'
    await shop.database
      .sql`update vendors set status = ${model.isVendorOpen ? 'approved' : 'suspended'} where id = ${shop.catalogue.vendorId}`
  } else {
    await ask(step)
  }
}

async function compare(story: Story, model: Model): Promise<void> {
  const yes = (role: string) => ({ may: true, role, isEnded: model.isOver })
  const forbidden = { may: false, why: 'forbidden' }
  const expected: Record<string, unknown> = {
    first: !model.isFirstSignedIn ? { may: false, why: 'signed_out' } : model.driver === 'first' ? yes('driver') : forbidden,
    second: model.driver === 'second' && model.isSecondDriver ? yes('driver') : forbidden,
    staff: yes('staff'),
    vendor: model.isVendorOpen ? yes('vendor') : forbidden,
    mute: forbidden,
    rival: forbidden,
    owner: yes('owner'),
    stranger: forbidden,
    link: yes('link'),
    'wrong link': forbidden,
  }
  const viewers: Record<string, Viewer> = {
    ...Object.fromEntries(Object.entries(cast).map(([name, { sessionId }]) => [name, { kind: 'session', sessionId } as const])),
    link: { kind: 'link', tokenHash: sha256Hex(story.order.token) },
    'wrong link': { kind: 'link', tokenHash: sha256Hex('somebody else’s') },
  }
  const actual: Record<string, WatchRight> = {}
  for (const [name, viewer] of Object.entries(viewers))
    actual[name] = await watchRight(shop.context.db, shop.context.clock.now(), story.id, viewer)
  expect(actual as Record<string, unknown>).toEqual(expected)
}
