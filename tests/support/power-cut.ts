import { expect } from 'bun:test'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { freePort } from '../../src/platform/embedded-server.ts'
import { isAlive } from '../../src/platform/process-liveness.ts'
import { checkoutBody } from './actors.ts'
import { testRedisUrl } from './database.ts'
import { makeVariant } from './factories.ts'
import { openShop, type TestShop } from './shop.ts'
import { type ShopProcess, startShopProcess, until } from './shop-process.ts'

/** A step of the shop's work at which the power can be cut: the moment before a row is written, or the commit itself. */
export interface Step {
  readonly name: string
  readonly table: string
  readonly on: 'insert' | 'update'
  readonly when?: string
  readonly atCommit?: boolean
}

/** A shopper with one thing in the bag and a key for the checkout, that tries again as often as it takes. */
export interface PowerCutShopper {
  readonly variantId: string
  readonly phone: string
  checkout(): Promise<Response>
}

/**
 * A shop in a process of its own that can be killed at a numbered step, and the simulated M-Pesa with its phones in this process,
 * so that the provider outlives the shop.
 */
export interface PowerCutBench {
  /** Starts the shop where it is not running: at first, and after a cut. */
  start(): Promise<void>
  /** Arranges that the shop's transaction stops at a step; the answer waits for that, cuts the power and lets go. */
  pauseAt(step: Step): Promise<() => Promise<void>>
  shopper(): Promise<PowerCutShopper>
  /** The one order of a shopper. */
  orderOf(who: PowerCutShopper): Promise<{ id: string; state: string }>
  /** Pieces set aside of what a shopper wants. */
  reserved(who: PowerCutShopper): Promise<number>
  /** The prompts on a shopper's phone, once there is one. */
  prompts(who: PowerCutShopper): Promise<{ id: string }[]>
  press(promptId: string, action: 'pin' | 'resend'): Promise<void>
  /** Waits for the order to be paid; then one charge, goods gone once, one message, and every invariant. */
  expectPaidOnce(who: PowerCutShopper): Promise<void>
  /** After each test: a trigger that was never reached goes. */
  tidy(): Promise<void>
  close(): Promise<void>
}

/** Opens the bench for the given steps. Close it in afterAll. */
export async function openPowerCutBench(steps: readonly Step[]): Promise<PowerCutBench> {
  const bench: TestShop = await openShop()
  const port = await freePort()
  const redisUrl = await testRedisUrl()
  const origin = `http://127.0.0.1:${port}`
  const { sql } = bench.database
  let child: ShopProcess | undefined
  await sql.unsafe(`
    create function pause_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(777); return new; end $$`)
  let serial = 0

  const powerCuts: PowerCutBench = {
    async start() {
      // The process that survived the last test serves the next one.
      if (child !== undefined && isAlive(child.pid)) return
      child = await startShopProcess({
        port,
        databaseUrl: bench.database.url,
        redisUrl,
        environment: { WORK_LEASE_MS: '400', MPESA_BASE_URL: `${bench.origin}/sandbox/mpesa`, MPESA_CALLBACK_BASE_URL: origin },
      })
    },

    async pauseAt(step) {
      const holder = await sql.reserve()
      await holder`select pg_advisory_lock(777)`
      const when = step.when === undefined ? '' : `when (${step.when})`
      await sql.unsafe(
        step.atCommit === true
          ? `create constraint trigger pause_now after ${step.on} on ${step.table} deferrable initially deferred for each row ${when} execute function pause_here()`
          : `create trigger pause_now before ${step.on} on ${step.table} for each row ${when} execute function pause_here()`,
      )
      return async () => {
        await until(
          async () => (await sql`select 1 from pg_locks where locktype = 'advisory' and objid = 777 and not granted`).length > 0,
          `step ${step.name}`,
        )
        await child?.kill()
        await holder`select pg_advisory_unlock(777)`
        holder.release()
        // Whatever the dead process left behind ends by itself once the server notices; the trigger can go when it has.
        const left = `rahim-% ${child?.pid ?? 0}`
        await until(
          async () =>
            (await sql`select 1 from pg_stat_activity where datname = current_database() and application_name like ${left}`).length === 0,
          'the dead process’s connections to end',
        )
        await sql.unsafe(`drop trigger pause_now on ${step.table}`)
      }
    },

    async shopper() {
      const { variantId } = await makeVariant(bench.context, bench.catalogue, { stock: 5 })
      // Past the endings that make a simulated phone act by itself.
      const phone = `072255${1_000 + ++serial}`
      const added = await fetch(`${origin}/api/v1/cart/lines`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ variantId, quantity: 2 }),
      })
      const cookie = (added.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
      const key = crypto.randomUUID()
      return {
        variantId,
        phone,
        checkout: () =>
          fetch(`${origin}/api/v1/checkout`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', cookie, 'idempotency-key': key },
            body: JSON.stringify(checkoutBody({ contact: { name: 'Amina Wanjiru', phone } })),
          }),
      }
    },

    async orderOf({ variantId }) {
      const rows = await sql`select o.id, o.state from orders o join order_lines l on l.order_id = o.id where l.variant_id = ${variantId}`
      expect(rows.length).toBe(1)
      return { id: rows[0]?.['id'] as string, state: rows[0]?.['state'] as string }
    },

    async reserved({ variantId }) {
      const [shelf] = await sql`select sum(reserved)::int as reserved from stock_levels where variant_id = ${variantId}`
      return shelf?.['reserved'] as number
    },

    async prompts({ phone }) {
      const ask = async () =>
        ((await (await fetch(`${bench.origin}/sandbox/mpesa/prompts?phone=${phone}`)).json()) as { items: { id: string }[] }).items
      await until(async () => (await ask()).length > 0, 'the prompt on the phone')
      return await ask()
    },

    async press(promptId, action) {
      const answer = await fetch(`${bench.origin}/sandbox/mpesa/prompts/${promptId}/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(action === 'resend' ? { times: 1 } : { pin: '1234' }),
      })
      expect(answer.status).toBe(200)
    },

    async expectPaidOnce(who) {
      await until(async () => (await powerCuts.orderOf(who)).state === 'paid', 'the order to be paid')
      const { id } = await powerCuts.orderOf(who)
      const [shelf] = await sql`
        select sum(on_hand)::int as on_hand, sum(reserved)::int as reserved from stock_levels where variant_id = ${who.variantId}`
      expect({ ...shelf }).toEqual({ on_hand: 3, reserved: 0 })
      const [money] = await sql`select count(*)::int as charges from transactions where order_id = ${id} and state = 'succeeded'`
      expect(money?.['charges']).toBe(1)
      const [messages] = await sql`select count(*)::int as count from outbox where topic = 'order.paid' and payload ->> 'orderId' = ${id}`
      expect(messages?.['count']).toBe(1)
      // A callback may still be on its way through the inbox; that is no fault.
      expect((await checkInvariants(bench.database.db)).filter(({ name }) => name !== 'webhooks_are_applied')).toEqual([])
    },

    async tidy() {
      for (const { table } of steps) await sql.unsafe(`drop trigger if exists pause_now on ${table}`)
    },

    async close() {
      await child?.kill()
      await bench.close()
    },
  }
  return powerCuts
}
