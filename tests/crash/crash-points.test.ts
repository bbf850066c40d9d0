import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { freePort } from '../../src/platform/embedded-server.ts'
import { checkoutBody } from '../support/actors.ts'
import { testRedisUrl } from '../support/database.ts'
import { makeVariant } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { type ShopProcess, startShopProcess, until } from '../support/shop-process.ts'

/**
 * Power cuts. The real shop runs in a process of its own; a trigger stops its transaction at a numbered step, the process is
 * killed there with SIGKILL, another one is started, and the shopper's phone tries again. Whatever the step: one order, one
 * payment, no stock lost, every invariant holds.
 */

// This process only hosts the simulated M-Pesa and the phones, so that the provider outlives the shop.
let bench: TestShop
let port: number
let child: ShopProcess | undefined

beforeAll(async () => {
  bench = await openShop()
  port = await freePort()
  await bench.database.sql.unsafe(`
    create function pause_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(777); return new; end $$`)
})
afterEach(async () => {
  await child?.kill()
  // A step that was never reached leaves its trigger behind.
  for (const { table } of [...checkoutSteps, ...settlementSteps]) await bench.database.sql.unsafe(`drop trigger if exists pause_now on ${table}`)
})
afterAll(() => bench.close())

const start = async (): Promise<ShopProcess> => {
  child = await startShopProcess({
    port,
    databaseUrl: bench.database.url,
    redisUrl: await testRedisUrl(),
    environment: { WORK_LEASE_MS: '400', MPESA_BASE_URL: `${bench.origin}/sandbox/mpesa`, MPESA_CALLBACK_BASE_URL: `http://127.0.0.1:${port}` },
  })
  return child
}

interface Step {
  readonly name: string
  readonly table: string
  readonly on: 'insert' | 'update'
  readonly when?: string
  readonly atCommit?: boolean
  /** The provider call may have been lost before it was made: nothing can finish before its time is up, and nothing is wrong. */
  readonly mayStayOpen?: boolean
}

const checkoutSteps: Step[] = [
  { name: '1 the key is claimed', table: 'idempotency_keys', on: 'insert' },
  { name: '2 the order is written', table: 'orders', on: 'insert' },
  { name: '3 its lines are written', table: 'order_lines', on: 'insert' },
  { name: '4 its first event is written', table: 'order_events', on: 'insert' },
  { name: '5 the bag is closed', table: 'carts', on: 'update', when: "new.status = 'ordered'" },
  { name: '6 the charge is written', table: 'transactions', on: 'insert' },
  { name: '7 its event is written', table: 'transaction_events', on: 'insert', when: "new.effect = 'created'" },
  { name: '8 the provider call is staged', table: 'outbox', on: 'insert', when: "new.topic = 'payment.start'" },
  { name: '9 the goods are held', table: 'stock_holds', on: 'insert' },
  { name: '10 the answer is kept', table: 'idempotency_keys', on: 'update' },
  { name: '11 the commit', table: 'stock_holds', on: 'insert', atCommit: true },
  { name: '12 the staged call is taken up', table: 'outbox', on: 'update', when: "new.topic = 'payment.start' and new.done_at is null" },
  { name: '13 the attempt is noted before the call', table: 'transaction_events', on: 'insert', when: "new.effect = 'start_attempted'" },
  { name: '14 the provider’s answer is noted', table: 'transaction_events', on: 'insert', when: "new.effect = 'accepted'" },
  { name: '15 the staged call is marked done', table: 'outbox', on: 'update', when: "new.topic = 'payment.start' and new.done_at is not null" },
]

const settlementSteps: Step[] = [
  { name: '1 the callback is stored', table: 'webhook_events', on: 'insert' },
  { name: '2 the callback is taken up', table: 'webhook_events', on: 'update', when: "new.state <> 'processed'" },
  { name: '3 the capture is noted', table: 'transaction_events', on: 'insert', when: "new.effect = 'captured'" },
  { name: '4 the charge succeeds', table: 'transactions', on: 'update', when: "new.state = 'succeeded'" },
  { name: '5 the ledger is posted', table: 'ledger_entries', on: 'insert' },
  { name: '6 the goods leave the shelf', table: 'stock_moves', on: 'insert', when: "new.kind = 'sold'" },
  { name: '7 the holds end', table: 'stock_holds', on: 'update', when: "new.state = 'consumed'" },
  { name: '8 the order is paid', table: 'orders', on: 'update', when: "new.state = 'paid'" },
  { name: '9 its event is written', table: 'order_events', on: 'insert', when: "new.to_state = 'paid'" },
  { name: '10 the message is staged', table: 'outbox', on: 'insert', when: "new.topic = 'order.paid'" },
  { name: '11 the callback is marked done', table: 'webhook_events', on: 'update', when: "new.state = 'processed'" },
  { name: '12 the commit', table: 'ledger_entries', on: 'insert', atCommit: true },
]

