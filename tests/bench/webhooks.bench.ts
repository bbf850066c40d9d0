import { callbackToken } from '../../src/domain/payments/open-transaction.ts'
import { callbackBody, type Prompt } from '../../src/domain/payments/simulators/mpesa.prompt.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { sha256Hex } from '../../src/lib/signature.ts'
import type { FreshDatabase } from '../support/database.ts'
import { until } from '../support/shop-process.ts'
import type { BareReport } from './bare-order.ts'
import { type Bench, median } from './figure.ts'
import { startShop, withServers } from './measured-process.ts'
import { askProcess, percentile, sendLoad } from './send-load.ts'
import { type Goods, openGoods, placeAll } from './shop-goods.ts'

const appSecret = 'bench-secret-that-opens-nothing-anywhere'
const connections = 8
const messages = 2_000
const rounds = 5
const warmUp = 500
const payers = 150
// Well below what the shop settles, so that the time to `paid` is that of one payment and not of a queue.
const paymentsPerSecond = 15

interface Charge {
  readonly id: string
  readonly sessionRef: string
  readonly paymentRef: string
}

const bodyOf = (charge: Charge): string =>
  JSON.stringify(
    callbackBody(
      {
        checkoutRequestId: charge.sessionRef,
        merchantRequestId: charge.paymentRef,
        amount: 1_700,
        phone: '254712345678',
        receipt: `UB${charge.id.replaceAll('-', '').slice(-16).toUpperCase()}`,
      } as Prompt,
      0,
      { now: new Date() },
    ),
  )
const requestOf = (charge: Charge) => ({
  method: 'POST',
  path: `/webhooks/mpesa/${callbackToken(appSecret, 'mpesa', charge.id)}`,
  headers: { 'content-type': 'application/json' },
  body: bodyOf(charge),
})

/**
 * M-Pesa callbacks accepted a second by the shop over HTTP: address proven, stored, committed, answered. Beside it plain inserts of the
 * same row by a bare script over as many connections, one row a statement. Both are warm, and take turns, so that a hiccup of the
 * machine does not fall on one of them; the middle of the rounds counts. Then how fast what was stored is applied, and the time from
 * one callback to `paid`, with the shop asking the simulated provider in between as it always does.
 */
export const bench: Bench = () =>
  withServers(async (database, redisUrl) => {
    const shop = await startShop(database, redisUrl, { APP_SECRET: appSecret })
    try {
      const goods = await openGoods(database)
      const [first = ''] = (await pending(database, goods, shop.origin, 1)).map(({ id }) => id)
      await database.sql`create table bare_webhook_events (like webhook_events including all)`
      const accepted: BareReport[] = []
      const bare: BareReport[] = []
      const applied: number[] = []
      // The first round only warms both sides.
      for (let round = 0; round <= rounds; round++) {
        const charges = await copies(database, first, messages, round)
        const took = await sendLoad({ origin: shop.origin, connections, requests: charges.map(requestOf) }, 200)
        const isMeasured = round > 0
        if (isMeasured) accepted.push(took)
        const perSecond = await applyRate(database)
        if (isMeasured) applied.push(perSecond)
        // The simulated provider knows nothing of the copies and would be asked about them for an hour, beside what is measured next.
        await database.sql`update transactions set next_check_at = null where reference like 'COPY-%'`
        const plain = await bareInserts(database, charges)
        if (isMeasured) bare.push(plain)
      }
      const paidMs = await timesToPaid(database, goods, shop.origin)
      const rate = (reports: readonly BareReport[]): number => median(reports.map(({ tookMs }) => (messages / tookMs) * 1_000))
      const at = (reports: readonly BareReport[], percent: number): number =>
        median(reports.map(({ latenciesMs }) => percentile(latenciesMs, percent)))
      return [
        { name: 'webhooks accepted', value: rate(accepted), unit: '/s', reference: rate(bare) },
        { name: 'webhooks accepted, p50', value: at(accepted, 50), unit: 'ms', reference: at(bare, 50) },
        { name: 'webhooks accepted, p99', value: at(accepted, 99), unit: 'ms', reference: at(bare, 99) },
        // After the burst: each is a settlement with its events and books, and a question to the provider.
        { name: 'webhooks applied after the burst', value: median(applied), unit: '/s', reference: rate(bare) },
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
async function copies({ sql }: FreshDatabase, id: string, count: number, round: number): Promise<Charge[]> {
  const made = Array.from({ length: count }, (_, index) => ({
    id: randomIds.next(),
    orderId: randomIds.next(),
    cartId: randomIds.next(),
    name: `COPY-${round}-${index}`,
    tokenHash: '',
    sessionRef: `ws_CO_copy_${round}_${index}`,
    paymentRef: `copy-${round}-${index}`,
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

/** Waits until the shop has worked off its inbox; how many it did a second. What comes next is then not measured beside it. */
async function applyRate({ sql }: FreshDatabase): Promise<number> {
  const open = async (): Promise<number> =>
    (await sql<{ open: number }[]>`select count(*)::int as open from webhook_events where applied_at is null`)[0]?.open ?? 0
  const [began, count] = [performance.now(), await open()]
  await until(async () => (await open()) === 0, 'the inbox to be empty', 120_000)
  return count / ((performance.now() - began) / 1_000)
}

/** The same rows by plain inserts, into a copy of the table with all its indexes and checks. */
async function bareInserts({ url }: FreshDatabase, charges: readonly Charge[]): Promise<BareReport> {
  return await askProcess<BareReport>('bare-statements.ts', {
    url,
    connections,
    isTransaction: false,
    statements: [
      `insert into bare_webhook_events (id, provider, dedupe_key, event_type, provider_ref, body, body_sha256, headers, request_id, received_at, next_attempt_at, transaction_id)
       values ($1::uuid, 'mpesa', $2, 'stkCallback', $3, convert_to($4, 'UTF8'), $5, $6::text::jsonb, $7, $8::timestamptz, $8::timestamptz, $9::uuid)`,
    ],
    warmUpRows: warmUp,
    rows: [...charges.slice(0, warmUp), ...charges].map((charge, index) => {
      const body = bodyOf(charge)
      const hash = sha256Hex(body)
      return [
        randomIds.next(),
        `${charge.id}:${index}:${hash}`,
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
