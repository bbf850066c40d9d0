import type { Context } from '../../src/context.ts'
import { addToCart } from '../../src/domain/cart/add-to-cart.ts'
import { callbackToken } from '../../src/domain/payments/open-transaction.ts'
import { receiveWebhook } from '../../src/domain/payments/receive-webhook.ts'
import type { Actor, GuestActor, PersonActor } from '../../src/lib/actor.ts'
import { sha256Hex } from '../../src/lib/signature.ts'
import { minutes, seconds } from '../../src/lib/time.ts'
import { idempotentRequest } from '../../src/platform/idempotency.ts'
import { cancelOrder } from '../../src/workflows/checkout/cancel-order.ts'
import { checkoutScope } from '../../src/workflows/checkout/checkout.scope.ts'
import { decidePayment } from '../../src/workflows/checkout/decide-payment.ts'
import { payAgain } from '../../src/workflows/checkout/pay-again.ts'
import { placeOrder, type PlaceOrder } from '../../src/workflows/checkout/place-order.ts'
import { refundCharge } from '../../src/workflows/checkout/refund-charge.ts'
import type { Daraja } from './daraja.ts'
import type { Dice } from './dice.ts'
import { type Scheduler, world } from './scheduler.ts'
import { appSecret, type Outcome, type Shop } from './shop.ts'
import type { Lines } from './sim-database.ts'
import type { Fault, Swarm } from './swarm.ts'

/** What people need of a run. */
export interface Town {
  readonly scheduler: Scheduler
  readonly swarm: Swarm
  readonly shop: Shop
  readonly daraja: Daraja
  readonly pool: Lines
  readonly variantIds: readonly string[]
  readonly accountIds: readonly string[]
  /** What clients were told, to be compared with what is. */
  readonly model: Model
}

/** Looks into the database from outside, at a point of its own like everything that takes time. */
async function look<Row extends object>(
  { scheduler, pool }: Town,
  query: (admin: Lines['admin']) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  return await scheduler.point(world, 'looks', async () => await query(pool.admin))
}

/** The clients' memory: a reply is a promise. */
export interface Model {
  /** Scope and key to the first answer under them. */
  readonly answers: Map<string, { readonly body: string; readonly phone: string }>
  /** The refund each wish of the clerk became. */
  readonly refunds: Map<string, string>
}

/** Has the provider's messages delivered to whichever process runs, and its misuse by strangers tried. */
export function openLetterBox(town: Town): void {
  const { shop, daraja, pool } = town
  daraja.isKnown = async (id) => (await pool.admin`select 1 from transactions where session_ref = ${id}`).length > 0
  daraja.isApplied = async (id) =>
    (await pool.admin`select 1 from webhook_events where provider_ref = ${id} and applied_at is not null`).length > 0
  daraja.deliver = async (token, body) => {
    const outcome = await shop.request('callback', async (context) => await take(context, token, body))
    return outcome.kind === 'answer'
  }
}

async function take(context: Context, token: string, body: Uint8Array): Promise<string> {
  const provider = context.providers.get('mpesa')
  if (provider === undefined) throw new Error('the simulated shop has no M-Pesa')
  return await receiveWebhook(context, provider, { body, headers: {}, addressToken: token })
}

interface Placed {
  readonly order: { readonly number: string }
  readonly payment: { readonly transactionId: string }
  readonly orderToken: string
}

