-- Laws the tables cannot state by themselves. Every statement here exists so that a wrong line of code fails instead of
-- losing money or goods.

-- 1. Facts are never rewritten: events, postings, moves and the audit log only grow.
CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER transaction_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transaction_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER delivery_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER stock_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_moves FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint

-- 2. Money rows are never removed, and what a transaction is about never changes.
CREATE TRIGGER transactions_never_removed BEFORE DELETE OR TRUNCATE ON transactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER orders_never_removed BEFORE DELETE OR TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER webhook_events_never_removed BEFORE DELETE OR TRUNCATE ON webhook_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE FUNCTION refuse_changed_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind, NEW.provider, NEW.reference, NEW.amount_minor, NEW.currency, NEW.provider_amount_minor, NEW.provider_currency)
     IS DISTINCT FROM (OLD.kind, OLD.provider, OLD.reference, OLD.amount_minor, OLD.currency, OLD.provider_amount_minor, OLD.provider_currency)
     OR (OLD.order_id IS NOT NULL AND NEW.order_id IS DISTINCT FROM OLD.order_id)
     OR (OLD.parent_id IS NOT NULL AND NEW.parent_id IS DISTINCT FROM OLD.parent_id) THEN
    RAISE EXCEPTION 'what a transaction is about never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER transactions_identity BEFORE UPDATE ON transactions FOR EACH ROW EXECUTE FUNCTION refuse_changed_transaction();--> statement-breakpoint

-- 3. Every posting sums to zero in each currency when its commit ends.
CREATE FUNCTION refuse_unbalanced_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM ledger_entries WHERE event_id = NEW.event_id GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'the posting of event % does not sum to zero', NEW.event_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_posting();--> statement-breakpoint

-- 4. States move only along the tables of allowed moves.
INSERT INTO state_transitions (machine, from_state, to_state) VALUES
  ('order', 'awaiting_payment', 'paid'), ('order', 'awaiting_payment', 'cancelled'), ('order', 'awaiting_payment', 'expired'),
  ('order', 'paid', 'packed'), ('order', 'paid', 'cancelled'),
  ('order', 'packed', 'on_the_road'), ('order', 'packed', 'cancelled'),
  ('order', 'on_the_road', 'delivered'), ('order', 'on_the_road', 'packed'), ('order', 'on_the_road', 'returned'),
  ('order', 'delivered', 'returned'), ('order', 'expired', 'paid'),
  ('charge', 'created', 'pending'), ('charge', 'created', 'processing'), ('charge', 'created', 'failed'), ('charge', 'created', 'cancelled'),
  ('charge', 'created', 'expired'), ('charge', 'created', 'succeeded'), ('charge', 'created', 'duplicate'), ('charge', 'created', 'review'),
  ('charge', 'pending', 'processing'), ('charge', 'pending', 'failed'), ('charge', 'pending', 'cancelled'), ('charge', 'pending', 'expired'),
  ('charge', 'pending', 'succeeded'), ('charge', 'pending', 'duplicate'), ('charge', 'pending', 'review'),
  ('charge', 'processing', 'pending'), ('charge', 'processing', 'failed'), ('charge', 'processing', 'cancelled'), ('charge', 'processing', 'expired'),
  ('charge', 'processing', 'succeeded'), ('charge', 'processing', 'duplicate'), ('charge', 'processing', 'review'),
  ('charge', 'failed', 'processing'), ('charge', 'failed', 'succeeded'), ('charge', 'failed', 'duplicate'), ('charge', 'failed', 'review'),
  ('charge', 'cancelled', 'processing'), ('charge', 'cancelled', 'succeeded'), ('charge', 'cancelled', 'duplicate'), ('charge', 'cancelled', 'review'),
  ('charge', 'expired', 'processing'), ('charge', 'expired', 'succeeded'), ('charge', 'expired', 'duplicate'), ('charge', 'expired', 'review'),
  ('charge', 'review', 'succeeded'), ('charge', 'review', 'duplicate'), ('charge', 'review', 'failed'),
  ('refund', 'created', 'pending'), ('refund', 'created', 'manual'), ('refund', 'created', 'succeeded'), ('refund', 'created', 'failed'),
  ('refund', 'pending', 'manual'), ('refund', 'pending', 'succeeded'), ('refund', 'pending', 'failed'),
  ('refund', 'manual', 'pending'), ('refund', 'manual', 'succeeded'), ('refund', 'manual', 'failed'),
  ('refund', 'succeeded', 'failed'),
  ('refund', 'failed', 'pending'), ('refund', 'failed', 'manual'), ('refund', 'failed', 'succeeded'),
  ('dispute', 'open', 'won'), ('dispute', 'open', 'lost'), ('dispute', 'won', 'lost'), ('dispute', 'lost', 'won'),
  ('payout', 'created', 'pending'), ('payout', 'created', 'succeeded'), ('payout', 'created', 'failed'),
  ('payout', 'pending', 'succeeded'), ('payout', 'pending', 'failed'), ('payout', 'failed', 'pending'),
  ('delivery', 'pending', 'assigned'), ('delivery', 'pending', 'cancelled'),
  ('delivery', 'assigned', 'pending'), ('delivery', 'assigned', 'picked_up'), ('delivery', 'assigned', 'cancelled'),
  ('delivery', 'picked_up', 'pending'), ('delivery', 'picked_up', 'en_route'), ('delivery', 'picked_up', 'failed'), ('delivery', 'picked_up', 'returning'),
  ('delivery', 'en_route', 'arriving'), ('delivery', 'en_route', 'delivered'), ('delivery', 'en_route', 'failed'), ('delivery', 'en_route', 'returning'),
  ('delivery', 'arriving', 'en_route'), ('delivery', 'arriving', 'delivered'), ('delivery', 'arriving', 'failed'), ('delivery', 'arriving', 'returning'),
  ('delivery', 'failed', 'assigned'), ('delivery', 'failed', 'en_route'), ('delivery', 'failed', 'returning'),
  ('delivery', 'returning', 'cancelled');--> statement-breakpoint
CREATE FUNCTION refuse_illegal_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  machine_name text := CASE TG_TABLE_NAME WHEN 'orders' THEN 'order' WHEN 'deliveries' THEN 'delivery' ELSE to_jsonb(NEW) ->> 'kind' END;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM state_transitions t WHERE t.machine = machine_name AND t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION '% may not move from % to %', machine_name, OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER orders_legal_move BEFORE UPDATE OF state ON orders FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_illegal_move();--> statement-breakpoint
CREATE TRIGGER transactions_legal_move BEFORE UPDATE OF state ON transactions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_illegal_move();--> statement-breakpoint
CREATE TRIGGER deliveries_legal_move BEFORE UPDATE OF state ON deliveries FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_illegal_move();
