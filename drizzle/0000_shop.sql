CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"request_id" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"body" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"answered_at" timestamp (3) with time zone,
	CONSTRAINT "idempotency_keys_scope_key_pk" PRIMARY KEY("scope","key")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"topic" text NOT NULL,
	"payload" jsonb NOT NULL,
	"dedupe_key" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"available_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"locked_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"done_at" timestamp (3) with time zone,
	"dead_at" timestamp (3) with time zone,
	CONSTRAINT "outbox_attempts" CHECK ("outbox"."attempts" >= 0)
);
--> statement-breakpoint
CREATE TABLE "state_transitions" (
	"machine" text NOT NULL,
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "state_transitions_machine_from_state_to_state_pk" PRIMARY KEY("machine","from_state","to_state")
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text,
	"phone" text,
	"name" text NOT NULL,
	"password_hash" text,
	"roles" text[] DEFAULT '{}' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "accounts_reachable" CHECK ("accounts"."email" is not null or "accounts"."phone" is not null),
	CONSTRAINT "accounts_status" CHECK ("accounts"."status" in ('active', 'disabled', 'erased')),
	CONSTRAINT "accounts_roles" CHECK ("accounts"."roles" <@ array['driver', 'support', 'admin']),
	CONSTRAINT "accounts_phone_form" CHECK ("accounts"."phone" ~ '^254[17][0-9]{8}$')
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"user_agent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "cart_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"cart_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"quantity" integer NOT NULL,
	"is_selected" boolean DEFAULT true NOT NULL,
	"price_seen_minor" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "cart_lines_quantity" CHECK ("cart_lines"."quantity" between 1 and 20)
);
--> statement-breakpoint
CREATE TABLE "carts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid,
	"token_hash" text,
	"status" text DEFAULT 'active' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "carts_status" CHECK ("carts"."status" in ('active', 'ordered', 'merged', 'abandoned')),
	CONSTRAINT "carts_owner" CHECK ("carts"."status" <> 'active' or "carts"."account_id" is not null or "carts"."token_hash" is not null)
);
--> statement-breakpoint
CREATE TABLE "categories" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"parent_id" uuid,
	"name" text NOT NULL,
	"name_sw" text DEFAULT '' NOT NULL,
	"saying" text DEFAULT '' NOT NULL,
	"motif" text DEFAULT 'plain' NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "categories_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "product_pictures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"product_id" uuid NOT NULL,
	"colour" text,
	"path" text NOT NULL,
	"alt" text NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"dominant_hex" text DEFAULT '#F3EEE5' NOT NULL,
	"position" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "products" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"vendor_id" uuid NOT NULL,
	"category_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"keywords" text DEFAULT '' NOT NULL,
	"vat_class" text DEFAULT 'standard' NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"size_guide" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"search" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('simple', coalesce(name, '')), 'A') || setweight(to_tsvector('simple', coalesce(keywords, '')), 'B') || setweight(to_tsvector('english', coalesce(description, '')), 'C')) STORED,
	"published_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "products_slug_unique" UNIQUE("slug"),
	CONSTRAINT "products_status" CHECK ("products"."status" in ('draft', 'active', 'archived')),
	CONSTRAINT "products_vat_class" CHECK ("products"."vat_class" in ('standard', 'zero', 'exempt'))
);
--> statement-breakpoint
CREATE TABLE "variants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"product_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"size" text NOT NULL,
	"colour" text NOT NULL,
	"colour_hex" text DEFAULT '#888888' NOT NULL,
	"price_minor" bigint NOT NULL,
	"compare_at_minor" bigint,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "variants_sku_unique" UNIQUE("sku"),
	CONSTRAINT "variants_price" CHECK ("variants"."price_minor" > 0),
	CONSTRAINT "variants_compare_at" CHECK ("variants"."compare_at_minor" > "variants"."price_minor"),
	CONSTRAINT "variants_status" CHECK ("variants"."status" in ('active', 'archived'))
);
--> statement-breakpoint
CREATE TABLE "stock_holds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"warehouse_id" uuid NOT NULL,
	"quantity" integer NOT NULL,
	"state" text DEFAULT 'held' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "stock_holds_quantity" CHECK ("stock_holds"."quantity" > 0),
	CONSTRAINT "stock_holds_state" CHECK ("stock_holds"."state" in ('held', 'consumed', 'released')),
	CONSTRAINT "stock_holds_ended" CHECK (("stock_holds"."state" = 'held') = ("stock_holds"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "stock_levels" (
	"variant_id" uuid NOT NULL,
	"warehouse_id" uuid NOT NULL,
	"on_hand" integer DEFAULT 0 NOT NULL,
	"reserved" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "stock_levels_variant_id_warehouse_id_pk" PRIMARY KEY("variant_id","warehouse_id"),
	CONSTRAINT "stock_levels_never_oversold" CHECK ("stock_levels"."on_hand" >= 0 and "stock_levels"."reserved" between 0 and "stock_levels"."on_hand")
);
--> statement-breakpoint
CREATE TABLE "stock_moves" (
	"id" uuid PRIMARY KEY NOT NULL,
	"variant_id" uuid NOT NULL,
	"warehouse_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"delta" integer NOT NULL,
	"order_id" uuid,
	"cause" text NOT NULL,
	"actor" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stock_moves_kind" CHECK ("stock_moves"."kind" in ('received', 'sold', 'returned', 'adjusted', 'transferred')),
	CONSTRAINT "stock_moves_delta" CHECK ("stock_moves"."delta" <> 0)
);
--> statement-breakpoint
CREATE TABLE "warehouses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"address" text NOT NULL,
	"lat" double precision NOT NULL,
	"lng" double precision NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "warehouses_code_unique" UNIQUE("code"),
	CONSTRAINT "warehouses_in_kenya" CHECK ("warehouses"."lat" between -4.8 and 5.3 and "warehouses"."lng" between 33.5 and 42.2)
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigint GENERATED ALWAYS AS IDENTITY (sequence name "deliveries_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"order_id" uuid NOT NULL,
	"warehouse_id" uuid NOT NULL,
	"driver_id" uuid,
	"state" text DEFAULT 'pending' NOT NULL,
	"origin_lat" double precision NOT NULL,
	"origin_lng" double precision NOT NULL,
	"dest_lat" double precision NOT NULL,
	"dest_lng" double precision NOT NULL,
	"dest_is_pinned" boolean DEFAULT false NOT NULL,
	"dest_text" text NOT NULL,
	"event_count" integer DEFAULT 0 NOT NULL,
	"last_lat" double precision,
	"last_lng" double precision,
	"last_accuracy_m" real,
	"last_fix_at" timestamp (3) with time zone,
	"fail_reason" text,
	"code_tries" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"assigned_at" timestamp (3) with time zone,
	"picked_up_at" timestamp (3) with time zone,
	"en_route_at" timestamp (3) with time zone,
	"arrived_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "deliveries_state" CHECK ("deliveries"."state" in ('pending', 'assigned', 'picked_up', 'en_route', 'arriving', 'delivered', 'failed', 'returning', 'cancelled')),
	CONSTRAINT "deliveries_driver" CHECK ("deliveries"."driver_id" is not null or "deliveries"."state" in ('pending', 'cancelled')),
	CONSTRAINT "deliveries_place" CHECK ("deliveries"."dest_lat" between -4.8 and 5.3 and "deliveries"."dest_lng" between 33.5 and 42.2)
);
--> statement-breakpoint
CREATE TABLE "delivery_counties" (
	"county" text PRIMARY KEY NOT NULL,
	"zone_code" text NOT NULL,
	"lat" double precision NOT NULL,
	"lng" double precision NOT NULL,
	CONSTRAINT "delivery_counties_in_kenya" CHECK ("delivery_counties"."lat" between -4.8 and 5.3 and "delivery_counties"."lng" between 33.5 and 42.2)
);
--> statement-breakpoint
CREATE TABLE "delivery_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"delivery_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"kind" text NOT NULL,
	"from_state" text,
	"to_state" text NOT NULL,
	"actor" text NOT NULL,
	"client_id" text,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"lat" double precision,
	"lng" double precision,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "delivery_positions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"delivery_id" uuid NOT NULL,
	"driver_id" uuid NOT NULL,
	"lat" double precision NOT NULL,
	"lng" double precision NOT NULL,
	"accuracy_m" real,
	"speed_mps" real,
	"heading_deg" real,
	"fixed_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_positions_range" CHECK ("delivery_positions"."lat" between -90 and 90 and "delivery_positions"."lng" between -180 and 180)
);
--> statement-breakpoint
CREATE TABLE "delivery_zones" (
	"code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"fee_minor" bigint NOT NULL,
	"days_min" integer NOT NULL,
	"days_max" integer NOT NULL,
	CONSTRAINT "delivery_zones_sane" CHECK ("delivery_zones"."fee_minor" >= 0 and "delivery_zones"."fee_minor" % 100 = 0 and "delivery_zones"."days_min" between 0 and "delivery_zones"."days_max")
);
--> statement-breakpoint
CREATE TABLE "drivers" (
	"account_id" uuid PRIMARY KEY NOT NULL,
	"vehicle" text DEFAULT 'motorbike' NOT NULL,
	"plate" text DEFAULT '' NOT NULL,
	"is_on_duty" boolean DEFAULT false NOT NULL,
	"last_lat" double precision,
	"last_lng" double precision,
	"last_seen_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "order_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"from_state" text,
	"to_state" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "order_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"vendor_id" uuid NOT NULL,
	"warehouse_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"name" text NOT NULL,
	"sku" text NOT NULL,
	"size" text NOT NULL,
	"colour" text NOT NULL,
	"picture_path" text DEFAULT '' NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price_minor" bigint NOT NULL,
	"total_minor" bigint NOT NULL,
	"vat_basis_points" integer NOT NULL,
	"vat_minor" bigint NOT NULL,
	"commission_basis_points" integer NOT NULL,
	"commission_minor" bigint NOT NULL,
	CONSTRAINT "order_lines_quantity" CHECK ("order_lines"."quantity" > 0),
	CONSTRAINT "order_lines_total" CHECK ("order_lines"."total_minor" = "order_lines"."unit_price_minor" * "order_lines"."quantity"),
	CONSTRAINT "order_lines_shares" CHECK ("order_lines"."vat_minor" between 0 and "order_lines"."total_minor" and "order_lines"."commission_minor" between 0 and "order_lines"."total_minor")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"account_id" uuid,
	"cart_id" uuid NOT NULL,
	"state" text DEFAULT 'awaiting_payment' NOT NULL,
	"contact_name" text NOT NULL,
	"contact_phone" text NOT NULL,
	"contact_email" text,
	"county" text NOT NULL,
	"town" text NOT NULL,
	"landmark" text NOT NULL,
	"lat" double precision,
	"lng" double precision,
	"delivery_zone" text NOT NULL,
	"promised_from" timestamp (3) with time zone NOT NULL,
	"promised_to" timestamp (3) with time zone NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"payment_method" text NOT NULL,
	"payment_phone" text,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"lines_minor" bigint NOT NULL,
	"discount_minor" bigint DEFAULT 0 NOT NULL,
	"delivery_minor" bigint NOT NULL,
	"vat_minor" bigint NOT NULL,
	"total_minor" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "orders_number_unique" UNIQUE("number"),
	CONSTRAINT "orders_state" CHECK ("orders"."state" in ('awaiting_payment', 'paid', 'packed', 'on_the_road', 'delivered', 'returned', 'cancelled', 'expired')),
	CONSTRAINT "orders_total" CHECK ("orders"."total_minor" = "orders"."lines_minor" + "orders"."delivery_minor" - "orders"."discount_minor"),
	CONSTRAINT "orders_amounts" CHECK ("orders"."lines_minor" > 0 and "orders"."delivery_minor" >= 0 and "orders"."discount_minor" between 0 and "orders"."lines_minor" and "orders"."vat_minor" between 0 and "orders"."total_minor"),
	CONSTRAINT "orders_paid_at" CHECK (("orders"."state" in ('paid', 'packed', 'on_the_road', 'delivered', 'returned')) <= ("orders"."paid_at" is not null)),
	CONSTRAINT "orders_place" CHECK (("orders"."lat" is null) = ("orders"."lng" is null))
);
--> statement-breakpoint
CREATE TABLE "ledger_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"transaction_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"account" text NOT NULL,
	"vendor_id" uuid,
	"order_id" uuid,
	"amount_minor" bigint NOT NULL,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ledger_entries_amount" CHECK ("ledger_entries"."amount_minor" <> 0),
	CONSTRAINT "ledger_entries_account_name" CHECK ("ledger_entries"."account" in ('provider_clearing', 'order_receivable', 'customer_to_return', 'suspense', 'payment_fees', 'refunds_payable', 'disputed_funds', 'chargeback_loss', 'bank', 'vendor_payable', 'commission_income', 'commission_vat', 'delivery_income', 'vat_payable', 'rounding', 'cash_in_hand'))
);
--> statement-breakpoint
CREATE TABLE "transaction_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"transaction_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"effect" text NOT NULL,
	"effect_ref" text NOT NULL,
	"amount_minor" bigint,
	"currency" char(3),
	"from_state" text,
	"to_state" text NOT NULL,
	"source" text NOT NULL,
	"webhook_event_id" uuid,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "transaction_events_source" CHECK ("transaction_events"."source" in ('api', 'webhook', 'poll', 'staff', 'system'))
);
--> statement-breakpoint
CREATE TABLE "transactions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"provider" text NOT NULL,
	"method" text NOT NULL,
	"parent_id" uuid,
	"order_id" uuid,
	"vendor_id" uuid,
	"reference" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"provider_amount_minor" bigint NOT NULL,
	"provider_currency" char(3) DEFAULT 'KES' NOT NULL,
	"fx_rate" numeric(18, 8),
	"proven_amount_minor" bigint,
	"proven_currency" char(3),
	"state" text DEFAULT 'created' NOT NULL,
	"state_reason" text,
	"session_ref" text,
	"payment_ref" text,
	"receipt" text,
	"callback_token_hash" text,
	"phone" text,
	"next_action" jsonb,
	"captured_minor" bigint DEFAULT 0 NOT NULL,
	"refunded_minor" bigint DEFAULT 0 NOT NULL,
	"refund_pending_minor" bigint DEFAULT 0 NOT NULL,
	"disputed_minor" bigint DEFAULT 0 NOT NULL,
	"fee_minor" bigint DEFAULT 0 NOT NULL,
	"duplicate_of" uuid,
	"attempted_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"succeeded_at" timestamp (3) with time zone,
	"last_checked_at" timestamp (3) with time zone,
	"next_check_at" timestamp (3) with time zone,
	"checks" integer DEFAULT 0 NOT NULL,
	"event_count" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "transactions_reference_unique" UNIQUE("reference"),
	CONSTRAINT "transactions_kind" CHECK ("transactions"."kind" in ('charge', 'refund', 'payout', 'dispute')),
	CONSTRAINT "transactions_provider" CHECK ("transactions"."provider" in ('stripe', 'paystack', 'mpesa', 'paypal', 'cod', 'simulator')),
	CONSTRAINT "transactions_state" CHECK ("transactions"."state" in ('created', 'pending', 'processing', 'succeeded', 'failed', 'cancelled', 'expired', 'review', 'duplicate', 'manual', 'open', 'won', 'lost')),
	CONSTRAINT "transactions_amounts" CHECK ("transactions"."amount_minor" > 0 and "transactions"."provider_amount_minor" > 0 and "transactions"."fee_minor" >= 0),
	CONSTRAINT "transactions_counters" CHECK ("transactions"."captured_minor" >= 0 and "transactions"."refunded_minor" >= 0 and "transactions"."refund_pending_minor" >= 0 and "transactions"."disputed_minor" >= 0 and "transactions"."refunded_minor" + "transactions"."refund_pending_minor" <= "transactions"."captured_minor" and "transactions"."disputed_minor" <= "transactions"."captured_minor"),
	CONSTRAINT "transactions_parent_kind" CHECK (("transactions"."kind" in ('refund', 'dispute')) = ("transactions"."parent_id" is not null)),
	CONSTRAINT "transactions_charge_order" CHECK ("transactions"."kind" <> 'charge' or "transactions"."order_id" is not null),
	CONSTRAINT "transactions_mpesa_shillings" CHECK ("transactions"."provider" <> 'mpesa' or "transactions"."amount_minor" % 100 = 0),
	CONSTRAINT "transactions_proven" CHECK ("transactions"."kind" <> 'charge' or "transactions"."state" not in ('succeeded', 'duplicate') or ("transactions"."proven_amount_minor" is not null and "transactions"."proven_amount_minor" = "transactions"."provider_amount_minor" and "transactions"."proven_currency" = "transactions"."provider_currency" and "transactions"."captured_minor" = "transactions"."amount_minor")),
	CONSTRAINT "transactions_succeeded_at" CHECK ("transactions"."state" <> 'succeeded' or "transactions"."succeeded_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"dedupe_key" text NOT NULL,
	"event_type" text NOT NULL,
	"provider_ref" text,
	"transaction_id" uuid,
	"body" "bytea" NOT NULL,
	"body_sha256" text NOT NULL,
	"headers" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"request_id" text,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"state" text DEFAULT 'received' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"next_attempt_at" timestamp (3) with time zone,
	"applied_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_events_state" CHECK ("webhook_events"."state" in ('received', 'processed', 'ignored', 'unmatched', 'deferred', 'failed')),
	CONSTRAINT "webhook_events_applied" CHECK (("webhook_events"."state" in ('processed', 'ignored')) = ("webhook_events"."applied_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "vendor_members" (
	"vendor_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"role" text NOT NULL,
	"scopes" text[] DEFAULT '{}' NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendor_members_vendor_id_account_id_pk" PRIMARY KEY("vendor_id","account_id"),
	CONSTRAINT "vendor_members_role" CHECK ("vendor_members"."role" in ('owner', 'manager', 'staff')),
	CONSTRAINT "vendor_members_scopes" CHECK ("vendor_members"."scopes" <@ array['catalog', 'orders', 'delivery', 'finance'])
);
--> statement-breakpoint
CREATE TABLE "vendors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"story" text DEFAULT '' NOT NULL,
	"town" text DEFAULT '' NOT NULL,
	"commission_basis_points" integer DEFAULT 200 NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendors_slug_unique" UNIQUE("slug"),
	CONSTRAINT "vendors_commission" CHECK ("vendors"."commission_basis_points" between 0 and 10000),
	CONSTRAINT "vendors_status" CHECK ("vendors"."status" in ('pending', 'approved', 'suspended'))
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cart_lines" ADD CONSTRAINT "cart_lines_cart_id_carts_id_fk" FOREIGN KEY ("cart_id") REFERENCES "public"."carts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cart_lines" ADD CONSTRAINT "cart_lines_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "carts" ADD CONSTRAINT "carts_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "categories" ADD CONSTRAINT "categories_parent" FOREIGN KEY ("parent_id") REFERENCES "public"."categories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "product_pictures" ADD CONSTRAINT "product_pictures_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_category_id_categories_id_fk" FOREIGN KEY ("category_id") REFERENCES "public"."categories"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "variants" ADD CONSTRAINT "variants_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_holds" ADD CONSTRAINT "stock_holds_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_holds" ADD CONSTRAINT "stock_holds_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_holds" ADD CONSTRAINT "stock_holds_warehouse_id_warehouses_id_fk" FOREIGN KEY ("warehouse_id") REFERENCES "public"."warehouses"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_levels" ADD CONSTRAINT "stock_levels_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_levels" ADD CONSTRAINT "stock_levels_warehouse_id_warehouses_id_fk" FOREIGN KEY ("warehouse_id") REFERENCES "public"."warehouses"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_moves" ADD CONSTRAINT "stock_moves_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_moves" ADD CONSTRAINT "stock_moves_warehouse_id_warehouses_id_fk" FOREIGN KEY ("warehouse_id") REFERENCES "public"."warehouses"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_moves" ADD CONSTRAINT "stock_moves_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_warehouse_id_warehouses_id_fk" FOREIGN KEY ("warehouse_id") REFERENCES "public"."warehouses"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_driver_id_drivers_account_id_fk" FOREIGN KEY ("driver_id") REFERENCES "public"."drivers"("account_id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_counties" ADD CONSTRAINT "delivery_counties_zone_code_delivery_zones_code_fk" FOREIGN KEY ("zone_code") REFERENCES "public"."delivery_zones"("code") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_events" ADD CONSTRAINT "delivery_events_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_positions" ADD CONSTRAINT "delivery_positions_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_positions" ADD CONSTRAINT "delivery_positions_driver_id_drivers_account_id_fk" FOREIGN KEY ("driver_id") REFERENCES "public"."drivers"("account_id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drivers" ADD CONSTRAINT "drivers_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_warehouse_id_warehouses_id_fk" FOREIGN KEY ("warehouse_id") REFERENCES "public"."warehouses"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_cart_id_carts_id_fk" FOREIGN KEY ("cart_id") REFERENCES "public"."carts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_event_id_transaction_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."transaction_events"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_transaction_id_transactions_id_fk" FOREIGN KEY ("transaction_id") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transaction_events" ADD CONSTRAINT "transaction_events_transaction_id_transactions_id_fk" FOREIGN KEY ("transaction_id") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transaction_events" ADD CONSTRAINT "transaction_events_webhook_event_id_webhook_events_id_fk" FOREIGN KEY ("webhook_event_id") REFERENCES "public"."webhook_events"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_parent_id_transactions_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_duplicate_of_transactions_id_fk" FOREIGN KEY ("duplicate_of") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_members" ADD CONSTRAINT "vendor_members_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_members" ADD CONSTRAINT "vendor_members_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_target" ON "audit_log" USING btree ("target","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "outbox" USING btree ("dedupe_key");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("available_at") WHERE "outbox"."done_at" is null and "outbox"."dead_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_email_unique" ON "accounts" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_phone_unique" ON "accounts" USING btree ("phone");--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_token_unique" ON "sessions" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "cart_lines_variant" ON "cart_lines" USING btree ("cart_id","variant_id");--> statement-breakpoint
CREATE INDEX "cart_lines_cart" ON "cart_lines" USING btree ("cart_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "carts_one_active_account" ON "carts" USING btree ("account_id") WHERE "carts"."status" = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "carts_one_active_token" ON "carts" USING btree ("token_hash") WHERE "carts"."status" = 'active';--> statement-breakpoint
CREATE INDEX "categories_parent_position" ON "categories" USING btree ("parent_id","position");--> statement-breakpoint
CREATE INDEX "product_pictures_product" ON "product_pictures" USING btree ("product_id","position");--> statement-breakpoint
CREATE INDEX "products_category_published" ON "products" USING btree ("category_id","status","published_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "products_vendor" ON "products" USING btree ("vendor_id");--> statement-breakpoint
CREATE INDEX "products_published" ON "products" USING btree ("status","published_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "products_search" ON "products" USING gin ("search");--> statement-breakpoint
CREATE INDEX "products_name_trigram" ON "products" USING gin ("name" gin_trgm_ops);--> statement-breakpoint
CREATE UNIQUE INDEX "variants_product_size_colour" ON "variants" USING btree ("product_id","size","colour");--> statement-breakpoint
CREATE INDEX "variants_product_position" ON "variants" USING btree ("product_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "stock_holds_one_live" ON "stock_holds" USING btree ("order_id","variant_id","warehouse_id") WHERE "stock_holds"."state" = 'held';--> statement-breakpoint
CREATE INDEX "stock_holds_order" ON "stock_holds" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "stock_holds_live_variant" ON "stock_holds" USING btree ("variant_id","warehouse_id") WHERE "stock_holds"."state" = 'held';--> statement-breakpoint
CREATE UNIQUE INDEX "stock_moves_once" ON "stock_moves" USING btree ("variant_id","warehouse_id","kind","cause");--> statement-breakpoint
CREATE INDEX "stock_moves_order" ON "stock_moves" USING btree ("order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_order_warehouse" ON "deliveries" USING btree ("order_id","warehouse_id");--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_number" ON "deliveries" USING btree ("number");--> statement-breakpoint
CREATE INDEX "deliveries_driver" ON "deliveries" USING btree ("driver_id","state");--> statement-breakpoint
CREATE INDEX "deliveries_state" ON "deliveries" USING btree ("state","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_events_seq" ON "delivery_events" USING btree ("delivery_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_events_client" ON "delivery_events" USING btree ("delivery_id","client_id");--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_positions_fix" ON "delivery_positions" USING btree ("delivery_id","driver_id","fixed_at");--> statement-breakpoint
CREATE INDEX "order_events_order" ON "order_events" USING btree ("order_id","created_at");--> statement-breakpoint
CREATE INDEX "order_lines_order" ON "order_lines" USING btree ("order_id","position");--> statement-breakpoint
CREATE INDEX "order_lines_vendor" ON "order_lines" USING btree ("vendor_id");--> statement-breakpoint
CREATE INDEX "order_lines_variant" ON "order_lines" USING btree ("variant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "orders_cart_unique" ON "orders" USING btree ("cart_id");--> statement-breakpoint
CREATE INDEX "orders_account" ON "orders" USING btree ("account_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orders_state_created" ON "orders" USING btree ("state","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orders_unpaid_expiry" ON "orders" USING btree ("expires_at") WHERE "orders"."state" = 'awaiting_payment';--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_entries_line" ON "ledger_entries" USING btree ("event_id","line");--> statement-breakpoint
CREATE INDEX "ledger_entries_account" ON "ledger_entries" USING btree ("account","created_at");--> statement-breakpoint
CREATE INDEX "ledger_entries_vendor" ON "ledger_entries" USING btree ("vendor_id","account");--> statement-breakpoint
CREATE INDEX "ledger_entries_transaction" ON "ledger_entries" USING btree ("transaction_id");--> statement-breakpoint
CREATE UNIQUE INDEX "transaction_events_effect" ON "transaction_events" USING btree ("transaction_id","effect","effect_ref");--> statement-breakpoint
CREATE UNIQUE INDEX "transaction_events_seq" ON "transaction_events" USING btree ("transaction_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "transactions_session_ref" ON "transactions" USING btree ("provider","session_ref");--> statement-breakpoint
CREATE UNIQUE INDEX "transactions_payment_ref" ON "transactions" USING btree ("provider","payment_ref");--> statement-breakpoint
CREATE UNIQUE INDEX "transactions_receipt" ON "transactions" USING btree ("provider","receipt");--> statement-breakpoint
CREATE UNIQUE INDEX "transactions_callback_token" ON "transactions" USING btree ("callback_token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "transactions_one_settling_charge" ON "transactions" USING btree ("order_id") WHERE "transactions"."kind" = 'charge' and "transactions"."state" = 'succeeded';--> statement-breakpoint
CREATE UNIQUE INDEX "transactions_one_open_charge" ON "transactions" USING btree ("order_id","provider") WHERE "transactions"."kind" = 'charge' and "transactions"."state" in ('created', 'pending', 'processing');--> statement-breakpoint
CREATE INDEX "transactions_order" ON "transactions" USING btree ("order_id","created_at");--> statement-breakpoint
CREATE INDEX "transactions_parent" ON "transactions" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "transactions_due_check" ON "transactions" USING btree ("next_check_at") WHERE "transactions"."next_check_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_events_dedupe" ON "webhook_events" USING btree ("provider","dedupe_key");--> statement-breakpoint
CREATE INDEX "webhook_events_open" ON "webhook_events" USING btree ("next_attempt_at") WHERE "webhook_events"."state" in ('received', 'deferred', 'failed', 'unmatched');--> statement-breakpoint
CREATE INDEX "vendor_members_account" ON "vendor_members" USING btree ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_members_one_owner" ON "vendor_members" USING btree ("vendor_id") WHERE "vendor_members"."role" = 'owner';