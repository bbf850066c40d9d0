CREATE TABLE "delivery_lines" (
	"delivery_id" uuid NOT NULL,
	"order_line_id" uuid NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "delivery_lines_delivery_id_order_line_id_pk" PRIMARY KEY("delivery_id","order_line_id"),
	CONSTRAINT "delivery_lines_quantity" CHECK ("delivery_lines"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "delivery_towns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"county" text NOT NULL,
	"town" text NOT NULL,
	"zone_code" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dedupe_key" text NOT NULL,
	"event" text NOT NULL,
	"channel" text NOT NULL,
	"order_id" uuid,
	"account_id" uuid,
	"recipient" text NOT NULL,
	"language" text DEFAULT 'en' NOT NULL,
	"subject" text DEFAULT '' NOT NULL,
	"body" text DEFAULT '' NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "messages_dedupeKey_unique" UNIQUE("dedupe_key"),
	CONSTRAINT "messages_channel" CHECK ("messages"."channel" in ('email', 'sms')),
	CONSTRAINT "messages_language" CHECK ("messages"."language" in ('en', 'sw')),
	CONSTRAINT "messages_state" CHECK ("messages"."state" in ('queued', 'sent', 'failed', 'off')),
	CONSTRAINT "messages_sent" CHECK (("messages"."state" = 'sent') = ("messages"."sent_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "order_notes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"audience" text NOT NULL,
	"author" text NOT NULL,
	"author_name" text NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "order_notes_audience" CHECK ("order_notes"."audience" in ('shopper', 'staff')),
	CONSTRAINT "order_notes_body" CHECK (length("order_notes"."body") between 1 and 1000)
);
--> statement-breakpoint
CREATE TABLE "promo_redemptions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"promo_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"phone" text NOT NULL,
	"account_id" uuid,
	"phone_use" integer NOT NULL,
	"account_use" integer,
	"per_person_limit" integer,
	"state" text DEFAULT 'counted' NOT NULL,
	"discount_minor" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"released_at" timestamp (3) with time zone,
	CONSTRAINT "promo_redemptions_state" CHECK ("promo_redemptions"."state" in ('counted', 'released')),
	CONSTRAINT "promo_redemptions_use" CHECK ("promo_redemptions"."phone_use" between 1 and coalesce("promo_redemptions"."per_person_limit", 2147483647) and ("promo_redemptions"."account_use" is null or "promo_redemptions"."account_use" between 1 and coalesce("promo_redemptions"."per_person_limit", 2147483647))),
	CONSTRAINT "promo_redemptions_person" CHECK (("promo_redemptions"."account_id" is null) = ("promo_redemptions"."account_use" is null)),
	CONSTRAINT "promo_redemptions_released" CHECK (("promo_redemptions"."state" = 'released') = ("promo_redemptions"."released_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "promos" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"kind" text NOT NULL,
	"basis_points" integer,
	"amount_minor" bigint,
	"most_discount_minor" bigint,
	"minimum_minor" bigint DEFAULT 0 NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone,
	"total_limit" integer,
	"per_person_limit" integer,
	"used_count" integer DEFAULT 0 NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "promos_code_unique" UNIQUE("code"),
	CONSTRAINT "promos_code" CHECK ("promos"."code" ~ '^[A-Z0-9][A-Z0-9-]{2,29}$'),
	CONSTRAINT "promos_kind" CHECK (case "promos"."kind"
        when 'percent' then "promos"."basis_points" between 1 and 10000 and "promos"."amount_minor" is null
        when 'amount' then "promos"."amount_minor" > 0 and "promos"."amount_minor" % 100 = 0 and "promos"."basis_points" is null and "promos"."most_discount_minor" is null
        when 'free_delivery' then "promos"."basis_points" is null and "promos"."amount_minor" is null and "promos"."most_discount_minor" is null
        else false end),
	CONSTRAINT "promos_sane" CHECK ("promos"."minimum_minor" >= 0 and ("promos"."most_discount_minor" is null or "promos"."most_discount_minor" > 0) and ("promos"."ends_at" is null or "promos"."ends_at" > "promos"."starts_at")),
	CONSTRAINT "promos_limits" CHECK (("promos"."total_limit" is null or "promos"."total_limit" > 0) and ("promos"."per_person_limit" is null or "promos"."per_person_limit" between 1 and 1000)),
	CONSTRAINT "promos_never_overrun" CHECK ("promos"."used_count" >= 0 and "promos"."used_count" <= coalesce("promos"."total_limit", 2147483647))
);
--> statement-breakpoint
CREATE TABLE "return_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"return_id" uuid NOT NULL,
	"order_line_id" uuid NOT NULL,
	"quantity" integer NOT NULL,
	"reason" text NOT NULL,
	"accepted_quantity" integer,
	"is_restocked" boolean,
	"refund_minor" bigint,
	"discount_minor" bigint,
	"vat_minor" bigint,
	"commission_minor" bigint,
	"commission_vat_minor" bigint,
	CONSTRAINT "return_lines_quantity" CHECK ("return_lines"."quantity" > 0 and "return_lines"."accepted_quantity" between 0 and "return_lines"."quantity"),
	CONSTRAINT "return_lines_reason" CHECK ("return_lines"."reason" in ('too_small', 'too_large', 'not_as_shown', 'damaged', 'wrong_item', 'changed_mind', 'other')),
	CONSTRAINT "return_lines_amounts" CHECK ("return_lines"."refund_minor" >= 0 and "return_lines"."discount_minor" >= 0 and "return_lines"."vat_minor" between 0 and "return_lines"."refund_minor" and "return_lines"."commission_minor" >= 0 and "return_lines"."commission_vat_minor" between 0 and "return_lines"."commission_minor")
);
--> statement-breakpoint
CREATE TABLE "returns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"number" text NOT NULL,
	"state" text DEFAULT 'requested' NOT NULL,
	"requested_by" text NOT NULL,
	"comment" text DEFAULT '' NOT NULL,
	"refusal" text DEFAULT '' NOT NULL,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"refund_minor" bigint,
	"delivery_refund_minor" bigint,
	"refund_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"approved_at" timestamp (3) with time zone,
	"received_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "returns_number_unique" UNIQUE("number"),
	CONSTRAINT "returns_state" CHECK ("returns"."state" in ('requested', 'approved', 'received', 'refused', 'cancelled')),
	CONSTRAINT "returns_refund" CHECK (("returns"."state" = 'received') = ("returns"."refund_minor" is not null) and "returns"."refund_minor" >= 0 and "returns"."delivery_refund_minor" between 0 and "returns"."refund_minor"),
	CONSTRAINT "returns_closed" CHECK (("returns"."state" in ('received', 'refused', 'cancelled')) = ("returns"."closed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "product_ratings" (
	"product_id" uuid PRIMARY KEY NOT NULL,
	"count" integer DEFAULT 0 NOT NULL,
	"stars" integer DEFAULT 0 NOT NULL,
	"fit_small" integer DEFAULT 0 NOT NULL,
	"fit_true" integer DEFAULT 0 NOT NULL,
	"fit_large" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "product_ratings_sane" CHECK ("product_ratings"."count" >= 0 and "product_ratings"."stars" between "product_ratings"."count" and "product_ratings"."count" * 5)
);
--> statement-breakpoint
CREATE TABLE "reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_line_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"account_id" uuid,
	"stars" integer NOT NULL,
	"fit" text,
	"size" text NOT NULL,
	"body" text DEFAULT '' NOT NULL,
	"author_name" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"moderated_by" text,
	"moderated_at" timestamp (3) with time zone,
	"moderation_note" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reviews_orderLineId_unique" UNIQUE("order_line_id"),
	CONSTRAINT "reviews_stars" CHECK ("reviews"."stars" between 1 and 5),
	CONSTRAINT "reviews_fit" CHECK ("reviews"."fit" in ('small', 'true', 'large')),
	CONSTRAINT "reviews_state" CHECK ("reviews"."state" in ('pending', 'published', 'rejected')),
	CONSTRAINT "reviews_moderated" CHECK (("reviews"."state" = 'pending') = ("reviews"."moderated_at" is null))
);
--> statement-breakpoint
CREATE TABLE "wishlist_items" (
	"account_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "wishlist_items_account_id_product_id_pk" PRIMARY KEY("account_id","product_id")
);
--> statement-breakpoint
DROP INDEX "deliveries_order_warehouse";--> statement-breakpoint
ALTER TABLE "carts" ADD COLUMN "promo_code" text;--> statement-breakpoint
ALTER TABLE "delivery_zones" ADD COLUMN "per_km_minor" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "delivery_zones" ADD COLUMN "included_km" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "delivery_zones" ADD COLUMN "free_from_minor" bigint;--> statement-breakpoint
ALTER TABLE "order_events" ADD COLUMN "kind" text DEFAULT 'moved' NOT NULL;--> statement-breakpoint
ALTER TABLE "order_events" ADD COLUMN "data" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "discount_minor" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "packed_quantity" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "returned_quantity" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "refunded_quantity" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "language" text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "promo_code" text;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "waived_delivery_minor" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "delivery_lines" ADD CONSTRAINT "delivery_lines_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_lines" ADD CONSTRAINT "delivery_lines_order_line_id_order_lines_id_fk" FOREIGN KEY ("order_line_id") REFERENCES "public"."order_lines"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_towns" ADD CONSTRAINT "delivery_towns_county_delivery_counties_county_fk" FOREIGN KEY ("county") REFERENCES "public"."delivery_counties"("county") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_towns" ADD CONSTRAINT "delivery_towns_zone_code_delivery_zones_code_fk" FOREIGN KEY ("zone_code") REFERENCES "public"."delivery_zones"("code") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_notes" ADD CONSTRAINT "order_notes_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promo_redemptions" ADD CONSTRAINT "promo_redemptions_promo_id_promos_id_fk" FOREIGN KEY ("promo_id") REFERENCES "public"."promos"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promo_redemptions" ADD CONSTRAINT "promo_redemptions_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promo_redemptions" ADD CONSTRAINT "promo_redemptions_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "return_lines" ADD CONSTRAINT "return_lines_return_id_returns_id_fk" FOREIGN KEY ("return_id") REFERENCES "public"."returns"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "return_lines" ADD CONSTRAINT "return_lines_order_line_id_order_lines_id_fk" FOREIGN KEY ("order_line_id") REFERENCES "public"."order_lines"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "returns" ADD CONSTRAINT "returns_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "returns" ADD CONSTRAINT "returns_refund_id_transactions_id_fk" FOREIGN KEY ("refund_id") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "product_ratings" ADD CONSTRAINT "product_ratings_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_order_line_id_order_lines_id_fk" FOREIGN KEY ("order_line_id") REFERENCES "public"."order_lines"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wishlist_items" ADD CONSTRAINT "wishlist_items_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wishlist_items" ADD CONSTRAINT "wishlist_items_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "delivery_lines_order_line" ON "delivery_lines" USING btree ("order_line_id");--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_towns_name" ON "delivery_towns" USING btree ("county",lower("town"));--> statement-breakpoint
CREATE INDEX "messages_order" ON "messages" USING btree ("order_id","created_at");--> statement-breakpoint
CREATE INDEX "messages_state" ON "messages" USING btree ("state","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "order_notes_order" ON "order_notes" USING btree ("order_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "promo_redemptions_order" ON "promo_redemptions" USING btree ("order_id") WHERE "promo_redemptions"."state" = 'counted';--> statement-breakpoint
CREATE UNIQUE INDEX "promo_redemptions_phone" ON "promo_redemptions" USING btree ("promo_id","phone","phone_use") WHERE "promo_redemptions"."state" = 'counted';--> statement-breakpoint
CREATE UNIQUE INDEX "promo_redemptions_account" ON "promo_redemptions" USING btree ("promo_id","account_id","account_use") WHERE "promo_redemptions"."state" = 'counted';--> statement-breakpoint
CREATE INDEX "promo_redemptions_promo" ON "promo_redemptions" USING btree ("promo_id","created_at");--> statement-breakpoint
CREATE INDEX "promo_redemptions_of_order" ON "promo_redemptions" USING btree ("order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "return_lines_line" ON "return_lines" USING btree ("return_id","order_line_id");--> statement-breakpoint
CREATE INDEX "return_lines_order_line" ON "return_lines" USING btree ("order_line_id");--> statement-breakpoint
CREATE INDEX "returns_order" ON "returns" USING btree ("order_id","created_at");--> statement-breakpoint
CREATE INDEX "returns_state" ON "returns" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "reviews_product" ON "reviews" USING btree ("product_id","state","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "reviews_state" ON "reviews" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "reviews_account" ON "reviews" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "wishlist_items_newest" ON "wishlist_items" USING btree ("account_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "deliveries_order_warehouse" ON "deliveries" USING btree ("order_id","warehouse_id");--> statement-breakpoint
ALTER TABLE "delivery_zones" ADD CONSTRAINT "delivery_zones_distance" CHECK ("delivery_zones"."per_km_minor" >= 0 and "delivery_zones"."per_km_minor" % 100 = 0 and "delivery_zones"."included_km" >= 0 and ("delivery_zones"."free_from_minor" is null or "delivery_zones"."free_from_minor" > 0));--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_counters" CHECK ("order_lines"."packed_quantity" between 0 and "order_lines"."quantity" and "order_lines"."returned_quantity" between 0 and "order_lines"."quantity" and "order_lines"."refunded_quantity" between 0 and "order_lines"."returned_quantity");--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_discount" CHECK ("order_lines"."discount_minor" between 0 and "order_lines"."total_minor");--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_language" CHECK ("orders"."language" in ('en', 'sw'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_waived" CHECK ("orders"."waived_delivery_minor" >= 0);--> statement-breakpoint

-- 1. What people wrote and what a shipment carries is never rewritten; a use of a code and a return are never removed.
CREATE TRIGGER order_notes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_notes FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER delivery_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER promo_redemptions_never_removed BEFORE DELETE OR TRUNCATE ON promo_redemptions FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER returns_never_removed BEFORE DELETE OR TRUNCATE ON returns FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER return_lines_never_removed BEFORE DELETE OR TRUNCATE ON return_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint

-- 2. What was bought is edited only while nobody has paid for it; afterwards its counters move and nothing else.
CREATE FUNCTION refuse_changed_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM orders o WHERE o.id = OLD.order_id AND o.state <> 'awaiting_payment') THEN
    RAISE EXCEPTION 'what was sold never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;--> statement-breakpoint
CREATE TRIGGER order_lines_sold_delete BEFORE DELETE ON order_lines FOR EACH ROW EXECUTE FUNCTION refuse_changed_sale();--> statement-breakpoint
CREATE TRIGGER order_lines_sold_update BEFORE UPDATE ON order_lines FOR EACH ROW
  WHEN ((OLD.variant_id, OLD.quantity, OLD.unit_price_minor, OLD.total_minor, OLD.discount_minor, OLD.vat_minor, OLD.commission_minor)
    IS DISTINCT FROM (NEW.variant_id, NEW.quantity, NEW.unit_price_minor, NEW.total_minor, NEW.discount_minor, NEW.vat_minor, NEW.commission_minor))
  EXECUTE FUNCTION refuse_changed_sale();--> statement-breakpoint

-- 3. Returns move only along their table.
INSERT INTO state_transitions (machine, from_state, to_state) VALUES
  ('return', 'requested', 'approved'), ('return', 'requested', 'received'), ('return', 'requested', 'refused'), ('return', 'requested', 'cancelled'),
  ('return', 'approved', 'received'), ('return', 'approved', 'refused'), ('return', 'approved', 'cancelled');--> statement-breakpoint
CREATE OR REPLACE FUNCTION refuse_illegal_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  machine_name text := CASE TG_TABLE_NAME WHEN 'orders' THEN 'order' WHEN 'deliveries' THEN 'delivery' WHEN 'returns' THEN 'return' ELSE to_jsonb(NEW) ->> 'kind' END;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM state_transitions t WHERE t.machine = machine_name AND t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION '% may not move from % to %', machine_name, OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER returns_legal_move BEFORE UPDATE OF state ON returns FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_illegal_move();--> statement-breakpoint

-- 4. A product's stars are kept by what changes its reviews, so that no page adds them up.
CREATE FUNCTION count_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step record;
BEGIN
  FOR step IN
    SELECT r.product_id, r.stars, r.fit, s.sign FROM (VALUES
      (-1, CASE WHEN TG_OP <> 'INSERT' AND OLD.state = 'published' THEN OLD END),
      (1, CASE WHEN TG_OP <> 'DELETE' AND NEW.state = 'published' THEN NEW END)) AS s(sign, review)
    CROSS JOIN LATERAL (SELECT (s.review).product_id, (s.review).stars, (s.review).fit) r WHERE (s.review).product_id IS NOT NULL
  LOOP
    INSERT INTO product_ratings AS p (product_id, count, stars, fit_small, fit_true, fit_large)
    VALUES (step.product_id, step.sign, step.sign * step.stars,
      step.sign * (step.fit IS NOT DISTINCT FROM 'small')::int, step.sign * (step.fit IS NOT DISTINCT FROM 'true')::int, step.sign * (step.fit IS NOT DISTINCT FROM 'large')::int)
    ON CONFLICT (product_id) DO UPDATE SET count = p.count + excluded.count, stars = p.stars + excluded.stars,
      fit_small = p.fit_small + excluded.fit_small, fit_true = p.fit_true + excluded.fit_true, fit_large = p.fit_large + excluded.fit_large;
  END LOOP;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER reviews_counted AFTER INSERT OR UPDATE OR DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION count_review();
