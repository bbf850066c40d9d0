import type postgres from 'postgres'
import { readInvariants } from '../../src/platform/check-invariants.ts'
import type { Daraja } from './daraja.ts'
import type { Scheduler } from './scheduler.ts'
import { asPrepared } from './sim-database.ts'

/** Sentences that only a run can check, beside the shop's own: it knows that nobody else moves its clock or its rows. */
const ownLaws: readonly (readonly [name: string, query: string])[] = [
  ['each_message_once', 'select dedupe_key as subject from webhook_events group by provider, dedupe_key having count(*) > 1'],
  [
    'each_effect_once',
    'select transaction_id::text as subject from transaction_events group by transaction_id, effect, effect_ref having count(*) > 1',
  ],
  // Nothing is given up while the customer may be typing the PIN.
  [
    'no_end_under_an_open_payment',
    "select o.id::text as subject from orders o join transactions t on t.order_id = o.id where o.state in ('expired', 'cancelled') and t.kind = 'charge' and t.state in ('created', 'pending')",
  ],
]

const isAboutTime = (query: string): boolean => /now\(\)/.test(query)

const union = (laws: readonly (readonly [string, string])[]): string =>
  laws.map(([name, query]) => `select '${name}' as name, subject::text as subject from (${query}) q_${name}`).join(' union all ')

/** What a later commit could hide again; the rest stays wrong once it is, and is found a few commits later. */
const hot: ReadonlySet<string> = new Set(['reserved_equals_holds', 'never_oversold', 'no_end_under_an_open_payment'])
const allEvery = 12

const shopLaws = readInvariants().map(({ name, query }) => [name, query] as const)
// While faults happen, what depends on time may be late; it has to be true when they are over.
const always = [...shopLaws.filter(([, query]) => !isAboutTime(query)), ...ownLaws]
const alwaysTrue = union(always)
const hotTrue = union(always.filter(([name]) => hot.has(name)))

/** Looks after each commit whether everything that must always hold holds. */
export async function checkAlways(admin: postgres.Sql, scheduler: Scheduler, commit: number): Promise<void> {
  const rows = await admin.unsafe<{ name: string; subject: string }[]>(commit % allEvery === 0 ? alwaysTrue : hotTrue, [], asPrepared)
  for (const { name, subject } of rows) scheduler.fail(`${name}: ${subject}`)
}

/** Looks, when nothing is left to do, whether everything came to its end and our books say what the provider's say. */
export async function checkEnd(
  admin: postgres.Sql,
  scheduler: Scheduler,
  daraja: Daraja,
  tokenOf: (transactionId: string) => string,
): Promise<void> {
  const rows = await admin.unsafe<{ name: string; subject: string }[]>(trueAtEnd, [new Date(scheduler.nowMs).toISOString()], asPrepared)
  for (const { name, subject } of rows) scheduler.fail(`at the end, ${name}: ${subject}`)
  await compareBooks(admin, scheduler, daraja, tokenOf)
}

const endLaws: readonly (readonly [string, string])[] = [
  [
    'every_charge_is_final',
    "select reference || ' ' || state || coalesce(' ' || state_reason, '') as subject from transactions where kind = 'charge' and state not in ('succeeded', 'duplicate', 'failed', 'cancelled', 'expired')",
  ],
  [
    'every_refund_is_final',
    "select reference || ' ' || state as subject from transactions where kind = 'refund' and state not in ('succeeded', 'failed')",
  ],
  ['no_order_waits', "select number || ' ' || state as subject from orders where state = 'awaiting_payment'"],
  ['no_goods_are_held', "select order_id::text as subject from stock_holds where state = 'held'"],
  ['outbox_is_empty', "select topic || ' ' || coalesce(last_error, '') as subject from outbox where done_at is null"],
  ['inbox_is_empty', "select state || ' ' || coalesce(last_error, '') as subject from webhook_events where applied_at is null"],
  [
    'paid_orders_are_told',
    "select o.number as subject from orders o where o.state = 'paid' and not exists (select 1 from outbox x where x.dedupe_key = 'order.paid:' || o.id and x.done_at is not null)",
  ],
]

const trueAtEnd = union(
  [...shopLaws, ...ownLaws, ...endLaws].map(([name, query]) => [name, query.replaceAll('now()', '$1::text::timestamptz')] as const),
)

interface Charge {
  readonly id: string
  readonly reference: string
  readonly captured: string
  readonly refunded: string
  readonly order_state: string
}

async function compareBooks(
  admin: postgres.Sql,
  scheduler: Scheduler,
  daraja: Daraja,
  tokenOf: (transactionId: string) => string,
): Promise<void> {
  const charges = await admin<Charge[]>`
    select t.id, t.reference, t.captured_minor::text as captured, t.refunded_minor::text as refunded, o.state as order_state
    from transactions t join orders o on o.id = t.order_id where t.kind = 'charge' order by t.id`
  const known = new Map(charges.map((charge) => [tokenOf(charge.id), charge]))
  for (const prompt of daraja.prompts) {
    const charge = known.get(prompt.token)
    if (charge === undefined) {
      scheduler.fail(`a prompt for a charge that does not exist: ${prompt.checkoutRequestId}`)
      continue
    }
    const kept = prompt.paidKes - prompt.givenBackKes
    const ours = (BigInt(charge.captured) - BigInt(charge.refunded)) / 100n
    if (BigInt(kept) !== ours)
      scheduler.fail(
        `the books differ: ${charge.reference}, order ${charge.order_state}, we say ${ours}, the provider keeps ${kept} of ${prompt.paidKes}`,
      )
    if (kept > 0 && charge.order_state !== 'paid')
      scheduler.fail(`the buyer has neither goods nor money: ${charge.reference}, order ${charge.order_state}`)
  }
  const promised = new Set(daraja.prompts.map(({ token }) => token))
  for (const [token, charge] of known)
    if (charge.captured !== '0' && !promised.has(token)) scheduler.fail(`money out of nothing: ${charge.reference}`)
}
