import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSession } from '../../src/domain/accounts/sessions/open-session.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import type { OpenapiDocument } from '../../src/platform/docs/normalise-openapi.ts'
import { newRider, packed, paidOrder } from '../delivery/delivery-story.ts'
import { person } from '../support/actors.ts'
import { makePerson, makeVariant } from '../support/factories.ts'
import { type KnownOperation, operationsOf } from '../support/openapi-sampler.ts'
import { createRandom, seedOfRun } from '../support/random.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { judgeAnswer } from './judge-answer.ts'
import { brokenRequest, goodRequest, type MadeRequest, type RealIds } from './make-request.ts'

/** Somebody whose token a request may carry. */
interface Sender {
  readonly accountId: string
  readonly roles: readonly string[]
}

const corpusDir = join(import.meta.dirname, '../corpus/requests')
/** At least this many of each kind a run; `FUZZ_CASES` for a long night. */
const casesEach = Number(process.env['FUZZ_CASES'] ?? 9_000)
// What hashes a password costs a hundred other requests; a few dozen of each ask the same questions.
const hashing = new Set(['login', 'register', 'resetPassword', 'changePassword', 'changeContact', 'stepUp', 'eraseMe'])
const hashingCases = 40

let shop: TestShop
let document: OpenapiDocument
let operations: KnownOperation[] = []
let senders: Sender[] = []
let ids: RealIds = {}
/** What was wrong before anything was sent: the story's orders were paid without a provider. */
let before: string[] = []
const statuses = new Map<number, number>()
const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)

beforeAll(async () => {
  process.on('unhandledRejection', note)
  shop = await openShop()
  const { context, catalogue } = shop
  document = (await (await shop.fetch('/swagger/json')).json()) as OpenapiDocument
  operations = operationsOf(document).filter(({ path }) => !path.startsWith('/ws/') && path !== '/metrics')
  const shopper = await person(shop)
  const staff = await person(shop, { roles: ['support', 'finance', 'admin'] })
  const story = await packed(shop, staff, await paidOrder(shop, shopper))
  const rider = await newRider(shop)
  const waiting = await paidOrder(shop, shopper)
  const variant = await makeVariant(context, catalogue, { stock: 1_000 })
  const owner = await makePerson(context, { member: { vendorId: catalogue.vendorId, role: 'owner' } })
  const [charge] = await shop.database.sql`select id from transactions limit 1`
  senders = [
    { accountId: shopper.accountId ?? '', roles: [] },
    { accountId: staff.accountId ?? '', roles: ['support', 'finance', 'admin'] },
    { accountId: rider.accountId, roles: ['driver'] },
    { accountId: owner.accountId, roles: [] },
  ]
  ids = {
    'orders.number': [story.order.number, waiting.number],
    'deliveries.id': [story.id, String(story.number)],
    'transactions.id': [String(charge?.['id'] ?? '')],
    'refunds.id': [String(charge?.['id'] ?? '')],
    'drivers.id': [rider.accountId],
    'vendors.id': [catalogue.vendorId],
    'products.slug': [variant.slug],
    'accounts.id': [rider.accountId, context.ids.next()],
    variantId: [variant.variantId],
    driverId: [rider.accountId],
    vendorId: [catalogue.vendorId],
    token: [story.order.token],
    county: ['Nairobi', 'Mombasa'],
    phone: ['0712345678'],
    method: ['mpesa', 'cod'],
  }
  before = await violations()
}, 60_000)
afterAll(async () => {
  process.off('unhandledRejection', note)
  await shop.close()
})

/** Every broken invariant with its subject. */
async function violations(): Promise<string[]> {
  const found = (await checkInvariants(shop.context.db)).filter(({ name }) => !name.startsWith('outbox_'))
  return found.flatMap(({ name, subjects }) => subjects.map((subject) => `${name} ${subject}`)).sort()
}

