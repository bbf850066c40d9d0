import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { deliveryChannel, type PositionFacts } from '../../src/domain/delivery/delivery.facts.ts'
import { type DeliveryState, deliveryStates, visibleDeliveryStates } from '../../src/domain/delivery/delivery.states.ts'
import { person, type Visitor } from '../support/actors.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { openSocket, type SocketProbe } from '../support/socket-probe.ts'
import { newRider, packed, paidOrder, type Story } from './delivery-story.ts'

/**
 * Random lives of a delivery, played over two processes of one shop: by the API, and by changes nobody tells the hub of. Five
 * seconds of the shop's clock after each of them, positions are told from both processes, and every viewer's socket is compared
 * with a model that knows only what the steps said.
 */
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
  | 'silence member'
  | 'hear member'
  | 'demote staff'
  | 'promote staff'
  | 'lock owner'
  | 'unlock owner'
  | 'revoke share'
  | 'expire other share'
const steps: readonly [number, Step][] = [
  [4, 'assign first'],
  [4, 'assign second'],
  [3, 'unassign'],
  [4, 'pickup'],
  [4, 'depart'],
  [2, 'arrive'],
  [2, 'fail'],
  [1, 'deliver'],
  [2, 'sign out first'],
  [3, 'sign in first'],
  [2, 'demote second'],
  [3, 'promote second'],
  [2, 'suspend vendor'],
  [3, 'restore vendor'],
  [2, 'silence member'],
  [3, 'hear member'],
  [2, 'demote staff'],
  [3, 'promote staff'],
  [2, 'lock owner'],
  [3, 'unlock owner'],
  [1, 'revoke share'],
  [1, 'expire other share'],
]
const wantedChecks = 20_000
const probesAStep = 3

interface Model {
  driver: 'first' | 'second' | undefined
  state: DeliveryState
  isFirstSignedIn: boolean
  isSecondDriver: boolean
  isVendorOpen: boolean
  isMemberScoped: boolean
  isStaffStaff: boolean
  isOwnerActive: boolean
  isShareGood: boolean
  isOtherShareGood: boolean
}

const viewers = ['first', 'second', 'staff', 'member', 'mute', 'owner', 'stranger', 'link', 'share', 'other share', 'wrong link'] as const
type ViewerName = (typeof viewers)[number]
type Role = 'inside' | 'shopper' | undefined

/** As what the model lets somebody watch. */
function roleOf(viewer: ViewerName, model: Model): Role {
  switch (viewer) {
    case 'first':
      return model.isFirstSignedIn && model.driver === 'first' ? 'inside' : undefined
    case 'second':
      return model.isSecondDriver && model.driver === 'second' ? 'inside' : undefined
    case 'staff':
      return model.isStaffStaff ? 'inside' : undefined
    case 'member':
      return model.isVendorOpen && model.isMemberScoped ? 'inside' : undefined
    case 'owner':
      return model.isOwnerActive ? 'shopper' : undefined
    case 'link':
      return 'shopper'
    case 'share':
      return model.isShareGood ? 'shopper' : undefined
    case 'other share':
      return model.isOtherShareGood ? 'shopper' : undefined
    case 'mute':
    case 'stranger':
    case 'wrong link':
      return undefined
  }
}

const mayHear = (viewer: ViewerName, model: Model): boolean => {
  const role = roleOf(viewer, model)
  if (role === undefined || deliveryStates.isFinal(model.state)) return false
  return role === 'inside' || visibleDeliveryStates.includes(model.state)
}

type Person = Visitor & { sessionId: string }
let clock: FakeClock
let shops: readonly [TestShop, TestShop]
let boss: Visitor
let cast: Record<'first' | 'second' | 'staff' | 'member' | 'mute' | 'owner' | 'stranger', Person>
let checks = 0

beforeAll(async () => {
  clock = fakeClock()
  const options = { overrides: { clock }, environment: { SOCKETS_PER_ADDRESS: '100000', SOCKETS_PER_USER: '1000' } }
  const here = await openShop(options)
  const there = await openShop({ ...options, beside: here })
  shops = [here, there]
  for (const shop of shops) shop.context.outbox.start()
  const member = (scopes: string[]) => ({ member: { vendorId: here.catalogue.vendorId, role: 'staff' as const, scopes } })
  const withSession = async (made: Promise<Visitor>): Promise<Person> => {
    const visitor = await made
    const [row] = await here.database.sql`select id from sessions where account_id = ${visitor.accountId ?? ''}`
    return { ...visitor, sessionId: row?.['id'] as string }
  }
  boss = await person(here, { roles: ['admin'] })
  const [first, second, staff, dispatcher, mute, owner, stranger] = await Promise.all([
    withSession(newRider(here)),
    withSession(newRider(here)),
    withSession(person(here, { roles: ['support'] })),
    withSession(person(here, member(['delivery']))),
    withSession(person(here, member(['catalog', 'orders', 'finance']))),
    withSession(person(here)),
    withSession(person(here)),
  ])
  cast = { first, second, staff, member: dispatcher, mute, owner, stranger }
})
afterAll(async () => {
  await shops[1].close()
  await shops[0].close()
})

