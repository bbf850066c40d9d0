import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { checkInvariants, readInvariants } from '../../src/platform/check-invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

const id = (number: number): string => `'00000000-0000-7000-8000-${String(number).padStart(12, '0')}'::uuid`
const [order, cart, charge, other, refund, event, variant, warehouse, delivery, hold] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(id)
const hourAgo = `now() - interval '1 hour'`
const aCharge = (values: string): string =>
  `insert into transactions (id, kind, provider, order_id, state, amount_minor, currency, provider_amount_minor, provider_currency, proven_amount_minor, proven_currency, captured_minor, refunded_minor, refund_pending_minor, event_count) values ${values}`
const anOrder = (state: string): string =>
  `insert into orders (id, cart_id, state, total_minor, lines_minor, delivery_minor, discount_minor, currency, expires_at) values (${order}, ${cart}, '${state}', 1000, 1000, 0, 0, 'KES', now() + interval '1 hour')`

/** How each invariant can be broken by somebody with a database client and no laws in the way. */
const plants: Record<string, string[]> = {
  postings_balance: [
    `insert into ledger_entries (id, event_id, currency, amount_minor) values (${charge}, ${event}, 'KES', 5), (${other}, ${event}, 'KES', -4)`,
  ],
  ledger_sums_to_zero: [`insert into ledger_entries (id, event_id, currency, amount_minor) values (${charge}, ${event}, 'KES', 5)`],
  postings_name_their_transaction: [
    `insert into transaction_events (id, transaction_id, seq, effect) values (${event}, ${charge}, 1, 'captured')`,
    `insert into ledger_entries (id, event_id, transaction_id, currency, amount_minor) values (${refund}, ${event}, ${other}, 'KES', 5)`,
  ],
  captured_money_is_posted: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 0, 0, 0)`),
  ],
  one_settling_charge: [
    aCharge(
      `(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 0, 0, 0), (${other}, 'charge', 'stripe', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 0, 0, 0)`,
    ),
  ],
  captured_within_total: [
    anOrder('paid'),
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1100, 0, 0, 0)`),
  ],
  charge_equals_order: [
    anOrder('awaiting_payment'),
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'pending', 900, 'KES', 900, 'KES', null, null, 0, 0, 0, 0)`),
  ],
  success_is_proven: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', null, null, 1000, 0, 0, 0)`),
  ],
  mpesa_in_whole_shillings: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'pending', 1050, 'KES', 1050, 'KES', null, null, 0, 0, 0, 0)`),
  ],
  paid_order_has_money: [anOrder('paid')],
  money_has_an_order: [
    anOrder('expired'),
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 0, 400, 0)`),
  ],
  refunds_within_charge: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 0, 0, 0)`),
    `insert into transactions (id, kind, parent_id, state, amount_minor) values (${refund}, 'refund', ${charge}, 'pending', 1200)`,
  ],
  refund_counters_equal_refunds: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 500, 0, 0)`),
  ],
  disputed_counter_equals_disputes: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 0, 0, 0)`),
    `insert into transactions (id, kind, parent_id, state, amount_minor) values (${refund}, 'dispute', ${charge}, 'open', 1000)`,
  ],
  refunds_payable_equals_pending: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'succeeded', 1000, 'KES', 1000, 'KES', 1000, 'KES', 1000, 0, 500, 0)`),
  ],
  sold_is_paid: [
    `insert into ledger_entries (id, event_id, order_id, account, currency, amount_minor) values (${charge}, ${event}, ${order}, 'order_receivable', 'KES', 5)`,
  ],
  claw_backs_within_sale: [
    `insert into ledger_entries (id, event_id, order_id, account, currency, amount_minor) values (${charge}, ${event}, ${order}, 'vendor_payable', 'KES', 5)`,
  ],
  order_moves_are_legal: [`insert into order_events (id, order_id, from_state, to_state) values (${event}, ${order}, 'cancelled', 'paid')`],
  transaction_moves_are_legal: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'failed', 1000, 'KES', 1000, 'KES', null, null, 0, 0, 0, 1)`),
    `insert into transaction_events (id, transaction_id, seq, from_state, to_state) values (${event}, ${charge}, 1, 'succeeded', 'failed')`,
  ],
  delivery_moves_are_legal: [
    `insert into delivery_events (id, delivery_id, seq, from_state, to_state) values (${event}, ${delivery}, 1, 'delivered', 'pending')`,
  ],
  order_state_is_told: [anOrder('awaiting_payment')],
  transaction_state_is_its_last_event: [
    aCharge(`(${charge}, 'charge', 'mpesa', ${order}, 'failed', 1000, 'KES', 1000, 'KES', null, null, 0, 0, 0, 1)`),
    `insert into transaction_events (id, transaction_id, seq, to_state) values (${event}, ${charge}, 1, 'pending')`,
  ],
  delivery_events_have_no_gaps: [
    `insert into deliveries (id, state, event_count) values (${delivery}, 'pending', 2)`,
    `insert into delivery_events (id, delivery_id, seq, to_state) values (${event}, ${delivery}, 2, 'pending')`,
  ],
  reserved_equals_holds: [`insert into stock_levels (variant_id, warehouse_id, on_hand, reserved) values (${variant}, ${warehouse}, 0, 1)`],
  on_hand_equals_moves: [`insert into stock_levels (variant_id, warehouse_id, on_hand, reserved) values (${variant}, ${warehouse}, 3, 0)`],
  never_oversold: [`insert into stock_levels (variant_id, warehouse_id, on_hand, reserved) values (${variant}, ${warehouse}, -1, 0)`],
  no_hold_past_expiry: [
    anOrder('awaiting_payment'),
    `update orders set expires_at = ${hourAgo}`,
    `insert into stock_holds (id, order_id, variant_id, warehouse_id, quantity, state) values (${hold}, ${order}, ${variant}, ${warehouse}, 1, 'held')`,
  ],
  paid_order_has_its_goods: [
    anOrder('paid'),
    `insert into order_lines (id, order_id, quantity, total_minor) values (${event}, ${order}, 2, 1000)`,
  ],
  sold_goods_have_moves: [
    `insert into stock_holds (id, order_id, variant_id, warehouse_id, quantity, state) values (${hold}, ${order}, ${variant}, ${warehouse}, 1, 'consumed')`,
  ],
  webhooks_are_applied: [`insert into webhook_events (id, state, received_at) values (${event}, 'received', ${hourAgo})`],
  webhooks_find_their_transaction: [
    `insert into webhook_events (id, state, received_at) values (${event}, 'unmatched', now() - interval '2 days')`,
  ],
  idempotency_keys_have_answers: [`insert into idempotency_keys (scope, key, request_hash) values ('guest checkout', 'abcdefgh', 'x')`],
  outbox_is_worked: [`insert into outbox (id, topic, available_at) values (${event}, 'payment.start', ${hourAgo})`],
  outbox_has_no_dead_rows: [`insert into outbox (id, topic, available_at, dead_at) values (${event}, 'payment.start', ${hourAgo}, now())`],
  order_adds_up: [anOrder('awaiting_payment')],
  one_order_a_cart: [anOrder('awaiting_payment'), `insert into orders (id, cart_id, state) values (${other}, ${cart}, 'awaiting_payment')`],
  one_active_cart: [`insert into carts (id, account_id, status) values (${cart}, ${variant}, 'active'), (${other}, ${variant}, 'active')`],
  deliveries_follow_their_order: [
    anOrder('paid'),
    `insert into deliveries (id, order_id, state, event_count) values (${delivery}, ${order}, 'en_route', 0)`,
  ],
  payouts_payable_equals_open_payouts: [
    `insert into transactions (id, kind, vendor_id, state, amount_minor) values (${charge}, 'payout', ${other}, 'pending', 1000)`,
  ],
  payout_batches_add_up: [`insert into payout_batches (id, number, total_minor) values (${event}, 'PB-1', 1000)`],
  sub_orders_equal_lines: [
    anOrder('paid'),
    `update orders set paid_at = now()`,
    `insert into order_lines (id, order_id, vendor_id, quantity, total_minor, commission_minor) values (${event}, ${order}, ${other}, 1, 1000, 20)`,
  ],
  invoice_numbers_have_no_gaps: [`insert into invoices (id, kind, year, sequence) values (${event}, 'invoice', 2026, 2)`],
  credit_notes_within_invoice: [
    `insert into invoices (id, kind, number, total_minor) values (${event}, 'invoice', 'INV-1', 1000)`,
    `insert into invoices (id, kind, number, parent_id, total_minor) values (${other}, 'credit_note', 'CRN-1', ${event}, 1001)`,
  ],
  promo_uses_equal_redemptions: [`insert into promos (id, code, kind, used_count) values (${event}, 'KARIBU', 'free_delivery', 1)`],
  promo_counts_for_live_orders: [anOrder('paid'), `update orders set promo_code = 'KARIBU'`],
  discount_is_split_over_lines: [
    anOrder('paid'),
    `insert into order_lines (id, order_id, quantity, total_minor, discount_minor) values (${event}, ${order}, 1, 1000, 100)`,
  ],
  returned_counters_equal_returns: [
    `insert into order_lines (id, order_id, quantity, total_minor, returned_quantity) values (${event}, ${order}, 2, 1000, 1)`,
  ],
  returns_pay_back_what_was_taken: [
    `insert into returns (id, order_id, state, refund_minor, delivery_refund_minor) values (${other}, ${order}, 'received', 1000, 0)`,
    `insert into return_lines (id, return_id, order_line_id, quantity, accepted_quantity, refund_minor) values (${hold}, ${other}, ${event}, 1, 1, 900)`,
  ],
  packed_equals_shipments: [
    `insert into order_lines (id, order_id, quantity, total_minor, packed_quantity) values (${event}, ${order}, 2, 1000, 1)`,
  ],
  ratings_equal_reviews: [`insert into product_ratings (product_id, count, stars) values (${variant}, 1, 5)`],
}

/** Everything the database itself would refuse with, taken away; for this scratch database only. */
const lawless = `do $$ declare r record; begin
  for r in select conrelid::regclass as t, conname from pg_constraint where connamespace = 'public'::regnamespace and contype = 'f' loop execute format('alter table %s drop constraint %I', r.t, r.conname); end loop;
  for r in select conrelid::regclass as t, conname from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'u') loop execute format('alter table %s drop constraint %I', r.t, r.conname); end loop;
  for r in select indexrelid::regclass as i from pg_index x join pg_class c on c.oid = x.indrelid where x.indisunique and not x.indisprimary and c.relnamespace = 'public'::regnamespace loop execute format('drop index %s', r.i); end loop;
  for r in select tgrelid::regclass as t, tgname from pg_trigger g join pg_class c on c.oid = g.tgrelid where not tgisinternal and c.relnamespace = 'public'::regnamespace loop execute format('drop trigger %I on %s', r.tgname, r.t); end loop;
  for r in select a.attrelid::regclass as t, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and a.attnotnull and not a.attisdropped and a.attidentity = '' and not exists (select 1 from pg_index p where p.indrelid = c.oid and p.indisprimary and a.attnum = any(p.indkey))
    loop execute format('alter table %s alter column %I drop not null', r.t, r.attname); end loop;
