-- What pages show and lists do not count: pictures, the last few pieces, and what delivery costs. Told in the same place, so that finished
-- pages can be kept until something on them changes. A change of many products is told as one of all.
CREATE FUNCTION note_pictures() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed uuid[];
BEGIN
  SELECT array_agg(DISTINCT product_id) INTO changed FROM changed_rows;
  IF cardinality(changed) > 50 THEN
    INSERT INTO catalog_changes (product_id) VALUES (NULL);
  ELSE
    INSERT INTO catalog_changes (product_id) SELECT unnest(changed);
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER product_pictures_inserted AFTER INSERT ON product_pictures REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION note_pictures();--> statement-breakpoint
CREATE TRIGGER product_pictures_updated AFTER UPDATE ON product_pictures REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION note_pictures();--> statement-breakpoint
CREATE TRIGGER product_pictures_deleted AFTER DELETE ON product_pictures REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION note_pictures();--> statement-breakpoint
-- Pages say how many are left from three down; a shelf that stays fuller than that changes nothing on them.
CREATE FUNCTION note_last_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) SELECT v.product_id FROM variants v WHERE v.id = NEW.variant_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER stock_levels_last_pieces AFTER UPDATE OF on_hand, reserved ON stock_levels FOR EACH ROW
  WHEN (least(NEW.on_hand - NEW.reserved, OLD.on_hand - OLD.reserved) <= 3 AND NEW.on_hand - NEW.reserved <> OLD.on_hand - OLD.reserved
    AND (OLD.on_hand > OLD.reserved) = (NEW.on_hand > NEW.reserved))
  EXECUTE FUNCTION note_last_pieces();--> statement-breakpoint
CREATE FUNCTION note_shop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) VALUES (NULL);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER delivery_zones_noted AFTER INSERT OR UPDATE OR DELETE ON delivery_zones FOR EACH STATEMENT EXECUTE FUNCTION note_shop();--> statement-breakpoint
CREATE TRIGGER delivery_counties_noted AFTER INSERT OR UPDATE OR DELETE ON delivery_counties FOR EACH STATEMENT EXECUTE FUNCTION note_shop();--> statement-breakpoint
CREATE TRIGGER categories_noted AFTER INSERT OR DELETE ON categories FOR EACH STATEMENT EXECUTE FUNCTION note_shop();
