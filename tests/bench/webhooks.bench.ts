import { callbackToken } from '../../src/domain/payments/open-transaction.ts'
import { callbackBody, type Prompt } from '../../src/domain/payments/simulators/mpesa.prompt.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { sha256Hex } from '../../src/lib/signature.ts'
import type { FreshDatabase } from '../support/database.ts'
import { until } from '../support/shop-process.ts'
import type { BareReport } from './bare-order.ts'
import type { Bench } from './figure.ts'
import { startShop, withServers } from './measured-process.ts'
import { askProcess, percentile, sendLoad } from './send-load.ts'
import { type Goods, openGoods, placeAll } from './shop-goods.ts'

const appSecret = 'bench-secret-that-opens-nothing-anywhere'
const connections = 8
const messages = 3_000
const payers = 150
// Well below what the shop settles, so that the time to `paid` is that of one payment and not of a queue.
const paymentsPerSecond = 15

interface Charge {
  readonly id: string
  readonly sessionRef: string
  readonly paymentRef: string
}

const bodyOf = (charge: Charge, index: number): string =>
  JSON.stringify(
    callbackBody(
      {
        checkoutRequestId: charge.sessionRef,
        merchantRequestId: charge.paymentRef,
        amount: 1_700,
        phone: '254712345678',
        receipt: `UB${String(index).padStart(8, '0')}`,
      } as Prompt,
      0,
      { now: new Date() },
    ),
  )
const requestOf = (charge: Charge, index: number) => ({
  method: 'POST',
  path: `/webhooks/mpesa/${callbackToken(appSecret, 'mpesa', charge.id)}`,
  headers: { 'content-type': 'application/json' },
  body: bodyOf(charge, index),
})

/**
 * M-Pesa callbacks accepted a second by the shop over HTTP; beside them plain inserts of the same row by a bare script over as many
 * connections. Then the time from a callback to `paid`, with the shop asking the simulated provider in between as it always does.
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const shop = await startShop(database, redisUrl, { APP_SECRET: appSecret })
    try {
      const goods = await openGoods(database)
      const [first = ''] = (await pending(database, goods, shop.origin, 1)).map(({ id }) => id)
      const charges = await copies(database, first, messages + 300)
      const requests = charges.map(requestOf)
      await sendLoad({ origin: shop.origin, connections, requests: requests.slice(messages) }, 200)
      await quiet(database)
      const accepted = await sendLoad({ origin: shop.origin, connections, requests: requests.slice(0, messages) }, 200)
      await quiet(database)
      // The simulated provider knows nothing of the copies; nobody needs to ask it about them while payments are timed.
      await database.sql`update transactions set next_check_at = null where reference like 'COPY-%'`
      const bare = await bareInserts(database, charges.slice(0, messages))
      const paidMs = await timesToPaid(database, goods, shop.origin)
      const perSecond = (tookMs: number): number => (messages / tookMs) * 1_000
      return [
        { name: 'webhooks accepted', value: perSecond(accepted.tookMs), unit: '/s', reference: perSecond(bare.tookMs) },
        {
          name: 'webhooks accepted, p50',
          value: percentile(accepted.latenciesMs, 50),
          unit: 'ms',
          reference: percentile(bare.latenciesMs, 50),
        },
        {
          name: 'webhooks accepted, p99',
          value: percentile(accepted.latenciesMs, 99),
          unit: 'ms',
          reference: percentile(bare.latenciesMs, 99),
        },
        // The promise is two seconds (design: reliability.md, G13).
        { name: 'callback to paid, p50', value: percentile(paidMs, 50), unit: 'ms', reference: 2_000 },
        { name: 'callback to paid, p99', value: percentile(paidMs, 99), unit: 'ms', reference: 2_000 },
      ]
    } finally {
      await shop.end()
    }
  })

/** Orders whose prompts are out. */
async function pending(database: FreshDatabase, goods: Goods, origin: string, count: number): Promise<Charge[]> {
  const variants = await goods.variants(Math.min(count, 10), count)
  const checkouts = await goods.checkouts(
    origin,
    Array.from({ length: count }, (_, index) => variants[index % variants.length] ?? ''),
  )
  const { transactionIds } = await placeAll(origin, checkouts, 4)
  const charges = () =>
    database.sql<
      (Charge & { state: string })[]
    >`select id, state, session_ref as "sessionRef", payment_ref as "paymentRef" from transactions where id = any(${transactionIds}::uuid[])`
  await until(async () => (await charges()).every(({ state }) => state === 'pending'), 'the prompts to be out')
  return [...(await charges())]
}