/** One shopper, from the empty bag to the end of their patience. */
export async function shopOnce(town: Town, number: number): Promise<void> {
  const { scheduler, swarm } = town
  const dice = scheduler.dice.fork(`shopper ${number}`)
  const has = (fault: Fault, chance: number): boolean => swarm.faults.has(fault) && dice.chance(chance)
  const phone = `2547${String(11_000_100 + number)}`
  const actor = actorOf(town, number, dice)
  for (let round = 1, rounds = dice.pick([1, 1, 1, 2]); round <= rounds; round++) {
    await scheduler.sleep(world, dice.between(0, seconds(90)), `shopper ${number} looks around`)
    if (!(await fillBag(town, actor, dice))) continue
    const key = has('same-key', 0.7) ? `checkout-${round}-key` : `checkout-${number}-${round}-key`
    const cheats = has('cheat', 0.4)
    const input: PlaceOrder = {
      contact: { name: `Shopper ${number}`, phone },
      address: { county: dice.pick(['Nairobi', 'Mombasa']), town: 'Kilimani', landmark: 'Blue gate' },
      payment: { method: 'mpesa' },
      ...(cheats ? { expectedTotal: { amountMinor: 100, currency: 'KES' } } : {}),
    }
    const placed = await checkOut(town, actor, key, input, has('double-click', 0.6) ? dice.between(2, 3) : 1, dice)
    if (placed === undefined) continue
    if (cheats) scheduler.fail(`an order was placed for a total the buyer made up: ${placed.order.number}`)
    if (has('other-body', 0.5)) await tryOtherBody(town, actor, key, { ...input, note: 'something else' })
    await afterwards(town, actor, placed, dice, has)
  }
}

function actorOf({ accountIds }: Town, number: number, dice: Dice): Actor {
  const accountId = accountIds[number]
  if (accountId !== undefined && dice.chance(0.5))
    return {
      kind: 'person',
      accountId,
      sessionId: accountId,
      name: `Shopper ${number}`,
      roles: [],
      vendors: [],
      cartTokenHash: undefined,
    } satisfies PersonActor
  return { kind: 'guest', cartTokenHash: sha256Hex(`bag of shopper ${number}`) } satisfies GuestActor
}

async function fillBag({ shop, variantIds, scheduler }: Town, actor: Actor, dice: Dice): Promise<boolean> {
  let isFilled = false
  for (let line = dice.pick([1, 1, 2]); line > 0; line--) {
    const input = { variantId: dice.pick(variantIds), quantity: dice.between(1, 3) }
    for (let tries = 0; tries < 4; tries++) {
      const outcome = await shop.request('add to bag', async (context) => await addToCart(context, actor, input))
      if (outcome.kind === 'answer') isFilled = true
      if (outcome.kind === 'answer' || outcome.kind === 'refused') break
      await scheduler.sleep(world, dice.between(100, 3_000))
    }
  }
  return isFilled
}

/** Places an order as a browser does: the same key until there is an answer. Several at once when the shopper clicks twice. */
async function checkOut(town: Town, actor: Actor, key: string, input: PlaceOrder, clicks: number, dice: Dice): Promise<Placed | undefined> {
  const all = await Promise.all(Array.from({ length: clicks }, async () => await insist(town, actor, key, input, clicks === 1, dice)))
  const body = all.find((each) => each !== undefined)
  return body === undefined ? undefined : (JSON.parse(body) as Placed)
}

async function insist(town: Town, actor: Actor, key: string, input: PlaceOrder, isAlone: boolean, dice: Dice): Promise<string | undefined> {
  const { scheduler, shop } = town
  for (let tries = 0; tries < 12; tries++) {
    const request = idempotentRequest(checkoutScope(actor), key, input)
    const outcome = await shop.request('checkout', async (context) => await placeOrder(context, actor, request, input))
    if (outcome.kind === 'answer') return await believe(town, request.scope, key, input.contact.phone, outcome.answer.body)
    if (outcome.kind === 'refused' && outcome.code !== 'idempotency_in_progress') {
      await doubt(town, request.scope, key, outcome.code, isAlone)
      return undefined
    }
    await scheduler.sleep(world, dice.between(200, 4_000), 'tries again')
  }
  return undefined
}

/** An answer was given: the order exists from now on, and every answer under the key is this one. */
async function believe(town: Town, scope: string, key: string, phone: string, body: string): Promise<string> {
  const { scheduler, model } = town
  const name = `${scope} ${key}`
  const known = model.answers.get(name)
  if (known !== undefined && known.body !== body) scheduler.fail(`two answers under one key: ${name}`)
  if (known === undefined) model.answers.set(name, { body, phone })
  const { order } = JSON.parse(body) as Placed
  const rows = await look(
    town,
    async (admin) => await admin<{ phone: string }[]>`select contact_phone as phone from orders where number = ${order.number}`,
  )
  if (rows.length === 0) scheduler.fail(`an acknowledged order does not exist: ${order.number}`)
  if (rows[0] !== undefined && rows[0].phone !== phone) scheduler.fail(`somebody was answered with another person's order: ${order.number}`)
  return body
}

