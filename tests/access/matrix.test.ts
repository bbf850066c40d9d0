import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createApiKey } from '../../src/domain/accounts/api-keys/create-api-key.ts'
import { openSession } from '../../src/domain/accounts/sessions/open-session.ts'
import { vendors } from '../../src/domain/vendors/vendor.table.ts'
import { type ApiScope, apiScopes, type PersonActor, type VendorScope } from '../../src/lib/actor.ts'
import { minutes } from '../../src/lib/time.ts'
import { type Policy, policies, type Relation } from '../../src/platform/http/policy.table.ts'
import type { OpenapiDocument } from '../../src/platform/docs/normalise-openapi.ts'
import { newRider, packed, type Story } from '../delivery/delivery-story.ts'
import { buy, guest, person } from '../support/actors.ts'
import { makePerson, makeVariant, type PersonWish } from '../support/factories.ts'
import { payByPhone } from '../support/phone-payment.ts'
import { bodySchema, type KnownOperation, operationsOf, plainValue } from '../support/openapi-sampler.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/** What the door said: sign in first, not for you, no such thing, or it let the request through (whatever came after). */
type Verdict = 'sign in' | 'not for you' | 'not there' | 'through'

/** Somebody who knocks at every door. */
interface Knocker {
  readonly name: string
  readonly accountId?: string
  readonly roles: readonly string[]
  readonly isSignedIn: boolean
  readonly isDriver?: boolean
  readonly member?: { readonly vendorId: string; readonly role: 'owner' | 'manager' | 'staff'; readonly scopes: readonly VendorScope[] }
  readonly key?: { readonly token: string; readonly scopes: readonly ApiScope[] }
  /** A session that has ended, or whose password was given long ago. */
  readonly session?: 'revoked' | 'expired' | 'stale'
  /** What they are to the order, the delivery and the payment everybody knocks for. */
  readonly relations: readonly Relation[]
}

let shop: TestShop
let document: OpenapiDocument
let operations: KnownOperation[] = []
let knockers: Knocker[] = []
let story: Story
let chargeId = ''
let ownerSessionId = ''
let riderId = ''
let lineId = ''
let invoiceNumber = ''
/** Texts that only those may read who are something to the order. */
let marks: string[] = []