test('after any history nobody hears what they may not, and everybody else hears everything', async () => {
  let histories = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary: fc.constant(arbitrary) }))), fc.nat(1)), {
        minLength: 12,
        maxLength: 12,
      }),
      async (history) => {
        // As many histories as it takes; those that end early look at less.
        if (checks >= wantedChecks) return
        histories += 1
        await playHistory(history)
      },
    ),
    { numRuns: 400, endOnFailure: true },
  )
  expect(checks).toBeGreaterThanOrEqual(wantedChecks)
  process.stdout.write(`${checks} checks in ${histories} histories over two processes\n`)
}, 280_000)

async function playHistory(history: readonly (readonly [Step, number])[]): Promise<void> {
  const [here] = shops
  await restore()
  await here.database.sql`update drivers set is_on_duty = false`
  const story = await packed(here, boss, await paidOrder(here, cast.owner))
  await here.database.sql`update drivers set is_on_duty = true`
  const share = async (): Promise<{ id: string; token: string }> =>
    (await (await boss.post(`/api/v1/deliveries/${story.id}/share`, {})).json()) as { id: string; token: string }
  const audience = new Audience(story, { share: await share(), 'other share': await share() })
  const model: Model = {
    driver: undefined,
    state: 'pending',
    isFirstSignedIn: true,
    isSecondDriver: true,
    isVendorOpen: true,
    isMemberScoped: true,
    isStaffStaff: true,
    isOwnerActive: true,
    isShareGood: true,
    isOtherShareGood: true,
  }
  await audience.admit(model, 0)
  await audience.probe(model)
  for (const [step, where] of history) {
    await play(story, step, model, audience)
    await audience.settle(model)
    if (deliveryStates.isFinal(model.state)) break
    await audience.admit(model, where)
    for (let probe = 0; probe < probesAStep; probe++) await audience.probe(model)
  }
  await audience.leave()
}

/** The sockets of all who want to watch, some here and some there, and what each has been told. */
class Audience {
  readonly shares: Record<'share' | 'other share', { id: string; token: string }>
  readonly #story: Story
  readonly #sockets = new Map<ViewerName, { socket: SocketProbe; at: 0 | 1 }>()
  /** Somebody who is always let in, in each process: what they have heard, the process has told. */
  readonly #ears: Promise<SocketProbe>[]
  #version = 0