/** A refusal was given: then nothing was placed under the key, and nothing was answered before. */
async function doubt(town: Town, scope: string, key: string, code: string, isAlone: boolean): Promise<void> {
  const { scheduler, model } = town
  if (code === 'idempotency_mismatch') scheduler.fail(`a key was refused as used for something else: ${scope} ${key}`)
  if (!isAlone) return
  if (model.answers.has(`${scope} ${key}`)) scheduler.fail(`refused with ${code} after an order was acknowledged: ${scope} ${key}`)
  const rows = await look(town, async (admin) => await admin`select 1 from idempotency_keys where scope = ${scope} and key = ${key}`)
  if (rows.length > 0) scheduler.fail(`refused with ${code} although the order was placed: ${scope} ${key}`)
}

async function tryOtherBody({ shop, scheduler }: Town, actor: Actor, key: string, input: PlaceOrder): Promise<void> {
  const request = idempotentRequest(checkoutScope(actor), key, input)
  const outcome = await shop.request('checkout, other body', async (context) => await placeOrder(context, actor, request, input))
  if (outcome.kind === 'answer' || (outcome.kind === 'refused' && !outcome.code.startsWith('idempotency_')))
    scheduler.fail(`another request under a used key was taken: ${outcome.kind === 'refused' ? outcome.code : 'answered'}`)
}

async function afterwards(
  town: Town,
  actor: Actor,
  placed: Placed,
  dice: Dice,
  has: (fault: Fault, chance: number) => boolean,
): Promise<void> {
  const { scheduler, shop } = town
  const { number } = placed.order
  const again = async (): Promise<Outcome<unknown>> =>
    await shop.request('pay again', async (context) => await payAgain(context, actor, number, placed.orderToken, { method: 'mpesa' }))
  for (let act = dice.between(0, 3); act > 0; act--) {
    await scheduler.sleep(world, dice.between(seconds(1), minutes(dice.pick([1, 6, 16]))), 'waits')
    if (has('forged', 0.5)) await forge(town, placed)
    if (has('pay-again', 0.6)) await Promise.all(Array.from({ length: has('double-click', 0.5) ? 2 : 1 }, again))
    if (has('cancel', 0.3)) await shop.request('cancel', async (context) => await cancelOrder(context, actor, number, placed.orderToken))
    if (has('returns', 0.5)) await sendPartBack(town, placed.payment.transactionId, dice)
  }
  if (has('last-minute', 0.4)) await payAtTheLastMinute(town, number, again, dice)
}

/** Tries once more just when the order runs out, while the sweepers look. */
async function payAtTheLastMinute(town: Town, number: string, pay: () => Promise<unknown>, dice: Dice): Promise<void> {
  const { scheduler, shop } = town
  const [order] = await look(
    town,
    async (admin) =>
      await admin<{ endsAt: string }[]>`
    select extract(epoch from expires_at) * 1000 as "endsAt" from orders where number = ${number} and state = 'awaiting_payment'`,
  )
  if (order === undefined) return
  const endsMs = Math.ceil(Number(order.endsAt))
  await scheduler.sleep(world, Math.max(0, endsMs - dice.pick([0, 20, 2_000]) - scheduler.nowMs), 'waits for the last minute')
  shop.sweepAt(endsMs + 1)
  await pay()
}

/** A stranger guesses an address, or somebody who knows one sends nonsense. */
async function forge({ daraja, scheduler, shop }: Town, placed: Placed): Promise<void> {
  const claim = {
    Body: { stkCallback: { MerchantRequestID: 'x', CheckoutRequestID: 'ws_CO_forged', ResultCode: 0, ResultDesc: 'forged' } },
  }
  const taken = await daraja.deliver('not-a-token', new TextEncoder().encode(JSON.stringify(claim)))
  if (taken) scheduler.fail('a callback to a wrong address was taken')
  const token = callbackToken(appSecret, 'mpesa', placed.payment.transactionId)
  await shop.request(
    'nonsense',
    async (context) => await take(context, token, new TextEncoder().encode('{"Body":{"stkCallback":{"ResultCode":null}}}')),
  )
}

