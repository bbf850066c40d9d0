CREATE UNLOGGED TABLE "catalog_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "catalog_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"product_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "catalog_changes_xid" ON "catalog_changes" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "catalog_changes_created" ON "catalog_changes" USING btree ("created_at");--> statement-breakpoint
-- Tells of changed products by the column the trigger names. A change of many is told as one of all.
CREATE FUNCTION tell_product_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids uuid[];
BEGIN
  IF TG_TABLE_NAME = 'products' THEN
    SELECT array_agg(DISTINCT c.id) INTO ids FROM changed c;
  ELSIF TG_TABLE_NAME = 'stock_levels' THEN
    SELECT array_agg(DISTINCT v.product_id) INTO ids FROM changed c JOIN variants v ON v.id = c.variant_id;
  ELSE
    SELECT array_agg(DISTINCT c.product_id) INTO ids FROM changed c;
  END IF;
  IF cardinality(ids) > 50 THEN
    INSERT INTO catalog_changes (product_id) VALUES (NULL);
  ELSE
    INSERT INTO catalog_changes (product_id) SELECT unnest(ids);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION tell_shop_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) VALUES (NULL);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- A shelf that stays full changes no page: pages say how many are left from three down.
CREATE FUNCTION tell_short_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) SELECT v.product_id FROM variants v WHERE v.id = NEW.variant_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER stock_levels_told AFTER UPDATE ON stock_levels FOR EACH ROW
  WHEN (least(NEW.on_hand - NEW.reserved, OLD.on_hand - OLD.reserved) <= 3 AND NEW.on_hand - NEW.reserved <> OLD.on_hand - OLD.reserved)
  EXECUTE FUNCTION tell_short_stock();
--> statement-breakpoint
CREATE TRIGGER products_insert_told AFTER INSERT ON products REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER products_update_told AFTER UPDATE ON products REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER products_delete_told AFTER DELETE ON products REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER variants_insert_told AFTER INSERT ON variants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER variants_update_told AFTER UPDATE ON variants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER variants_delete_told AFTER DELETE ON variants REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER product_pictures_insert_told AFTER INSERT ON product_pictures REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER product_pictures_update_told AFTER UPDATE ON product_pictures REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER product_pictures_delete_told AFTER DELETE ON product_pictures REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER stock_levels_insert_told AFTER INSERT ON stock_levels REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER stock_levels_delete_told AFTER DELETE ON stock_levels REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_product_changes();
--> statement-breakpoint
CREATE TRIGGER categories_told AFTER INSERT OR UPDATE OR DELETE ON categories FOR EACH STATEMENT EXECUTE FUNCTION tell_shop_change();
--> statement-breakpoint
CREATE TRIGGER vendors_told AFTER INSERT OR UPDATE OR DELETE ON vendors FOR EACH STATEMENT EXECUTE FUNCTION tell_shop_change();
--> statement-breakpoint
CREATE TRIGGER warehouses_told AFTER INSERT OR UPDATE OR DELETE ON warehouses FOR EACH STATEMENT EXECUTE FUNCTION tell_shop_change();
--> statement-breakpoint
CREATE TRIGGER delivery_zones_told AFTER INSERT OR UPDATE OR DELETE ON delivery_zones FOR EACH STATEMENT EXECUTE FUNCTION tell_shop_change();
--> statement-breakpoint
CREATE TRIGGER delivery_counties_told AFTER INSERT OR UPDATE OR DELETE ON delivery_counties FOR EACH STATEMENT EXECUTE FUNCTION tell_shop_change();
