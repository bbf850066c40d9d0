-- What must always be true of the shop's data. Each query answers one row, with a column `subject`, for each thing that is wrong;
-- no row is health. Run by tests, by `bun run shop doctor` and every night. A query here repairs nothing: a row means a fault in
-- the code or a hand in the database, and a person looks.

-- invariant: postings_balance
-- The ledger lines of one event sum to zero in each currency.
select event_id::text as subject from ledger_entries group by event_id, currency having sum(amount_minor) <> 0;

-- invariant: ledger_sums_to_zero
-- The whole ledger sums to zero in each currency.
select currency::text as subject from ledger_entries group by currency having sum(amount_minor) <> 0;

-- invariant: postings_name_their_transaction
-- A ledger line belongs to the transaction of the event that caused it.
select l.id::text as subject from ledger_entries l join transaction_events e on e.id = l.event_id where e.transaction_id <> l.transaction_id;

-- invariant: captured_money_is_posted
-- A charge that holds money has it in the ledger, to the cent.
select t.id::text as subject from transactions t
where t.kind = 'charge' and t.captured_minor <> coalesce((
  select sum(l.amount_minor) from ledger_entries l join transaction_events e on e.id = l.event_id
  where l.transaction_id = t.id and e.effect in ('captured', 'parked') and l.account in ('provider_clearing', 'cash_in_hand') and l.amount_minor > 0), 0)
  and t.captured_minor > 0;

-- invariant: one_settling_charge
-- An order is paid by one charge.
select order_id::text as subject from transactions where kind = 'charge' and state = 'succeeded' group by order_id having count(*) > 1;

-- invariant: captured_within_total
-- What an order's settling charge holds, and does not give back, is no more than the order costs.
select o.id::text as subject from orders o join transactions t on t.order_id = o.id
where t.kind = 'charge' and t.state = 'succeeded' group by o.id, o.total_minor having sum(t.captured_minor - t.refunded_minor - t.refund_pending_minor) > o.total_minor;

-- invariant: charge_equals_order
-- A charge that waits for money asks for the order's total in the order's currency, unless somebody typed the amount by hand.
select t.id::text as subject from transactions t join orders o on o.id = t.order_id
where t.kind = 'charge' and t.state in ('created', 'pending', 'processing') and o.state in ('awaiting_payment', 'packed', 'on_the_road')
  and t.method is distinct from 'paybill' and (t.amount_minor <> o.total_minor or t.currency <> o.currency);

-- invariant: success_is_proven
-- No success without the provider's own amount and currency equal to what we asked for.
select id::text as subject from transactions
where kind = 'charge' and state in ('succeeded', 'duplicate')
  and (proven_amount_minor is distinct from provider_amount_minor or proven_currency is distinct from provider_currency);

-- invariant: mpesa_in_whole_shillings
-- M-Pesa knows no cents.
select id::text as subject from transactions where provider = 'mpesa' and amount_minor % 100 <> 0;

-- invariant: paid_order_has_money
-- An order past payment has one succeeded charge over its total; one paid at the door has it before it is handed over.
select o.id::text as subject from orders o
where o.state in ('paid', 'packed', 'on_the_road', 'delivered', 'returned')
  and (o.payment_method is distinct from 'cod' or o.paid_at is not null or o.state in ('paid', 'delivered'))
  and not exists (select 1 from transactions t where t.order_id = o.id and t.kind = 'charge' and t.state = 'succeeded' and t.captured_minor >= o.total_minor);

-- invariant: money_has_an_order
-- Proven money either made its order paid or is being given back.
select t.id::text as subject from transactions t join orders o on o.id = t.order_id
where t.kind = 'charge' and t.state = 'succeeded' and o.state in ('awaiting_payment', 'cancelled', 'expired')
  and t.refunded_minor + t.refund_pending_minor < t.captured_minor
union all
select t.id::text from transactions t
where t.kind = 'charge' and t.state = 'duplicate' and t.refunded_minor + t.refund_pending_minor < t.captured_minor;

-- invariant: refunds_within_charge
-- Refunds, those under way included, are no more than the charge.
select c.id::text as subject from transactions c join transactions r on r.parent_id = c.id and r.kind = 'refund' and r.state <> 'failed'
where c.kind = 'charge' group by c.id, c.captured_minor having sum(r.amount_minor) > c.captured_minor;

