-- Uses of a code are counted where they are written. The update locks the code, so its orders take turns; what follows is read after
-- that lock and cannot be out of date. The name of the refused law is the reason a client is told.
CREATE FUNCTION count_promo_use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  code promos;
  refused text;
BEGIN
  UPDATE promos SET used_count = used_count + 1
  WHERE id = NEW.promo_id AND is_active AND starts_at <= NEW.created_at AND (ends_at IS NULL OR ends_at > NEW.created_at)
    AND (total_limit IS NULL OR used_count < total_limit)
  RETURNING * INTO code;
  IF NOT FOUND THEN
    SELECT * INTO code FROM promos WHERE id = NEW.promo_id;
    refused := CASE WHEN code.starts_at > NEW.created_at THEN 'promo_not_started'
      WHEN NOT code.is_active OR code.ends_at <= NEW.created_at THEN 'promo_ended' ELSE 'promo_used_up' END;
    RAISE EXCEPTION 'the code % cannot be used', code.code USING ERRCODE = 'check_violation', CONSTRAINT = refused;
  END IF;
  NEW.per_person_limit := code.per_person_limit;
  NEW.phone_use := (SELECT min(n) FROM generate_series(1, 1 + (SELECT count(*) FROM promo_redemptions r WHERE r.promo_id = NEW.promo_id AND r.phone = NEW.phone AND r.state = 'counted')) n
    WHERE NOT EXISTS (SELECT 1 FROM promo_redemptions r WHERE r.promo_id = NEW.promo_id AND r.phone = NEW.phone AND r.state = 'counted' AND r.phone_use = n));
  IF NEW.account_id IS NOT NULL THEN
    NEW.account_use := (SELECT min(n) FROM generate_series(1, 1 + (SELECT count(*) FROM promo_redemptions r WHERE r.promo_id = NEW.promo_id AND r.account_id = NEW.account_id AND r.state = 'counted')) n
      WHERE NOT EXISTS (SELECT 1 FROM promo_redemptions r WHERE r.promo_id = NEW.promo_id AND r.account_id = NEW.account_id AND r.state = 'counted' AND r.account_use = n));
  END IF;
  IF greatest(NEW.phone_use, NEW.account_use) > code.per_person_limit THEN
    RAISE EXCEPTION 'the code % was used by this person', code.code USING ERRCODE = 'check_violation', CONSTRAINT = 'promo_used_by_you';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER promo_redemptions_counted BEFORE INSERT ON promo_redemptions FOR EACH ROW EXECUTE FUNCTION count_promo_use();--> statement-breakpoint
CREATE FUNCTION give_promo_use_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE promos SET used_count = used_count - 1 WHERE id = NEW.promo_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER promo_redemptions_given_back AFTER UPDATE OF state ON promo_redemptions FOR EACH ROW
  WHEN (OLD.state = 'counted' AND NEW.state = 'released') EXECUTE FUNCTION give_promo_use_back();