beforeAll(async () => {
  shop = await openShop()
  const { context, catalogue } = shop
  document = (await (await shop.fetch('/swagger/json')).json()) as OpenapiDocument
  operations = operationsOf(document)
  const otherVendorId = context.ids.next()
  await context.db.insert(vendors).values({ id: otherVendorId, slug: 'soles', name: 'Bata Soles', town: 'Limuru', status: 'approved' })

  const owner = await person(shop, { name: 'Achieng Owner' })
  const { variantId } = await makeVariant(context, catalogue)
  const placed = await buy(owner, variantId, {
    body: {
      contact: { name: 'Canary Achieng', phone: '0799123456' },
      address: { county: 'Nairobi', town: 'Kilimani', landmark: 'canary gate number nine' },
    },
  })
  const { order: bought, orderToken } = (await placed.json()) as { order: { number: string }; orderToken: string }
  await payByPhone(shop, '0799123456')
  const [orderRow] = await shop.database.sql`select id from orders where number = ${bought.number}`
  const order = { id: orderRow?.['id'] as string, number: bought.number, token: orderToken, shopper: owner }
  const [invoice] = await shop.database.sql`select number from invoices where order_id = ${order.id}`
  invoiceNumber = invoice?.['number'] as string
  const line = await owner.post('/api/v1/cart/lines', { variantId, quantity: 1 })
  lineId = ((await line.json()) as { lines: { id: string }[] }).lines[0]?.id ?? ''
  const staff = await person(shop, { roles: ['support'] })
  story = await packed(shop, staff, order)
  const rider = await newRider(shop)
  riderId = rider.accountId
  await rider.post(`/api/v1/deliveries/${story.id}/accept`)
  const [charge] = await shop.database.sql`select id from transactions where order_id = ${order.id}`
  chargeId = (charge?.['id'] as string | undefined) ?? ''
  marks = [
    order.number,
    order.id,
    story.id,
    chargeId,
    invoiceNumber,
    lineId,
    '254799123456',
    'Canary Achieng',
    'canary gate number nine',
  ].filter((mark) => mark !== '')

  const someone = async (name: string, wish: PersonWish, also: Partial<Knocker> = {}): Promise<Knocker> => {
    const { accountId } = await makePerson(context, { name, ...wish })
    return {
      name,
      accountId,
      roles: wish.roles ?? [],
      isSignedIn: true,
      isDriver: wish.isDriver === true,
      ...(wish.member === undefined ? {} : { member: { ...wish.member, scopes: (wish.member.scopes ?? []) as VendorScope[] } }),
      relations: [],
      ...also,
    }
  }
  const ofVendor = (role: 'owner' | 'staff', scopes: readonly VendorScope[], vendorId = catalogue.vendorId) => ({
    member: { vendorId, role, scopes },
  })
  const vendorOwner = await someone('vendor owner', ofVendor('owner', []), { relations: ['vendor'] })
  const keyOf = async (name: string, scopes: readonly ApiScope[]): Promise<Knocker> => {
    const maker: PersonActor = {
      kind: 'person',
      accountId: vendorOwner.accountId ?? '',
      sessionId: context.ids.next(),
      name,
      roles: [],
      vendors: [{ vendorId: catalogue.vendorId, name: 'Kariokor Looms', role: 'owner', scopes: [] }],
      cartTokenHash: undefined,
    }
    const made = await createApiKey(context, maker, { name, scopes })
    return { ...vendorOwner, name, roles: [], key: { token: made.key ?? '', scopes } }
  }
  const shopper: Knocker = {
    name: 'shopper A',
    ...(owner.accountId === undefined ? {} : { accountId: owner.accountId }),
    roles: [],
    isSignedIn: true,
    relations: ['owner'],
  }
  knockers = [
    { name: 'anonymous', roles: [], isSignedIn: false, relations: [] },
    shopper,
    await someone('shopper B', {}),
    vendorOwner,
    await someone('vendor staff with orders', ofVendor('staff', ['orders']), { relations: ['vendor'] }),
    await someone('vendor staff with delivery', ofVendor('staff', ['delivery']), { relations: ['vendor'] }),
    await someone('owner of another vendor', ofVendor('owner', [], otherVendorId)),
    { name: 'driver on it', accountId: rider.accountId, roles: ['driver'], isSignedIn: true, isDriver: true, relations: ['driver'] },
    await someone('driver off it', { isDriver: true }),
    await someone('support', { roles: ['support'] }, { relations: ['staff'] }),
    await someone('finance', { roles: ['finance'] }, { relations: ['staff'] }),
    await someone('admin', { roles: ['admin'] }, { relations: ['staff'] }),
    await someone('admin whose password was given long ago', { roles: ['admin'] }, { relations: ['staff'], session: 'stale' }),
    { ...shopper, name: 'revoked session of A', isSignedIn: false, session: 'revoked', relations: [] },
    { ...shopper, name: 'expired session of A', isSignedIn: false, session: 'expired', relations: [] },
    await keyOf('API key with every scope', apiScopes),
    await keyOf('API key for the catalogue', ['catalog:read']),
  ]
})
afterAll(() => shop.close())

/** A fresh way in for each knock: some doors end the session that comes through. */
async function tokenFor(knocker: Knocker): Promise<string | undefined> {
  if (knocker.key !== undefined) return knocker.key.token
  if (knocker.accountId === undefined) return undefined
  const { context, database } = shop
  const { token } = await openSession(context, context.db, {
    accountId: knocker.accountId,
    roles: knocker.roles,
    userAgent: null,
    hasSecondFactor: false,
  })
  const [newest] = await database.sql`select id from sessions where account_id = ${knocker.accountId} order by id desc limit 1`
  const id = newest?.['id'] as string
  if (knocker.session === 'revoked') await database.sql`update sessions set revoked_at = now() where id = ${id}`
  if (knocker.session === 'expired') await database.sql`update sessions set expires_at = '2020-01-01' where id = ${id}`
  if (knocker.session === 'stale')
    await database.sql`update sessions set proven_at = ${new Date(Date.now() - minutes(11)).toISOString()} where id = ${id}`
  return token
}