-- invariant: refund_counters_equal_refunds
-- A charge's counters are the sums of its refund rows.
select c.id::text as subject from transactions c
left join lateral (
  select coalesce(sum(r.amount_minor) filter (where r.state = 'succeeded'), 0) as refunded,
    coalesce(sum(r.amount_minor) filter (where r.state in ('created', 'pending', 'manual')), 0) as pending
  from transactions r where r.parent_id = c.id and r.kind = 'refund'
) sums on true
where c.kind = 'charge' and (c.refunded_minor <> sums.refunded or c.refund_pending_minor <> sums.pending);

-- invariant: disputed_counter_equals_disputes
-- What a charge has in dispute is what its open and lost disputes say.
select c.id::text as subject from transactions c
where c.kind = 'charge' and c.disputed_minor <> coalesce((
  select sum(d.amount_minor) from transactions d where d.parent_id = c.id and d.kind = 'dispute' and d.state in ('open', 'lost')), 0);

-- invariant: refunds_payable_equals_pending
-- What the books say we are about to send back is what the charges say.
select c.id::text as subject from transactions c
where c.kind = 'charge' and c.refund_pending_minor <> coalesce((
  select -sum(l.amount_minor) from ledger_entries l where l.transaction_id = c.id and l.account = 'refunds_payable'), 0);

-- invariant: sold_is_paid
-- No order was split to its vendors for more than was paid for it.
select l.order_id::text as subject from ledger_entries l where l.account = 'order_receivable' and l.order_id is not null
group by l.order_id having sum(l.amount_minor) > 0;

-- invariant: claw_backs_within_sale
-- Nobody gives back more of a sale than they had of it.
select l.order_id::text as subject from ledger_entries l
where l.order_id is not null and l.account in ('vendor_payable', 'commission_income', 'commission_vat', 'delivery_income', 'vat_payable')
group by l.order_id, l.account, l.vendor_id having sum(l.amount_minor) > 0;

-- invariant: order_moves_are_legal
-- Every move of an order stands in the table of allowed moves.
select e.id::text as subject from order_events e
where e.from_state is not null and e.from_state <> e.to_state
  and not exists (select 1 from state_transitions s where s.machine = 'order' and s.from_state = e.from_state and s.to_state = e.to_state);

-- invariant: transaction_moves_are_legal
-- Every move of a charge, refund, payout or dispute stands in the table of allowed moves.
select e.id::text as subject from transaction_events e join transactions t on t.id = e.transaction_id
where e.from_state is not null and e.from_state <> e.to_state
  and not exists (select 1 from state_transitions s where s.machine = t.kind and s.from_state = e.from_state and s.to_state = e.to_state);

-- invariant: delivery_moves_are_legal
-- Every move of a delivery stands in the table of allowed moves.
select e.id::text as subject from delivery_events e
where e.from_state is not null and e.from_state <> e.to_state
  and not exists (select 1 from state_transitions s where s.machine = 'delivery' and s.from_state = e.from_state and s.to_state = e.to_state);

-- invariant: order_state_is_told
-- An order is in a state one of its events led to, and has events at all.
select o.id::text as subject from orders o where not exists (select 1 from order_events e where e.order_id = o.id and e.to_state = o.state);

-- invariant: transaction_state_is_its_last_event
-- A transaction is in the state its last event led to, and its events are numbered without gaps.
select t.id::text as subject from transactions t
left join lateral (select count(*)::int as events, max(seq) as last_seq from transaction_events e where e.transaction_id = t.id) n on true
where n.events <> t.event_count or n.last_seq is distinct from t.event_count
  or not exists (select 1 from transaction_events e where e.transaction_id = t.id and e.seq = n.last_seq and e.to_state = t.state);

-- invariant: delivery_events_have_no_gaps
-- A delivery's events are numbered from one to its count, so that a watcher can resume without missing one.
select d.id::text as subject from deliveries d
left join lateral (select count(*)::int as events, coalesce(max(seq), 0) as last_seq from delivery_events e where e.delivery_id = d.id) n on true
where n.events <> d.event_count or n.last_seq <> d.event_count;

-- invariant: reserved_equals_holds
-- What a shelf has reserved is what its live holds say.
select s.variant_id || ' ' || s.warehouse_id as subject from stock_levels s
where s.reserved <> coalesce((select sum(h.quantity) from stock_holds h where h.variant_id = s.variant_id and h.warehouse_id = s.warehouse_id and h.state = 'held'), 0);

-- invariant: on_hand_equals_moves
-- What lies on a shelf is the sum of its moves.
select s.variant_id || ' ' || s.warehouse_id as subject from stock_levels s
where s.on_hand <> coalesce((select sum(m.delta) from stock_moves m where m.variant_id = s.variant_id and m.warehouse_id = s.warehouse_id), 0);