end $$`

describe('the invariants', () => {
  let database: FreshDatabase
  const invariants = readInvariants()
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.drop())

  test('are sentences with names of their own', () => {
    expect(invariants.length).toBeGreaterThan(25)
    expect(new Set(invariants.map(({ name }) => name)).size).toBe(invariants.length)
    expect(invariants.filter(({ says }) => !says.endsWith('.'))).toEqual([])
  })

  test('a block that cannot be read is refused, not skipped', () => {
    expect(() => readInvariants('-- invariant: odd\nselect 1;')).toThrow('cannot read the block')
  })

  test('all hold in a new database', async () => {
    expect(await checkInvariants(database.db)).toEqual([])
  })

  test('each has a way to be broken below', () => {
    expect(Object.keys(plants).sort()).toEqual(invariants.map(({ name }) => name).sort())
  })

  test.each(Object.keys(plants))('%s finds what breaks it', async (name) => {
    await database.db
      .transaction(async (tx) => {
        await tx.execute(sql.raw(lawless))
        for (const statement of plants[name] ?? []) await tx.execute(sql.raw(statement))
        const broken = await checkInvariants(
          tx,
          invariants.filter((invariant) => invariant.name === name),
        )
        expect(broken.map((violation) => violation.name)).toEqual([name])
        expect(broken[0]?.count).toBeGreaterThan(0)
        throw new TakenBack()
      })
      .catch((error: unknown) => {
        if (!(error instanceof TakenBack)) throw error
      })
  })
})

class TakenBack extends Error {}