/** Many more charges like one that is pending, written straight into the tables: a bench needs addresses, not shoppers. */
async function copies({ sql }: FreshDatabase, id: string, count: number): Promise<Charge[]> {
  const made = Array.from({ length: count }, (_, index) => ({
    id: randomIds.next(),
    orderId: randomIds.next(),
    cartId: randomIds.next(),
    name: `COPY-${index}`,
    tokenHash: '',
    sessionRef: `ws_CO_copy_${index}`,
    paymentRef: `copy-${index}`,
  })).map((copy) => ({ ...copy, tokenHash: sha256Hex(callbackToken(appSecret, 'mpesa', copy.id)) }))
  const rows = JSON.stringify(made)
  const list = `jsonb_to_recordset($1::text::jsonb) as c(id uuid, "orderId" uuid, "cartId" uuid, name text, "tokenHash" text, "sessionRef" text, "paymentRef" text)`
  await sql.unsafe(`insert into carts (id, status, token_hash) select "cartId", 'ordered', name from ${list}`, [rows])
  await sql.unsafe(
    `insert into orders select (jsonb_populate_record(o, jsonb_build_object('id', c."orderId", 'cart_id', c."cartId", 'number', c.name, 'token_hash', c.name))).*
     from ${list}, orders o where o.id = (select order_id from transactions where id = $2::uuid)`,
    [rows, id],
  )
  await sql.unsafe(
    `insert into transactions select (jsonb_populate_record(t, jsonb_build_object('id', c.id, 'order_id', c."orderId", 'reference', c.name, 'callback_token_hash', c."tokenHash",
       'session_ref', c."sessionRef", 'payment_ref', c."paymentRef"))).* from ${list}, transactions t where t.id = $2::uuid`,
    [rows, id],
  )
  return made
}

/** Waits until the shop has worked off its inbox, so that what comes next is not measured beside it. */
const quiet = ({ sql }: FreshDatabase): Promise<void> =>
  until(
    async () => (await sql`select 1 from webhook_events where state = 'received' limit 1`).length === 0,
    'the inbox to be empty',
    120_000,
  )

/** The same rows by plain inserts, into a copy of the table with all its indexes and checks. */
async function bareInserts({ sql, url }: FreshDatabase, charges: readonly Charge[]): Promise<BareReport> {
  await sql`create table bare_webhook_events (like webhook_events including all)`
  return await askProcess<BareReport>('bare-statements.ts', {
    url,
    connections,
    isTransaction: false,
    statements: [
      `insert into bare_webhook_events (id, provider, dedupe_key, event_type, provider_ref, body, body_sha256, headers, request_id, received_at, next_attempt_at, transaction_id)
       values ($1::uuid, 'mpesa', $2, 'stkCallback', $3, convert_to($4, 'UTF8'), $5, $6::text::jsonb, $7, $8::timestamptz, $8::timestamptz, $9::uuid)`,
    ],
    rows: charges.map((charge, index) => {
      const body = bodyOf(charge, index)
      const hash = sha256Hex(body)
      return [
        randomIds.next(),
        `${charge.id}:${hash}`,
        charge.sessionRef,
        body,
        hash,
        '{"content-type":"application/json"}',
        randomIds.next(),
        new Date().toISOString(),
        charge.id,
      ]
    }),
  })
}

/** Payments one after the other at an even pace: from the row in the inbox to the order's own `paid_at`. */
async function timesToPaid(database: FreshDatabase, goods: Goods, origin: string): Promise<number[]> {
  const charges = await pending(database, goods, origin, payers)
  const { items } = (await (await fetch(`${origin}/sandbox/mpesa/prompts`)).json()) as {
    items: { id: string; checkoutRequestId: string }[]
  }
  const prompts = new Map(items.map((prompt) => [prompt.checkoutRequestId, prompt.id]))
  const sent: Promise<Response>[] = []
  for (const charge of charges) {
    sent.push(
      fetch(`${origin}/sandbox/mpesa/prompts/${prompts.get(charge.sessionRef)}/pin`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"pin":"1234"}',
      }),
    )
    await Bun.sleep(1_000 / paymentsPerSecond)
  }
  await Promise.all(sent)
  const ids = charges.map(({ id }) => id)
  const times = () => database.sql<{ ms: number | null }[]>`
    select extract(epoch from o.paid_at - min(w.received_at))::float8 * 1000 as ms from transactions t join orders o on o.id = t.order_id join webhook_events w on w.transaction_id = t.id
    where t.id = any(${ids}::uuid[]) group by t.id, o.paid_at`
  await until(async () => (await times()).filter(({ ms }) => ms !== null).length === payers, 'every order to be paid', 120_000)
  return (await times()).map(({ ms }) => ms ?? Number.NaN)
}