-- invariant: never_oversold
-- Nothing is promised that does not lie there.
select variant_id || ' ' || warehouse_id as subject from stock_levels where on_hand < 0 or reserved < 0 or reserved > on_hand;

-- invariant: no_hold_past_expiry
-- No goods stay set aside for an order that is over, paid, or unpaid two minutes past its time with no payment on the way.
select h.id::text as subject from stock_holds h join orders o on o.id = h.order_id
where h.state = 'held' and (
  o.state <> 'awaiting_payment'
  or (o.expires_at < now() - interval '2 minutes'
    and not exists (select 1 from transactions t where t.order_id = o.id and t.kind = 'charge' and t.state in ('created', 'pending', 'processing', 'review')))
);

-- invariant: paid_order_has_its_goods
-- The goods of an order past payment left the shelf, all of them and no more.
select o.id::text as subject from orders o
where o.state in ('paid', 'packed', 'on_the_road', 'delivered', 'returned')
  and (select coalesce(sum(l.quantity), 0) from order_lines l where l.order_id = o.id)
    <> (select coalesce(sum(h.quantity), 0) from stock_holds h where h.order_id = o.id and h.state = 'consumed');

-- invariant: sold_goods_have_moves
-- Each consumed hold is a move off the shelf.
select h.order_id::text as subject from stock_holds h where h.state = 'consumed' group by h.order_id
having sum(h.quantity) <> coalesce((select -sum(m.delta) from stock_moves m where m.order_id = h.order_id and m.kind = 'sold'), 0);

-- invariant: webhooks_are_applied
-- A provider's message waits no longer than a minute for its effects.
select id::text as subject from webhook_events
where applied_at is null and state <> 'unmatched' and received_at < now() - interval '60 seconds';

-- invariant: webhooks_find_their_transaction
-- A provider's message that names nothing we know is settled by a person within a day.
select id::text as subject from webhook_events where state = 'unmatched' and received_at < now() - interval '24 hours';

-- invariant: idempotency_keys_have_answers
-- A key that was committed has its answer; claim and answer are one commit.
select scope || ' ' || key as subject from idempotency_keys where status is null or body is null or answered_at is null;

-- invariant: outbox_is_worked
-- A message to send is taken within fifteen minutes of its time.
select id::text as subject from outbox
where done_at is null and dead_at is null and available_at < now() - interval '15 minutes' and (locked_until is null or locked_until < now() - interval '15 minutes');

-- invariant: outbox_has_no_dead_rows
-- No message was given up.
select id::text as subject from outbox where dead_at is not null and done_at is null;

-- invariant: order_adds_up
-- An order's total is its lines, plus delivery, less discount; its lines are its line rows.
select o.id::text as subject from orders o
where o.total_minor <> o.lines_minor + o.delivery_minor - o.discount_minor
  or o.lines_minor <> (select coalesce(sum(l.total_minor), 0) from order_lines l where l.order_id = o.id);

-- invariant: one_order_a_cart
-- A bag becomes at most one order and is closed by it.
select o.cart_id::text as subject from orders o group by o.cart_id having count(*) > 1
union all
select c.id::text from orders o join carts c on c.id = o.cart_id where c.status <> 'ordered';

-- invariant: one_active_cart
-- A visitor has one active bag.
select account_id::text as subject from carts where status = 'active' and account_id is not null group by account_id having count(*) > 1
union all
select token_hash from carts where status = 'active' and token_hash is not null group by token_hash having count(*) > 1;

-- invariant: deliveries_follow_their_order
-- Goods are only on the way for an order that was packed, and an order on the road has a delivery.
select d.id::text as subject from deliveries d join orders o on o.id = d.order_id
where d.state in ('picked_up', 'en_route', 'arriving', 'delivered') and o.state in ('awaiting_payment', 'paid', 'cancelled', 'expired')
union all
select o.id::text from orders o where o.state = 'on_the_road' and not exists (select 1 from deliveries d where d.order_id = o.id and d.state <> 'cancelled');

-- invariant: promo_uses_equal_redemptions
-- A code was used as often as orders count for it, and never more often than it may be.
select p.code as subject from promos p
where p.used_count <> (select count(*) from promo_redemptions r where r.promo_id = p.id and r.state = 'counted')
  or p.used_count > p.total_limit;