/** The member of staff of every run. */
export const clerk: PersonActor = {
  kind: 'person',
  accountId: '00000000-0000-7000-8000-00000000c1e4',
  sessionId: 'x',
  name: 'Clerk',
  roles: ['support'],
  vendors: [],
  cartTokenHash: undefined,
}

/** Two clerks take back a part of a paid order at the same time, and one of them clicks twice. */
async function sendPartBack(town: Town, chargeId: string, dice: Dice): Promise<void> {
  const { shop, scheduler, model } = town
  const [charge] = await look(
    town,
    async (admin) =>
      await admin<{ captured: string }[]>`
    select t.captured_minor::text as captured from transactions t join orders o on o.id = t.order_id where t.id = ${chargeId} and t.state = 'succeeded' and o.state = 'paid'`,
  )
  if (charge === undefined) return
  const part = async (key: string, amountMinor: bigint): Promise<void> => {
    const wish = { chargeId, amountMinor, reason: 'return', key }
    const outcome = await shop.request('take back a part', async (context) => await refundCharge(context, clerk, wish))
    if (outcome.kind !== 'answer') return
    const known = model.refunds.get(key) ?? outcome.answer.refundId
    model.refunds.set(key, known)
    if (known !== outcome.answer.refundId) scheduler.fail(`one wish became two refunds: ${key}`)
  }
  const share = (): bigint => ((BigInt(charge.captured) * BigInt(dice.between(20, 90))) / 10_000n) * 100n
  const key = `return-${scheduler.steps}`
  const first = share()
  await Promise.all([part(`${key}-a`, first), part(`${key}-b`, share()), part(`${key}-a`, first)])
}

/** The clerk's day: sends back by hand what is owed, and decides what waits for a person, by the provider's statement. Answers how much there was. */
export async function clerkWorks(town: Town): Promise<number> {
  const { daraja, shop, scheduler } = town
  const owed = await look(
    town,
    async (admin) =>
      await admin<{ id: string; parent: string; amount: string }[]>`
    select id, parent_id as parent, amount_minor::text as amount from transactions where kind = 'refund' and state = 'manual' order by id`,
  )
  for (const { id, parent, amount } of owed) {
    const outcome = await shop.request(
      'refund by hand',
      async (context) => await decidePayment(context, clerk, id, { kind: 'sent', receipt: `HAND${id.slice(-12)}` }),
    )
    if (outcome.kind !== 'answer') continue
    const prompt = daraja.prompts.find(({ token }) => token === callbackToken(appSecret, 'mpesa', parent))
    if (prompt !== undefined) prompt.givenBackKes += Number(BigInt(amount) / 100n)
    if (prompt !== undefined && prompt.givenBackKes > prompt.paidKes)
      scheduler.fail(`more was sent back than came: ${prompt.checkoutRequestId}`)
  }
  const doubtful = await look(
    town,
    async (admin) =>
      await admin<{ id: string; amount: string }[]>`
    select id, provider_amount_minor::text as amount from transactions where kind = 'charge' and state = 'review' order by id`,
  )
  for (const { id, amount } of doubtful) {
    const prompt = daraja.prompts.find(({ token }) => token === callbackToken(appSecret, 'mpesa', id))
    const isGood = prompt !== undefined && BigInt(prompt.paidKes) * 100n === BigInt(amount)
    const outcome = await shop.request(
      'review',
      async (context) => await decidePayment(context, clerk, id, { kind: isGood ? 'accept' : 'reject', reason: 'looked at the statement' }),
    )
    if (outcome.kind !== 'answer') continue
    if (prompt !== undefined && !isGood) prompt.givenBackKes = prompt.paidKes
  }
  return owed.length + doubtful.length
}