/** The address everybody knocks at: of A's order, delivery, payment, session, key. `undefined` where nothing of A is there. */
function subjectOf(path: string): Readonly<Record<string, string>> | undefined {
  if (path.startsWith('/api/v1/cart/lines/{lineId}')) return { lineId }
  if (path.startsWith('/api/v1/invoices/{number}')) return { number: invoiceNumber }
  // Two rows are named and only the first would be A's: what is said of the second tells nothing.
  if ((path.match(/\{/g) ?? []).length > 1) return undefined
  if (path.startsWith('/api/v1/orders/{number}')) return { number: story.order.number }
  if (/\/deliver(ies|y\/track)\/\{id\}/.test(path)) return { id: story.id }
  if (path.startsWith('/api/v1/transactions/{id}')) return { id: chargeId }
  if (path.startsWith('/api/v1/auth/sessions/{id}')) return { id: ownerSessionId }
  return undefined
}

/** A session of A to be ended: doors before this one have ended those of earlier. */
async function renewOwnerSession(): Promise<void> {
  ownerSessionId = shop.context.ids.next()
  const [shopper] = knockers.filter(({ name }) => name === 'shopper A')
  await shop.database.sql`
    insert into sessions (id, account_id, token_hash, expires_at) values (${ownerSessionId}, ${shopper?.accountId ?? ''}, ${ownerSessionId}, '2030-01-01')`
}

async function knock(
  { method, path, operation }: KnownOperation,
  knocker: Knocker,
): Promise<{ verdict: Verdict; answer: string; said: string }> {
  if (path === '/api/v1/auth/sessions/{id}') await renewOwnerSession()
  const subject = subjectOf(path)
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => subject?.[name] ?? '0199f3a0-0000-7000-8000-00000000beef')
  const schema = bodySchema({ method, path, operation })
  const body = schema === undefined ? undefined : (plainValue(document, schema) as Record<string, unknown>)
  // A body that names somebody names a rider there is, so that only the row in the address is in question.
  if (body !== undefined && 'driverId' in body) body['driverId'] = riderId
  const query = new URLSearchParams(
    (operation.parameters ?? [])
      .filter((parameter) => parameter['in'] === 'query' && parameter['required'] === true)
      .map((parameter) => [String(parameter['name']), String(plainValue(document, parameter['schema'] as never))]),
  )
  const response = await guest(shop, await tokenFor(knocker)).send(method, `${address}${query.size > 0 ? `?${query}` : ''}`, body, {
    'idempotency-key': crypto.randomUUID(),
  })
  // A stream never ends by itself; that it began is the answer.
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const said = isStream ? '' : await response.text()
  if (isStream) await response.body?.cancel()
  const code = /"code":"(\w+)"/.exec(said)?.[1] ?? ''
  const verdict: Verdict =
    code === 'not_signed_in'
      ? 'sign in'
      : ['not_allowed', 'scope_missing', 'step_up_required', 'second_factor_required'].includes(code)
        ? 'not for you'
        : code === 'not_found'
          ? 'not there'
          : 'through'
  return { verdict, answer: `${response.status} ${code}`, said }
}

