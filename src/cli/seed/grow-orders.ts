import type postgres from 'postgres'
import { variantsOfProduct } from './grow-catalogue.ts'

/** Orders from this number to that one, of grown products so many. */
export interface OrderSpan {
  readonly first: number
  readonly last: number
  readonly products: number
}

/** How many orders one grown shopper has. */
export const ordersOfShopper = 20

/**
 * Writes past orders with everything that hangs on them, as the shop would have: bag, lines, history, charge, double entries, shares of
 * vendors, goods that came and went. One in 33 expired unpaid, those of the last day wait to be packed, the rest is delivered; spread over 400 days.
 * Every invariant holds afterwards. Needs the functions of `prepareGrowth`.
 */
export async function growOrders(tx: postgres.TransactionSql, { first, last, products }: OrderSpan): Promise<void> {
  // Rows that are right by the way they are made need not be checked one by one, which takes longer than writing them; a role that may
  // not say so waits. `bun run shop doctor` asks every invariant afterwards.
  await tx`select set_config('session_replication_role', 'replica', true) from pg_roles where rolname = current_user and rolsuper`
  await tx`
    create temp table sold on commit drop as
    select n, pg_temp.uid(10, n) as id, pg_temp.uid(11, n) as cart_id, pg_temp.uid(9, n / ${ordersOfShopper}) as account_id, 'RAH-' || translate(lpad(n::text, 8, '0'), '01', 'ZY') as number,
      case when n % 33 = 0 then 'expired' when (n * 37) % 400 = 0 then 'paid' else 'delivered' end as state,
      now() - ((n * 37) % 400) * interval '1 day' - ((n * 7919) % 80000) * interval '1 second' as at
    from generate_series(${first}::bigint, ${last}::bigint) n`
  await tx`
    insert into accounts (id, name, email, created_at)
    select distinct on (account_id) account_id, 'Shopper ' || n / ${ordersOfShopper}, 'shopper-' || n / ${ordersOfShopper} || '@grown.example', now() - interval '500 days' from sold on conflict do nothing`
  await tx`
    create temp table sold_lines on commit drop as
    select o.n, o.id as order_id, o.state, o.at, k.place, v.id as variant_id, v.product_id, p.vendor_id, w.id as warehouse_id, p.name, v.sku, v.size, v.colour, k.quantity, v.price_minor as unit_minor,
      v.price_minor * k.quantity as total_minor, pg_temp.vat_inside(v.price_minor * k.quantity) as vat_minor, d.commission_basis_points,
      (v.price_minor * k.quantity * d.commission_basis_points * 2 + 10000) / 20000 as commission_minor
    from sold o, generate_series(0, (o.n % 3)::int) place,
      lateral (select ${variantsOfProduct} + (o.n * 7919 + place * (${products}::bigint * ${variantsOfProduct} / 3 + 1)) % (${products}::bigint * ${variantsOfProduct}) as variant, 1 + (o.n + place) % 2 as quantity, place) k
      join variants v on v.id = pg_temp.uid(2, k.variant) join products p on p.id = v.product_id join vendors d on d.id = p.vendor_id,
      (select id from warehouses where is_active order by code desc limit 1) w`
  await tx`
    create temp table sold_totals on commit drop as
    select n, sum(total_minor)::bigint as lines_minor, (sum(vat_minor) + pg_temp.vat_inside(20000))::bigint as vat_minor, (sum(total_minor) + 20000)::bigint as total_minor from sold_lines group by n`
  await tx`insert into carts (id, account_id, status, created_at, updated_at) select cart_id, account_id, 'ordered', at, at from sold`
  await tx`
    insert into orders (id, number, token_hash, account_id, cart_id, state, contact_name, contact_phone, county, town, landmark, delivery_zone, promised_from, promised_to,
      payment_method, payment_phone, lines_minor, delivery_minor, vat_minor, total_minor, created_at, expires_at, paid_at, closed_at)
    select o.id, o.number, encode(sha256(convert_to('grown order ' || o.n, 'UTF8')), 'hex'), o.account_id, o.cart_id, o.state, 'Shopper ' || o.n / ${ordersOfShopper}, '254700' || lpad((o.n % 1000000)::text, 6, '0'),
      c.county, c.county, 'Blue gate opposite the school', c.zone_code, o.at, o.at + interval '2 days', 'mpesa', '254700' || lpad((o.n % 1000000)::text, 6, '0'),
      t.lines_minor, 20000, t.vat_minor, t.total_minor, o.at, o.at + interval '15 minutes', case when o.state <> 'expired' then o.at + interval '1 minute' end,
      case o.state when 'expired' then o.at + interval '15 minutes' when 'delivered' then o.at + interval '1 day' end
    from sold o join sold_totals t using (n), lateral (select county, zone_code from delivery_counties order by county offset 0) c
    where c.county = (select (array_agg(county order by county))[1 + (o.n % count(*))::int] from delivery_counties)`
  await tx`
    insert into order_lines (id, order_id, variant_id, product_id, vendor_id, warehouse_id, position, name, sku, size, colour, quantity, unit_price_minor, total_minor, vat_basis_points, vat_minor, commission_basis_points, commission_minor)
    select pg_temp.uid(12, n * 4 + place), order_id, variant_id, product_id, vendor_id, warehouse_id, place, name, sku, size, colour, quantity, unit_minor, total_minor, 1600, vat_minor, commission_basis_points, commission_minor
    from sold_lines`
  await tx`
    insert into order_events (id, order_id, from_state, to_state, actor, created_at)
    select pg_temp.uid(13, o.n * 8 + e.step), o.id, e.before, e.after, 'system:seed', o.at + e.step * interval '1 minute'
    from sold o join (values ('all', 0, null, 'awaiting_payment'), ('expired', 1, 'awaiting_payment', 'expired'), ('paid', 1, 'awaiting_payment', 'paid'), ('delivered', 1, 'awaiting_payment', 'paid'),
      ('delivered', 2, 'paid', 'packed'), ('delivered', 3, 'packed', 'on_the_road'), ('delivered', 4, 'on_the_road', 'delivered')) e(state, step, before, after) on e.state in ('all', o.state)`
  await growMoney(tx)
  await growMoves(tx)
}