/** Stops the shop's transaction at a step, and answers a function that waits for it to stop there, cuts the power and lets go. */
async function pauseAt(step: Step): Promise<() => Promise<void>> {
  const { sql } = bench.database
  const holder = await sql.reserve()
  await holder`select pg_advisory_lock(777)`
  const when = step.when === undefined ? '' : `when (${step.when})`
  await sql.unsafe(
    step.atCommit === true
      ? `create constraint trigger pause_now after ${step.on} on ${step.table} deferrable initially deferred for each row ${when} execute function pause_here()`
      : `create trigger pause_now before ${step.on} on ${step.table} for each row ${when} execute function pause_here()`,
  )
  return async () => {
    await until(async () => (await sql`select 1 from pg_locks where locktype = 'advisory' and objid = 777 and not granted`).length > 0, `step ${step.name}`)
    await child?.kill()
    await holder`select pg_advisory_unlock(777)`
    holder.release()
    // Whatever the dead process left behind ends by itself once the server notices; the trigger can go when it has.
    await until(async () => (await sql`select 1 from pg_stat_activity where datname = current_database() and application_name like ${`rahim-% ${child?.pid ?? 0}`}`).length === 0, 'the dead process’s connections to end')
    await sql.unsafe(`drop trigger pause_now on ${step.table}`)
  }
}

/** A shopper with one thing in the bag and a key for the checkout. */
async function shopper() {
  const { variantId } = await makeVariant(bench.context, bench.catalogue, { stock: 5 })
  const phone = `07${String(20_000_000 + Math.floor(Math.random() * 9_000_000))}9`.slice(0, 10)
  const added = await fetch(`http://127.0.0.1:${port}/api/v1/cart/lines`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ variantId, quantity: 2 }) })
  const cookie = (added.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  const key = crypto.randomUUID()
  const checkout = () =>
    fetch(`http://127.0.0.1:${port}/api/v1/checkout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, 'idempotency-key': key },
      body: JSON.stringify(checkoutBody({ contact: { name: 'Amina Wanjiru', phone } })),
    })
  return { variantId, phone, checkout }
}

type Shopper = Awaited<ReturnType<typeof shopper>>

const orderOf = async ({ variantId }: Shopper) => {
  const rows = await bench.database.sql`select o.id, o.state from orders o join order_lines l on l.order_id = o.id where l.variant_id = ${variantId}`
  expect(rows.length).toBe(1)
  return { id: rows[0]?.['id'] as string, state: rows[0]?.['state'] as string }
}

const promptsOf = async ({ phone }: Shopper) =>
  ((await (await fetch(`${bench.origin}/sandbox/mpesa/prompts?phone=${phone}`)).json()) as { items: { id: string }[] }).items

const press = async (promptId: string, action: string) => {
  const answer = await fetch(`${bench.origin}/sandbox/mpesa/prompts/${promptId}/${action}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(action === 'resend' ? { times: 1 } : { pin: '1234' }) })
  expect(answer.status).toBe(200)
}

async function expectPaidOnce(who: Shopper): Promise<void> {
  await until(async () => (await orderOf(who)).state === 'paid', 'the order to be paid')
  const { sql } = bench.database
  const { id } = await orderOf(who)
  const [shelf] = await sql`select sum(on_hand)::int as on_hand, sum(reserved)::int as reserved from stock_levels where variant_id = ${who.variantId}`
  expect({ ...shelf }).toEqual({ on_hand: 3, reserved: 0 })
  const [money] = await sql`select count(*)::int as charges, sum(captured_minor)::bigint as captured from transactions where order_id = ${id} and state = 'succeeded'`
  expect(money?.['charges']).toBe(1)
  const [messages] = await sql`select count(*)::int as count from outbox where topic = 'order.paid' and payload ->> 'orderId' = ${id}`
  expect(messages?.['count']).toBe(1)
}

const expectLawful = async () => {
  const broken = (await checkInvariants(bench.database.db)).filter((violation) => violation.name !== 'webhooks_are_applied')
  expect(broken).toEqual([])
}

describe('the power fails during a checkout, when', () => {
  test.each(checkoutSteps.map((step) => [step.name, step] as const))('%s', async (_name, step) => {
    await start()
    const who = await shopper()
    const cut = await pauseAt(step)
    const first = who.checkout().catch(() => undefined)
    await cut()
    await first
    await start()
    const again = await who.checkout()
    expect(again.status).toBe(201)
    expect((await orderOf(who)).state).toBe('awaiting_payment')
    const [held] = await bench.database.sql`select sum(reserved)::int as reserved from stock_levels where variant_id = ${who.variantId}`
    expect(held?.['reserved']).toBe(2)
    await until(async () => (await promptsOf(who)).length > 0, 'the prompt on the phone')
    const prompts = await promptsOf(who)
    // A push has no idempotency key at the provider: a lost answer must never become a second prompt.
    expect(prompts).toHaveLength(1)
    await press(prompts[0]?.id ?? '', 'pin')
    await expectPaidOnce(who)
    await expectLawful()
  })
})

describe('the power fails while money is settled, when', () => {
  test.each(settlementSteps.map((step) => [step.name, step] as const))('%s', async (_name, step) => {
    await start()
    const who = await shopper()
    expect((await who.checkout()).status).toBe(201)
    await until(async () => (await promptsOf(who)).length > 0, 'the prompt on the phone')
    const [prompt] = await promptsOf(who)
    const cut = await pauseAt(step)
    const pressed = press(prompt?.id ?? '', 'pin')
    await cut()
    await pressed
    await start()
    // The callback that met a dead process may never come again; here it does, and may be the second or the third.
    await press(prompt?.id ?? '', 'resend')
    await expectPaidOnce(who)
    await expectLawful()
  })
})