  constructor(story: Story, shares: Record<'share' | 'other share', { id: string; token: string }>) {
    this.#story = story
    this.shares = shares
    this.#ears = shops.map(async (shop) => {
      const ear = await openSocket(this.#url(shop, ''), { authorization: `Bearer ${boss.token}` })
      await ear.atLeast(1)
      return ear
    })
  }

  /** Lets everybody try to watch who does not; who may must get in, who may not must be kept out. */
  async admit(model: Model, where: number): Promise<void> {
    await Promise.all(
      viewers.map(async (viewer, index) => {
        if (this.#sockets.has(viewer)) return
        const at = ((index + where) % 2) as 0 | 1
        const [query, headers] = this.#credentials(viewer)
        const socket = await openSocket(this.#url(shops[at], query), headers).catch(() => undefined)
        checks += 1
        expect([viewer, socket !== undefined]).toEqual([viewer, roleOf(viewer, model) !== undefined])
        if (socket === undefined) return
        await socket.atLeast(1)
        this.#sockets.set(viewer, { socket, at })
      }),
    )
  }

  /** Five seconds later: whoever may not watch any more has been cut. */
  async settle(model: Model): Promise<void> {
    clock.advance(5_000)
    for (const { context } of shops) context.hub.beat()
    const isOver = deliveryStates.isFinal(model.state)
    for (const [viewer, { socket }] of this.#sockets) {
      if (roleOf(viewer, model) !== undefined && !isOver) continue
      await socket.closed
      checks += 1
      this.#sockets.delete(viewer)
    }
    if (isOver) for (const ear of await Promise.all(this.#ears)) await ear.closed
  }

  /** Tells a position in one process, waits until both have told it, and compares who has heard it with who may. */
  async probe(model: Model): Promise<void> {
    const ts = clock.now().getTime() + (this.#version += 1)
    const facts: PositionFacts = {
      deliveryId: this.#story.id,
      lat: -1.3,
      lng: 36.8,
      ts,
      accuracyM: null,
      speedMps: null,
      headingDeg: null,
      state: model.state,
    }
    shops[(this.#version % 2) as 0 | 1].context.hub.publish(deliveryChannel(this.#story.id), { lane: 'position', version: ts, facts })
    for (const ear of await Promise.all(this.#ears)) await ear.find((frame) => frame['ts'] === ts)
    // A socket that has answered a ping has been told everything that was told before.
    await Promise.all([...this.#sockets.values()].map(({ socket }) => pinged(socket)))
    for (const viewer of viewers) {
      const heard = this.#sockets.get(viewer)?.socket.frames.some((frame) => frame.includes(`"ts":${ts}`)) ?? false
      checks += 1
      if (heard !== mayHear(viewer, model))
        throw new Error(`${viewer} ${heard ? 'heard' : 'did not hear'} a position in ${JSON.stringify(model)}`)
    }
  }

  async leave(): Promise<void> {
    for (const { socket } of this.#sockets.values()) await socket.close()
    for (const ear of await Promise.all(this.#ears)) await ear.close()
  }

  #credentials(viewer: ViewerName): [query: string, headers: Record<string, string>] {
    if (viewer === 'link') return [`?token=${this.#story.order.token}`, {}]
    if (viewer === 'wrong link') return ['?token=somebody-elses', {}]
    if (viewer === 'share' || viewer === 'other share') return [`?token=${this.shares[viewer].token}`, {}]
    return ['', { authorization: `Bearer ${cast[viewer].token}` }]
  }

  #url(shop: TestShop, query: string): string {
    return `${shop.origin}/ws/delivery/track/${this.#story.id}${query}`
  }
}

async function pinged(socket: SocketProbe): Promise<void> {
  const before = socket.frames.filter((frame) => frame === '{"type":"pong"}').length
  socket.send({ type: 'ping' })
  while (socket.frames.filter((frame) => frame === '{"type":"pong"}').length === before) await socket.atLeast(socket.frames.length + 1)
}

async function restore(): Promise<void> {
  const { sql } = shops[0].database
  await sql`update sessions set revoked_at = null`
  await sql`update accounts set status = 'active'`
  await sql`update accounts set roles = '{driver}' where id = ${cast.second.accountId ?? ''}`
  await sql`update accounts set roles = '{support}' where id = ${cast.staff.accountId ?? ''}`
  await sql`update vendors set status = 'approved'`
  await sql`update vendor_members set scopes = '{delivery}' where account_id = ${cast.member.accountId ?? ''}`
}

async function play(story: Story, step: Step, model: Model, audience: Audience): Promise<void> {
  const { sql } = shops[0].database
  const ask = async (verb: string, body?: object): Promise<boolean> =>
    (await boss.post(`/api/v1/deliveries/${story.id}/${verb}`, body)).status === 200
  const move = async (verb: string, to: DeliveryState, body?: object): Promise<void> => {
    if (await ask(verb, body)) model.state = to
  }
  switch (step) {
    case 'assign first':
    case 'assign second': {
      const who = step === 'assign first' ? 'first' : 'second'
      if (!(await ask('assign', { driverId: cast[who].accountId }))) return
      model.driver = who
      model.state = 'assigned'
      return
    }
    case 'unassign':
      if (!(await ask('unassign', {}))) return
      model.driver = undefined
      model.state = 'pending'
      return
    case 'pickup':
      return move('pickup', 'picked_up')
    case 'depart':
      return move('depart', 'en_route')
    case 'arrive':
      return move('arrive', 'arriving')
    case 'fail':
      return move('fail', 'failed', { reason: 'no_answer' })
    case 'deliver':
      return move('deliver', 'delivered', { code: '' })
    case 'sign out first':
    case 'sign in first':
      model.isFirstSignedIn = step === 'sign in first'
      await sql`update sessions set revoked_at = ${model.isFirstSignedIn ? null : new Date().toISOString()} where id = ${cast.first.sessionId}`
      return
    case 'demote second':
    case 'promote second':
      model.isSecondDriver = step === 'promote second'
      await sql`update accounts set roles = ${model.isSecondDriver ? '{driver}' : '{}'}::text[] where id = ${cast.second.accountId ?? ''}`
      return
    case 'demote staff':
    case 'promote staff':
      model.isStaffStaff = step === 'promote staff'
      await sql`update accounts set roles = ${model.isStaffStaff ? '{support}' : '{}'}::text[] where id = ${cast.staff.accountId ?? ''}`
      return
    case 'suspend vendor':
    case 'restore vendor':
      model.isVendorOpen = step === 'restore vendor'
      await sql`update vendors set status = ${model.isVendorOpen ? 'approved' : 'suspended'} where id = ${shops[0].catalogue.vendorId}`
      return
    case 'silence member':
    case 'hear member':
      model.isMemberScoped = step === 'hear member'
      await sql`update vendor_members set scopes = ${model.isMemberScoped ? '{delivery}' : '{orders}'}::text[] where account_id = ${cast.member.accountId ?? ''}`
      return
    case 'lock owner':
    case 'unlock owner':
      model.isOwnerActive = step === 'unlock owner'
      await sql`update accounts set status = ${model.isOwnerActive ? 'active' : 'disabled'} where id = ${cast.owner.accountId ?? ''}`
      return
    case 'revoke share':
      await boss.send('DELETE', `/api/v1/deliveries/${story.id}/share/${audience.shares.share.id}`)
      model.isShareGood = false
      return
    case 'expire other share':
      model.isOtherShareGood = false
      await sql`update delivery_shares set expires_at = ${clock.now().toISOString()} where id = ${audience.shares['other share'].id}`
  }
}