/** The charge of each paid order, its two events, the postings of its capture and what each vendor is owed. */
async function growMoney(tx: postgres.TransactionSql): Promise<void> {
  await tx`
    insert into transactions (id, kind, provider, method, order_id, reference, amount_minor, provider_amount_minor, proven_amount_minor, proven_currency, state, receipt, phone, captured_minor, succeeded_at, event_count, created_at, updated_at)
    select pg_temp.uid(14, o.n), 'charge', 'simulator', 'mpesa', o.id, o.number || '-1', t.total_minor, t.total_minor, t.total_minor, 'KES', 'succeeded', 'GRW' || lpad(o.n::text, 7, '0'), '254700' || lpad((o.n % 1000000)::text, 6, '0'),
      t.total_minor, o.at + interval '1 minute', 2, o.at, o.at + interval '1 minute'
    from sold o join sold_totals t using (n) where o.state <> 'expired'`
  await tx`
    insert into transaction_events (id, transaction_id, seq, effect, effect_ref, amount_minor, currency, from_state, to_state, source, created_at)
    select pg_temp.uid(15, o.n * 2 + e.seq - 1), pg_temp.uid(14, o.n), e.seq, e.effect, e.effect || ' ' || o.n, case e.seq when 2 then t.total_minor end, case e.seq when 2 then 'KES' end, e.before, e.after, 'system', o.at + (e.seq - 1) * interval '1 minute'
    from sold o join sold_totals t using (n), (values (1, 'created', null, 'created'), (2, 'captured', 'created', 'succeeded')) e(seq, effect, before, after) where o.state <> 'expired'`
  await tx`
    create temp table sold_shares on commit drop as
    select n, order_id, at, vendor_id, row_number() over (partition by n order by vendor_id)::int as place, sum(quantity)::int as pieces, sum(total_minor)::bigint as gross_minor,
      sum(commission_minor)::bigint as commission_minor, sum(pg_temp.vat_inside(commission_minor))::bigint as commission_vat_minor
    from sold_lines where state <> 'expired' group by n, order_id, at, vendor_id`
  await tx`
    insert into sub_orders (id, order_id, vendor_id, number, pieces, gross_minor, commission_minor, commission_vat_minor, net_minor, sold_at)
    select pg_temp.uid(16, s.n * 4 + s.place), s.order_id, s.vendor_id, o.number || '-' || chr(64 + s.place), s.pieces, s.gross_minor, s.commission_minor, s.commission_vat_minor, s.gross_minor - s.commission_minor, s.at + interval '1 minute'
    from sold_shares s join sold o using (n)`
  await tx`
    insert into ledger_entries (id, event_id, transaction_id, line, account, vendor_id, order_id, amount_minor, created_at)
    select pg_temp.uid(17, e.n * 256 + e.line), pg_temp.uid(15, e.n * 2 + 1), pg_temp.uid(14, e.n), e.line, e.account, e.vendor_id, pg_temp.uid(10, e.n), e.amount_minor, e.at + interval '1 minute'
    from (
      select o.n, o.at, k.line, k.account, null::uuid as vendor_id, k.amount_minor
      from sold o join sold_totals t using (n),
        lateral (values (1, 'provider_clearing', t.total_minor), (2, 'order_receivable', -t.total_minor), (101, 'order_receivable', t.total_minor),
          (120, 'delivery_income', pg_temp.vat_inside(20000) - 20000), (121, 'vat_payable', -pg_temp.vat_inside(20000))) k(line, account, amount_minor)
      where o.state <> 'expired'
      union all
      select s.n, s.at, 99 + s.place * 3 + k.line, k.account, s.vendor_id, k.amount_minor
      from sold_shares s,
        lateral (values (0, 'vendor_payable', s.commission_minor - s.gross_minor), (1, 'commission_income', s.commission_vat_minor - s.commission_minor), (2, 'commission_vat', -s.commission_vat_minor)) k(line, account, amount_minor)
    ) e where e.amount_minor <> 0`
}

/** Goods of past orders came and went: a move in and a move out, and the shelf is as it was. */
async function growMoves(tx: postgres.TransactionSql): Promise<void> {
  await tx`
    insert into stock_holds (id, order_id, variant_id, warehouse_id, quantity, state, created_at, ended_at)
    select pg_temp.uid(18, n * 4 + place), order_id, variant_id, warehouse_id, quantity, 'consumed', at, at + interval '1 minute' from sold_lines where state <> 'expired'`
  await tx`
    insert into stock_moves (id, variant_id, warehouse_id, kind, delta, order_id, cause, actor, created_at)
    select pg_temp.uid(19, l.n * 8 + l.place * 2 + k.way), l.variant_id, l.warehouse_id, k.kind, k.sign * l.quantity, case k.way when 1 then l.order_id end, 'order:' || l.order_id, 'system:seed', l.at + interval '1 minute'
    from sold_lines l, (values (0, 'received', 1), (1, 'sold', -1)) k(way, kind, sign) where l.state <> 'expired'`
}