/** Sends a request as somebody, or as nobody, and judges the answer. */
async function send(known: KnownOperation, made: MadeRequest, token: string | undefined): Promise<string[]> {
  // Every fifth comes with a cookie, as from a browser that names no origin.
  const isByCookie = made.headers['x-by-cookie'] !== undefined
  const own: Record<string, string> =
    token === undefined ? {} : isByCookie ? { cookie: `sid=${token}` } : { authorization: `Bearer ${token}` }
  const headers = { ...own, ...made.headers }
  let request: Request
  try {
    request = new Request(`${shop.origin}${made.path.startsWith('/') ? '' : '/'}${made.path}`, {
      method: made.method,
      headers,
      ...(made.body === undefined || made.method === 'GET' || made.method === 'HEAD' ? {} : { body: made.body }),
    })
  } catch (error) {
    // Such a request cannot be made by this client; the raw ones below have no client.
    if (error instanceof TypeError) return []
    throw error
  }
  const answer = await shop.app.handle(request)
  if (answer === undefined) return ['became a socket']
  const type = answer.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) await answer.body?.cancel()
  const text = type.startsWith('text/event-stream') ? '' : await answer.text()
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
  return judgeAnswer(document, known, made, { status: answer.status, type, text })
}

async function tokenOf(sender: Sender | undefined): Promise<string | undefined> {
  if (sender === undefined) return undefined
  // Accounts may have been changed by what was sent before; a dead one is a sender like another.
  const { token } = await openSession(shop.context, shop.context.db, { ...sender, userAgent: null, hasSecondFactor: false })
  return token
}

async function run(make: typeof goodRequest, seed: number): Promise<{ sent: number; finds: string[] }> {
  const random = createRandom(seed)
  const each = Math.ceil(casesEach / operations.length)
  const finds = new Map<string, string>()
  let sent = 0
  for (const known of operations) {
    const { operationId } = known.operation
    const tokens = [undefined, ...(await Promise.all(senders.map(tokenOf)))]
    const count = hashing.has(operationId) ? Math.min(each, hashingCases) : each
    for (let round = 0; round < count; round++) {
      // Sessions end in some rounds; a fresh one now and then keeps the doors open.
      if (round % 12 === 11) for (const [at, sender] of senders.entries()) tokens[at + 1] = await tokenOf(sender)
      const plain = make(document, known, ids, random)
      const made = random.chance(0.2) ? { ...plain, headers: { 'x-by-cookie': '1', ...plain.headers } } : plain
      const token = random.pick(tokens)
      sent++
      for (const wrong of await send(known, made, token)) {
        const key = `${operationId}: ${wrong.replace(/[0-9a-f-]{32,36}/g, '…')}`
        if (!finds.has(key)) finds.set(key, `${key}\n    ${JSON.stringify(made).slice(0, 600)}`)
      }
    }
  }
  return { sent, finds: [...finds.values()] }
}

describe('any input to any operation', () => {
  test('that the document allows is answered as it says', async () => {
    const seed = seedOfRun()
    const { sent, finds } = await run(goodRequest, seed)
    process.stdout.write(`  allowed inputs: ${sent}, finds: ${finds.length}, FUZZ_SEED=${seed}\n`)
    expect(finds).toEqual([])
  }, 300_000)

  test('that is broken in one place is refused as the document says, and never taken', async () => {
    const seed = seedOfRun()
    const { sent, finds } = await run(brokenRequest, seed + 1)
    process.stdout.write(`  broken inputs: ${sent}, finds: ${finds.length}, FUZZ_SEED=${seed}\n`)
    expect(finds).toEqual([])
  }, 300_000)

  test('that was once a find stays mended', async () => {
    const kept = readdirSync(corpusDir).filter((name) => name.endsWith('.json'))
    const finds: string[] = []
    for (const name of kept) {
      const made = JSON.parse(readFileSync(join(corpusDir, name), 'utf8')) as MadeRequest
      const known = operations.find(({ operation }) => operation.operationId === made.operationId)
      if (known === undefined) continue
      for (const sender of [undefined, ...senders])
        for (const wrong of await send(known, made, await tokenOf(sender))) finds.push(`${name}: ${wrong}`)
    }
    process.stdout.write(`  corpus: ${kept.length} requests\n`)
    expect(finds).toEqual([])
  }, 60_000)

  test('leaves the shop whole: every invariant holds and nothing was left unhandled', async () => {
    // Messages to the world outside wait here; sending them is not what is asked.
    const seen = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
    process.stdout.write(`  answers: ${seen.join(', ')}\n`)
    expect(await violations()).toEqual(before)
    expect(unhandled).toEqual([])
  })
})