-- invariant: promo_counts_for_live_orders
-- An order with a discount by code counts for the code, and one that came to nothing does not.
select o.id::text as subject from orders o
where o.promo_code is not null and (o.state in ('cancelled', 'expired')) = exists (select 1 from promo_redemptions r where r.order_id = o.id and r.state = 'counted');

-- invariant: discount_is_split_over_lines
-- An order's discount is what its lines were given, to the cent.
select o.id::text as subject from orders o join order_lines l on l.order_id = o.id
group by o.id, o.discount_minor having sum(l.discount_minor) <> o.discount_minor;

-- invariant: returned_counters_equal_returns
-- What a line says is coming back, and came back, is what its returns say.
select l.id::text as subject from order_lines l
left join lateral (
  select coalesce(sum(case when r.state = 'received' then x.accepted_quantity else x.quantity end) filter (where r.state in ('requested', 'approved', 'received')), 0) as returned,
    coalesce(sum(x.accepted_quantity) filter (where r.state = 'received'), 0) as refunded
  from return_lines x join returns r on r.id = x.return_id where x.order_line_id = l.id
) sums on true
where l.returned_quantity <> sums.returned or l.refunded_quantity <> sums.refunded;

-- invariant: returns_pay_back_what_was_taken
-- A received return paid back its lines, and no line was paid back more than was paid for it.
select r.id::text as subject from returns r join return_lines x on x.return_id = r.id
where r.state = 'received' group by r.id, r.refund_minor, r.delivery_refund_minor having sum(x.refund_minor) + r.delivery_refund_minor <> r.refund_minor
union all
select l.id::text from order_lines l join return_lines x on x.order_line_id = l.id
group by l.id, l.total_minor, l.discount_minor having sum(x.refund_minor) > l.total_minor - l.discount_minor;

-- invariant: packed_equals_shipments
-- What a line says is packed lies in its deliveries.
select l.id::text as subject from order_lines l
where l.packed_quantity <> coalesce((select sum(d.quantity) from delivery_lines d where d.order_line_id = l.id), 0);

-- invariant: ratings_equal_reviews
-- A product's stars are those of its published reviews.
select r.product_id::text as subject from product_ratings r
left join lateral (
  select count(*) as reviews, coalesce(sum(v.stars), 0) as stars from reviews v where v.product_id = r.product_id and v.state = 'published'
) sums on true
where r.count <> sums.reviews or r.stars <> sums.stars;

-- invariant: payouts_payable_equals_open_payouts
-- What the books say is on its way to vendors is what open payouts say.
select coalesce(t.vendor_id::text, 'nobody') as subject from (
  select vendor_id, sum(amount_minor) filter (where state in ('created', 'pending')) as open_minor from transactions where kind = 'payout' group by vendor_id
) t where coalesce(t.open_minor, 0) <> coalesce((
  select -sum(l.amount_minor) from ledger_entries l join transactions p on p.id = l.transaction_id
  where l.account = 'payouts_payable' and p.vendor_id = t.vendor_id), 0);

-- invariant: payout_batches_add_up
-- A batch is the sum of its payouts, each equal to its transaction.
select b.id::text as subject from payout_batches b
where b.total_minor <> (select coalesce(sum(p.amount_minor), 0) from payouts p where p.batch_id = b.id)
union all
select p.transaction_id::text from payouts p join transactions t on t.id = p.transaction_id
where t.kind <> 'payout' or t.amount_minor <> p.amount_minor or t.vendor_id <> p.vendor_id;

-- invariant: sub_orders_equal_lines
-- What an order is to a vendor is what its frozen lines say, and every sold order is split to all its vendors.
select o.id::text as subject from orders o join order_lines l on l.order_id = o.id
left join sub_orders s on s.order_id = o.id and s.vendor_id = l.vendor_id
where o.paid_at is not null and o.state not in ('awaiting_payment', 'expired')
group by o.id, l.vendor_id, s.id
having s.id is null or s.gross_minor <> sum(l.total_minor) or s.commission_minor <> sum(l.commission_minor) or s.pieces <> sum(l.quantity);

-- invariant: invoice_numbers_have_no_gaps
-- A series of documents counts from one to its last number.
select kind || ' ' || year as subject from invoices group by kind, year having count(*) <> max(sequence) or min(sequence) <> 1;

-- invariant: credit_notes_within_invoice
-- No more is credited than was billed.
select i.number as subject from invoices i join invoices c on c.parent_id = i.id group by i.id, i.number, i.total_minor having sum(c.total_minor) > i.total_minor;
