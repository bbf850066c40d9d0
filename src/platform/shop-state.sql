-- What is waiting in the shop right now, for the metrics: one row a figure, with its name, one label and its value. Each part reads
-- a small partial index, so that a scrape every fifteen seconds costs next to nothing with a hundred thousand orders.

select 'shop_outbox_due' as name, topic as label, count(*)::float8 as value from outbox where done_at is null and dead_at is null group by topic
union all
select 'shop_outbox_oldest_seconds', '', coalesce(extract(epoch from now() - min(available_at)), 0)::float8 from outbox
where done_at is null and dead_at is null and available_at <= now()
union all
select 'shop_outbox_given_up', topic, count(*)::float8 from outbox where dead_at is not null and done_at is null group by topic
union all
select 'shop_webhooks_open', provider || ' ' || state, count(*)::float8 from webhook_events
where state in ('received', 'deferred', 'failed', 'unmatched') group by provider, state
union all
select 'shop_webhooks_oldest_seconds', '', coalesce(extract(epoch from now() - min(received_at)), 0)::float8 from webhook_events
where state in ('received', 'deferred', 'failed')
union all
select 'shop_transactions_unfinished', provider || ' ' || state, count(*)::float8 from transactions
where next_check_at is not null group by provider, state
union all
select 'shop_reconciliation_breaks_open', provider, count(*)::float8 from reconciliation_breaks where resolved_at is null group by provider
union all
select 'shop_orders_awaiting_payment', '', count(*)::float8 from orders where state = 'awaiting_payment'
union all
select 'shop_deliveries_live', state, count(*)::float8 from deliveries
where state not in ('delivered', 'cancelled') group by state
union all
select 'shop_job_age_seconds', name, extract(epoch from now() - finished_at)::float8 from job_runs where finished_at is not null
union all
select 'shop_job_failing', name, (failed_at is not null and failed_at >= started_at)::int::float8 from job_runs