/** What the table says. */
function expected({ path, operation }: KnownOperation, policy: Policy, knocker: Knocker): Verdict | `any of ${string}` {
  const isStaff = knocker.roles.some((role) => ['support', 'finance', 'admin'].includes(role))
  if (policy.who !== 'public' && policy.who !== 'secret') {
    if (policy.who !== 'anyone' && !knocker.isSignedIn) return 'sign in'
    const belongs = {
      anyone: true,
      person: true,
      driver: knocker.isDriver === true && knocker.key === undefined,
      vendor: knocker.member !== undefined || isStaff,
      staff: isStaff,
      finance: knocker.roles.includes('finance') || knocker.roles.includes('admin'),
      admin: knocker.roles.includes('admin'),
    }[policy.who]
    if (!belongs) return 'not for you'
    if (knocker.key !== undefined && (policy.scope === undefined || !knocker.key.scopes.includes(policy.scope))) return 'not for you'
    if (policy.only !== undefined && !policy.only.some((kind) => isOneOf(knocker, kind))) return 'not for you'
    if (policy.stepUp === true && knocker.session === 'stale') return 'not for you'
    const need = operation['x-vendor-scope'] as string | undefined
    if (need !== undefined && knocker.member !== undefined && !isStaff && !holdsScope(knocker, need)) return 'not for you'
  }
  const isAboutA = subjectOf(path) !== undefined
  const byLink = !knocker.isSignedIn && policy.rows?.includes('link') === true
  if (policy.rows === undefined || !isAboutA) return byLink ? 'any of sign in, through and not there' : 'any of through and not there'
  if (policy.rows.some((relation) => isRelated(knocker, relation, path))) return 'through'
  if (policy.sees?.some((relation) => isRelated(knocker, relation, path)) === true) return 'not for you'
  // Who brings neither a session nor a link is told to sign in, before anything is looked for.
  return byLink ? 'any of sign in and not there' : 'not there'
}

function isOneOf(knocker: Knocker, kind: 'driver' | 'staff' | 'manager'): boolean {
  if (kind === 'driver') return knocker.isDriver === true
  if (kind === 'staff') return knocker.roles.some((role) => ['support', 'finance', 'admin'].includes(role))
  return knocker.roles.includes('admin') || (knocker.member !== undefined && knocker.member.role !== 'staff')
}

const holdsScope = ({ member }: Knocker, need: string): boolean =>
  need === 'member' ||
  member?.role === 'owner' ||
  (need === 'manager' && member?.role === 'manager') ||
  (member?.scopes as string[] | undefined)?.includes(need) === true

function isRelated(knocker: Knocker, relation: Relation, path: string): boolean {
  // Keys bring no role of the shop, and nobody holds the link.
  if (!knocker.relations.includes(relation)) return false
  if (relation !== 'vendor') return true
  return holdsScope(knocker, 'delivery') || (!path.includes('/deliveries/') && holdsScope(knocker, 'orders'))
}

const isKnockable = ({ path }: KnownOperation): boolean => !path.startsWith('/ws/') && path !== '/metrics'

describe('the policy table', () => {
  test('has a line for every operation, and no line too many', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids.filter((id) => policies[id] === undefined)).toEqual([])
    expect(Object.keys(policies).filter((id) => !ids.includes(id))).toEqual([])
    expect(operations.length).toBeGreaterThan(60)
  })

  test('is what every door does: each operation by each of seventeen people and programs', async () => {
    const wrong: string[] = []
    let knocks = 0
    for (const operation of operations.filter(isKnockable)) {
      const policy = policies[operation.operation.operationId]
      if (policy === undefined) continue
      // Those who must not come in go first: what the others change does not matter any more then.
      const all = knockers.map((knocker) => ({ knocker, want: expected(operation, policy, knocker) }))
      for (const { knocker, want } of all.sort((a, b) => Number(a.want === 'through') - Number(b.want === 'through'))) {
        const { verdict, answer, said } = await knock(operation, knocker)
        knocks++
        const isRight = want === verdict || (want.startsWith('any of') && want.includes(verdict))
        const name = `${operation.method} ${operation.path} (${operation.operation.operationId}) by ${knocker.name}`
        if (!isRight) wrong.push(`${name}: ${answer} is "${verdict}", the table says "${want}"`)
        if (want === 'through' && operation.method === 'GET' && !answer.startsWith('2')) wrong.push(`${name}: ${answer} instead of the row`)
        if (Number(answer.slice(0, 3)) >= 500) wrong.push(`${name}: ${answer}`)
        if (knocker.relations.length === 0) for (const mark of marks) if (said.includes(mark)) wrong.push(`${name}: reads ${mark} of A`)
      }
    }
    process.stdout.write(`  ${operations.filter(isKnockable).length} operations, ${knocks} knocks, ${wrong.length} mismatches\n`)
    expect(wrong).toEqual([])
  }, 120_000)
})
