CREATE TABLE "webhook_attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"delivery_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"failure" text,
	"status" integer,
	"answer" text DEFAULT '' NOT NULL,
	"took_ms" integer NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp (3) with time zone,
	"locked_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_deliveries_state" CHECK ("webhook_deliveries"."state" in ('waiting', 'delivered', 'given_up')),
	CONSTRAINT "webhook_deliveries_next" CHECK (("webhook_deliveries"."state" = 'waiting') = ("webhook_deliveries"."next_at" is not null)),
	CONSTRAINT "webhook_deliveries_delivered" CHECK (("webhook_deliveries"."state" = 'delivered') = ("webhook_deliveries"."delivered_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"vendor_id" uuid,
	"made_by" uuid NOT NULL,
	"url" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"types" text[] NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"disabled_reason" text,
	"sealed_secret" text NOT NULL,
	"old_sealed_secret" text,
	"old_secret_until" timestamp (3) with time zone,
	"failing_since" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_endpoints_status" CHECK ("webhook_endpoints"."status" in ('active', 'disabled')),
	CONSTRAINT "webhook_endpoints_types" CHECK (cardinality("webhook_endpoints"."types") > 0),
	CONSTRAINT "webhook_endpoints_old_secret" CHECK (("webhook_endpoints"."old_sealed_secret" is null) = ("webhook_endpoints"."old_secret_until" is null))
);
--> statement-breakpoint
CREATE TABLE "webhook_messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "etims_submissions" (
	"invoice_id" uuid PRIMARY KEY NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp (3) with time zone,
	"locked_until" timestamp (3) with time zone,
	"last_error" text,
	"control_number" text,
	"qr_url" text,
	"submitted_at" timestamp (3) with time zone,
	"decided_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "etims_submissions_state" CHECK ("etims_submissions"."state" in ('queued', 'submitted', 'accepted', 'rejected', 'stuck')),
	CONSTRAINT "etims_submissions_accepted" CHECK (("etims_submissions"."state" = 'accepted') = ("etims_submissions"."control_number" is not null)),
	CONSTRAINT "etims_submissions_next" CHECK (("etims_submissions"."state" in ('queued', 'submitted')) >= ("etims_submissions"."next_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "invoice_lines" (
	"invoice_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"kind" text NOT NULL,
	"vendor_id" uuid,
	"supplier_name" text NOT NULL,
	"supplier_pin" text,
	"name" text NOT NULL,
	"sku" text DEFAULT '' NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price_minor" bigint NOT NULL,
	"discount_minor" bigint NOT NULL,
	"vat_basis_points" integer NOT NULL,
	"vat_minor" bigint NOT NULL,
	"total_minor" bigint NOT NULL,
	CONSTRAINT "invoice_lines_invoice_id_position_pk" PRIMARY KEY("invoice_id","position"),
	CONSTRAINT "invoice_lines_kind" CHECK ("invoice_lines"."kind" in ('goods', 'delivery')),
	CONSTRAINT "invoice_lines_pin" CHECK ("invoice_lines"."supplier_pin" ~ '^[A-Z][0-9]{9}[A-Z]$'),
	CONSTRAINT "invoice_lines_amounts" CHECK ("invoice_lines"."vat_minor" between 0 and "invoice_lines"."total_minor" and "invoice_lines"."quantity" > 0 and "invoice_lines"."discount_minor" >= 0)
);
--> statement-breakpoint
CREATE TABLE "invoice_series" (
	"kind" text NOT NULL,
	"year" integer NOT NULL,
	"last_number" integer NOT NULL,
	CONSTRAINT "invoice_series_kind_year_pk" PRIMARY KEY("kind","year"),
	CONSTRAINT "invoice_series_kind" CHECK ("invoice_series"."kind" in ('invoice', 'credit_note')),
	CONSTRAINT "invoice_series_number" CHECK ("invoice_series"."last_number" > 0)
);
--> statement-breakpoint
CREATE TABLE "invoices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"year" integer NOT NULL,
	"sequence" integer NOT NULL,
	"number" text NOT NULL,
	"order_id" uuid NOT NULL,
	"parent_id" uuid,
	"refund_id" uuid,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"seller_name" text NOT NULL,
	"seller_pin" text NOT NULL,
	"buyer_name" text NOT NULL,
	"buyer_pin" text,
	"buyer_address" text NOT NULL,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"net_minor" bigint NOT NULL,
	"vat_minor" bigint NOT NULL,
	"total_minor" bigint NOT NULL,
	CONSTRAINT "invoices_number_unique" UNIQUE("number"),
	CONSTRAINT "invoices_kind" CHECK ("invoices"."kind" in ('invoice', 'credit_note')),
	CONSTRAINT "invoices_parent" CHECK (("invoices"."kind" = 'credit_note') = ("invoices"."parent_id" is not null and "invoices"."refund_id" is not null)),
	CONSTRAINT "invoices_pins" CHECK ("invoices"."seller_pin" ~ '^[A-Z][0-9]{9}[A-Z]$' and "invoices"."buyer_pin" ~ '^[A-Z][0-9]{9}[A-Z]$'),
	CONSTRAINT "invoices_amounts" CHECK ("invoices"."total_minor" = "invoices"."net_minor" + "invoices"."vat_minor" and "invoices"."vat_minor" >= 0 and "invoices"."total_minor" > 0)
);
--> statement-breakpoint
CREATE TABLE "order_tax_details" (
	"order_id" uuid PRIMARY KEY NOT NULL,
	"buyer_name" text NOT NULL,
	"kra_pin" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "order_tax_details_pin" CHECK ("order_tax_details"."kra_pin" ~ '^[A-Z][0-9]{9}[A-Z]$')
);
--> statement-breakpoint
CREATE TABLE "sub_orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"vendor_id" uuid NOT NULL,
	"number" text NOT NULL,
	"pieces" integer NOT NULL,
	"gross_minor" bigint NOT NULL,
	"commission_minor" bigint NOT NULL,
	"commission_vat_minor" bigint NOT NULL,
	"net_minor" bigint NOT NULL,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"sold_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sub_orders_number_unique" UNIQUE("number"),
	CONSTRAINT "sub_orders_adds_up" CHECK ("sub_orders"."net_minor" = "sub_orders"."gross_minor" - "sub_orders"."commission_minor" and "sub_orders"."commission_vat_minor" between 0 and "sub_orders"."commission_minor" and "sub_orders"."commission_minor" between 0 and "sub_orders"."gross_minor" and "sub_orders"."pieces" > 0)
);
--> statement-breakpoint
CREATE TABLE "payout_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"method" text NOT NULL,
	"state" text DEFAULT 'draft' NOT NULL,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"total_minor" bigint NOT NULL,
	"made_by" uuid NOT NULL,
	"approved_by" uuid,
	"limit_minor" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"approved_at" timestamp (3) with time zone,
	"exported_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "payout_batches_number_unique" UNIQUE("number"),
	CONSTRAINT "payout_batches_method" CHECK ("payout_batches"."method" in ('mpesa', 'bank')),
	CONSTRAINT "payout_batches_state" CHECK ("payout_batches"."state" in ('draft', 'approved', 'closed', 'cancelled')),
	CONSTRAINT "payout_batches_total" CHECK ("payout_batches"."total_minor" > 0),
	CONSTRAINT "payout_batches_approved" CHECK (("payout_batches"."state" in ('approved', 'closed')) = ("payout_batches"."approved_by" is not null) and ("payout_batches"."approved_by" is null) = ("payout_batches"."approved_at" is null)),
	CONSTRAINT "payout_batches_second_person" CHECK ("payout_batches"."approved_by" is null or "payout_batches"."total_minor" <= "payout_batches"."limit_minor" or "payout_batches"."approved_by" <> "payout_batches"."made_by"),
	CONSTRAINT "payout_batches_closed" CHECK (("payout_batches"."state" in ('closed', 'cancelled')) = ("payout_batches"."closed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "payouts" (
	"transaction_id" uuid PRIMARY KEY NOT NULL,
	"batch_id" uuid NOT NULL,
	"vendor_id" uuid NOT NULL,
	"payee_name" text NOT NULL,
	"payee_account" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "payouts_amount" CHECK ("payouts"."amount_minor" > 0)
);
--> statement-breakpoint
CREATE TABLE "vendor_application_files" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"media_type" text NOT NULL,
	"bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"stored_name" text NOT NULL,
	"is_quarantined" boolean NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "vendor_application_files_storedName_unique" UNIQUE("stored_name"),
	CONSTRAINT "vendor_application_files_purpose" CHECK ("vendor_application_files"."purpose" in ('identity', 'kra_certificate', 'business_permit')),
	CONSTRAINT "vendor_application_files_type" CHECK ("vendor_application_files"."media_type" in ('image/webp', 'application/pdf')),
	CONSTRAINT "vendor_application_files_quarantine" CHECK ("vendor_application_files"."is_quarantined" = ("vendor_application_files"."media_type" = 'application/pdf')),
	CONSTRAINT "vendor_application_files_bytes" CHECK ("vendor_application_files"."bytes" between 1 and 5242880)
);
--> statement-breakpoint
CREATE TABLE "vendor_applications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"name" text NOT NULL,
	"legal_name" text DEFAULT '' NOT NULL,
	"town" text NOT NULL,
	"story" text DEFAULT '' NOT NULL,
	"phone" text NOT NULL,
	"kra_pin" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"decided_by" uuid,
	"decided_at" timestamp (3) with time zone,
	"reason" text DEFAULT '' NOT NULL,
	"vendor_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendor_applications_state" CHECK ("vendor_applications"."state" in ('pending', 'approved', 'rejected')),
	CONSTRAINT "vendor_applications_kra_pin" CHECK ("vendor_applications"."kra_pin" ~ '^[A-Z][0-9]{9}[A-Z]$'),
	CONSTRAINT "vendor_applications_phone" CHECK ("vendor_applications"."phone" ~ '^254[17][0-9]{8}$'),
	CONSTRAINT "vendor_applications_decided" CHECK (("vendor_applications"."state" = 'pending') = ("vendor_applications"."decided_at" is null) and ("vendor_applications"."decided_at" is null) = ("vendor_applications"."decided_by" is null) and ("vendor_applications"."state" = 'approved') = ("vendor_applications"."vendor_id" is not null) and ("vendor_applications"."state" <> 'rejected' or "vendor_applications"."reason" <> ''))
);
--> statement-breakpoint
CREATE TABLE "vendor_invites" (
	"id" uuid PRIMARY KEY NOT NULL,
	"vendor_id" uuid NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"scopes" text[] DEFAULT '{}' NOT NULL,
	"token_hash" text NOT NULL,
	"invited_by" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	"accepted_by" uuid,
	"revoked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vendor_invites_tokenHash_unique" UNIQUE("token_hash"),
	CONSTRAINT "vendor_invites_role" CHECK ("vendor_invites"."role" in ('manager', 'staff')),
	CONSTRAINT "vendor_invites_scopes" CHECK ("vendor_invites"."scopes" <@ array['catalog', 'orders', 'delivery', 'finance']),
	CONSTRAINT "vendor_invites_accepted" CHECK (("vendor_invites"."accepted_at" is null) = ("vendor_invites"."accepted_by" is null))
);
--> statement-breakpoint
CREATE TABLE "vendor_closed_days" (
	"day" date PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vendor_days" (
	"vendor_id" uuid NOT NULL,
	"day" date NOT NULL,
	"orders" integer NOT NULL,
	"pieces" integer NOT NULL,
	"gross_minor" bigint NOT NULL,
	"commission_minor" bigint NOT NULL,
	"taken_back_minor" bigint NOT NULL,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	CONSTRAINT "vendor_days_vendor_id_day_pk" PRIMARY KEY("vendor_id","day"),
	CONSTRAINT "vendor_days_amounts" CHECK ("vendor_days"."orders" >= 0 and "vendor_days"."pieces" >= 0 and "vendor_days"."gross_minor" >= 0)
);
--> statement-breakpoint
ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_account_name";--> statement-breakpoint
ALTER TABLE "transactions" DROP CONSTRAINT "transactions_provider";--> statement-breakpoint
DROP INDEX "order_lines_vendor";--> statement-breakpoint
ALTER TABLE "vendors" ADD COLUMN "legal_name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "vendors" ADD COLUMN "kra_pin" text;--> statement-breakpoint
ALTER TABLE "vendors" ADD COLUMN "phone" text;--> statement-breakpoint
ALTER TABLE "vendors" ADD COLUMN "payout_method" text DEFAULT 'mpesa' NOT NULL;--> statement-breakpoint
ALTER TABLE "vendors" ADD COLUMN "payout_account" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_id_webhook_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."webhook_deliveries"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_webhook_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."webhook_endpoints"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_message_id_webhook_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."webhook_messages"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_made_by_accounts_id_fk" FOREIGN KEY ("made_by") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "etims_submissions" ADD CONSTRAINT "etims_submissions_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_parent_id_invoices_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."invoices"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_refund_id_transactions_id_fk" FOREIGN KEY ("refund_id") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_tax_details" ADD CONSTRAINT "order_tax_details_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sub_orders" ADD CONSTRAINT "sub_orders_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sub_orders" ADD CONSTRAINT "sub_orders_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_batches" ADD CONSTRAINT "payout_batches_made_by_accounts_id_fk" FOREIGN KEY ("made_by") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_batches" ADD CONSTRAINT "payout_batches_approved_by_accounts_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payouts" ADD CONSTRAINT "payouts_transaction_id_transactions_id_fk" FOREIGN KEY ("transaction_id") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payouts" ADD CONSTRAINT "payouts_batch_id_payout_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."payout_batches"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payouts" ADD CONSTRAINT "payouts_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_application_files" ADD CONSTRAINT "vendor_application_files_application_id_vendor_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."vendor_applications"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_applications" ADD CONSTRAINT "vendor_applications_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_applications" ADD CONSTRAINT "vendor_applications_decided_by_accounts_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_applications" ADD CONSTRAINT "vendor_applications_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_invites" ADD CONSTRAINT "vendor_invites_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_invites" ADD CONSTRAINT "vendor_invites_invited_by_accounts_id_fk" FOREIGN KEY ("invited_by") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_invites" ADD CONSTRAINT "vendor_invites_accepted_by_accounts_id_fk" FOREIGN KEY ("accepted_by") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vendor_days" ADD CONSTRAINT "vendor_days_vendor_id_vendors_id_fk" FOREIGN KEY ("vendor_id") REFERENCES "public"."vendors"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_attempts_delivery" ON "webhook_attempts" USING btree ("delivery_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_one" ON "webhook_deliveries" USING btree ("message_id","endpoint_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("next_at") WHERE "webhook_deliveries"."next_at" is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_endpoint" ON "webhook_deliveries" USING btree ("endpoint_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_endpoints_vendor" ON "webhook_endpoints" USING btree ("vendor_id");--> statement-breakpoint
CREATE INDEX "webhook_endpoints_active" ON "webhook_endpoints" USING btree ("status") WHERE "webhook_endpoints"."status" = 'active' and "webhook_endpoints"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "etims_submissions_due" ON "etims_submissions" USING btree ("next_at") WHERE "etims_submissions"."next_at" is not null;--> statement-breakpoint
CREATE INDEX "etims_submissions_state" ON "etims_submissions" USING btree ("state","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "etims_submissions_control" ON "etims_submissions" USING btree ("control_number");--> statement-breakpoint
CREATE INDEX "invoice_lines_vendor" ON "invoice_lines" USING btree ("vendor_id");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_sequence" ON "invoices" USING btree ("kind","year","sequence");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_one_an_order" ON "invoices" USING btree ("order_id") WHERE "invoices"."kind" = 'invoice';--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_one_a_refund" ON "invoices" USING btree ("refund_id");--> statement-breakpoint
CREATE INDEX "invoices_order" ON "invoices" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "invoices_issued" ON "invoices" USING btree ("issued_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "sub_orders_one" ON "sub_orders" USING btree ("order_id","vendor_id");--> statement-breakpoint
CREATE INDEX "sub_orders_vendor" ON "sub_orders" USING btree ("vendor_id","sold_at");--> statement-breakpoint
CREATE INDEX "payout_batches_state" ON "payout_batches" USING btree ("state","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "payouts_one_a_batch" ON "payouts" USING btree ("batch_id","vendor_id");--> statement-breakpoint
CREATE INDEX "payouts_vendor" ON "payouts" USING btree ("vendor_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "vendor_application_files_application" ON "vendor_application_files" USING btree ("application_id");--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_applications_one_open" ON "vendor_applications" USING btree ("account_id") WHERE "vendor_applications"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "vendor_applications_state" ON "vendor_applications" USING btree ("state","id");--> statement-breakpoint
CREATE UNIQUE INDEX "vendor_invites_one_open" ON "vendor_invites" USING btree ("vendor_id",lower("email")) WHERE "vendor_invites"."accepted_at" is null and "vendor_invites"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "ledger_entries_vendor_time" ON "ledger_entries" USING btree ("vendor_id","created_at") WHERE "ledger_entries"."vendor_id" is not null;--> statement-breakpoint
CREATE INDEX "order_lines_vendor" ON "order_lines" USING btree ("vendor_id","order_id" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_account_name" CHECK ("ledger_entries"."account" in ('provider_clearing', 'order_receivable', 'customer_to_return', 'suspense', 'payment_fees', 'refunds_payable', 'disputed_funds', 'chargeback_loss', 'bank', 'vendor_payable', 'commission_income', 'commission_vat', 'delivery_income', 'vat_payable', 'discount_given', 'rounding', 'cash_in_hand', 'payouts_payable'));--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_bank" CHECK (("transactions"."provider" = 'bank') <= ("transactions"."kind" = 'payout'));--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_payout" CHECK (("transactions"."kind" = 'payout') = ("transactions"."vendor_id" is not null) and ("transactions"."kind" <> 'payout' or ("transactions"."order_id" is null and "transactions"."state" in ('created', 'pending', 'succeeded', 'failed'))));--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_provider" CHECK ("transactions"."provider" in ('stripe', 'paystack', 'mpesa', 'paypal', 'cod', 'simulator', 'bank'));--> statement-breakpoint
ALTER TABLE "vendors" ADD CONSTRAINT "vendors_kra_pin" CHECK ("vendors"."kra_pin" ~ '^[A-Z][0-9]{9}[A-Z]$');--> statement-breakpoint
ALTER TABLE "vendors" ADD CONSTRAINT "vendors_phone" CHECK ("vendors"."phone" ~ '^254[17][0-9]{8}$');--> statement-breakpoint
ALTER TABLE "vendors" ADD CONSTRAINT "vendors_payout" CHECK (case "vendors"."payout_method" when 'mpesa' then "vendors"."payout_account" ~ '^(254[17][0-9]{8})?$' when 'bank' then "vendors"."payout_account" ~ '^[0-9]{2}-[0-9]{3}-[0-9]{6,20}$' else false end);--> statement-breakpoint

-- 1. What was sold and what was billed is never rewritten.
CREATE TRIGGER sub_orders_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sub_orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER invoices_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER invoice_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoice_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER invoice_series_never_removed BEFORE DELETE OR TRUNCATE ON invoice_series FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER payout_batches_never_removed BEFORE DELETE OR TRUNCATE ON payout_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER payouts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payouts FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint
CREATE TRIGGER webhook_messages_never_changed BEFORE UPDATE ON webhook_messages FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();--> statement-breakpoint

-- 2. Invoice numbers have no gaps: a series grows by one, and a document takes the number its series stands at. The series row stays
-- locked until the commit, so a rolled back document gives its number back.
CREATE FUNCTION refuse_number_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP = 'INSERT' AND NEW.last_number <> 1) OR (TG_OP = 'UPDATE' AND (NEW.last_number <> OLD.last_number + 1 OR NEW.kind <> OLD.kind OR NEW.year <> OLD.year)) THEN
    RAISE EXCEPTION 'invoice numbers of % % would have a gap', NEW.kind, NEW.year USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER invoice_series_no_gap BEFORE INSERT OR UPDATE ON invoice_series FOR EACH ROW EXECUTE FUNCTION refuse_number_gap();--> statement-breakpoint
CREATE FUNCTION refuse_stray_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM invoices WHERE kind = NEW.kind AND year = NEW.year AND sequence = NEW.last_number) THEN
    RAISE EXCEPTION 'number % of % % was taken by no document', NEW.last_number, NEW.kind, NEW.year USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER invoice_series_number_used AFTER INSERT OR UPDATE ON invoice_series DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_stray_number();--> statement-breakpoint
CREATE FUNCTION refuse_uncounted_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM invoice_series WHERE kind = NEW.kind AND year = NEW.year AND last_number = NEW.sequence) THEN
    RAISE EXCEPTION 'number % of % % is not the next one', NEW.sequence, NEW.kind, NEW.year USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER invoices_next_number BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_uncounted_document();--> statement-breakpoint

-- 3. The lines of a document add up to it.
CREATE FUNCTION refuse_unequal_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT (coalesce(sum(total_minor), 0), coalesce(sum(vat_minor), 0)) FROM invoice_lines WHERE invoice_id = NEW.id) <> (NEW.total_minor, NEW.vat_minor) THEN
    RAISE EXCEPTION 'the lines of % do not add up to it', NEW.number USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER invoices_add_up AFTER INSERT ON invoices DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unequal_document();--> statement-breakpoint

-- 4. A payout is never more than what its vendor is owed at that moment. The vendor's row is the queue of its payouts: two batches
-- made at once pay it once. A refund or dispute may take the balance below zero later; then nothing is paid out until sales have
-- made up for it.
CREATE FUNCTION refuse_overpaid_vendor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM transactions WHERE id = NEW.transaction_id AND kind = 'payout') THEN RETURN NULL; END IF;
  PERFORM 1 FROM vendors WHERE id = NEW.vendor_id FOR NO KEY UPDATE;
  IF (SELECT sum(amount_minor) FROM ledger_entries WHERE vendor_id = NEW.vendor_id AND account = 'vendor_payable' AND currency = NEW.currency) > 0 THEN
    RAISE EXCEPTION 'vendor % would be paid more than it is owed', NEW.vendor_id USING ERRCODE = 'check_violation', CONSTRAINT = 'payouts_within_payable';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER ledger_entries_payout_payable AFTER INSERT ON ledger_entries FOR EACH ROW
  WHEN (NEW.account = 'vendor_payable' AND NEW.amount_minor > 0) EXECUTE FUNCTION refuse_overpaid_vendor();--> statement-breakpoint

-- 5. A shop that has an owner keeps one.
CREATE FUNCTION refuse_ownerless_vendor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.role = 'owner' AND OLD.is_active AND EXISTS (SELECT 1 FROM vendors WHERE id = OLD.vendor_id)
     AND NOT EXISTS (SELECT 1 FROM vendor_members WHERE vendor_id = OLD.vendor_id AND role = 'owner' AND is_active) THEN
    RAISE EXCEPTION 'vendor % would have no owner', OLD.vendor_id USING ERRCODE = 'check_violation', CONSTRAINT = 'vendor_members_keep_owner';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER vendor_members_keep_owner AFTER UPDATE OR DELETE ON vendor_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_ownerless_vendor();--> statement-breakpoint

-- 6. States move only along the tables of allowed moves.
INSERT INTO state_transitions (machine, from_state, to_state) VALUES
  ('payout_batch', 'draft', 'approved'), ('payout_batch', 'draft', 'cancelled'), ('payout_batch', 'approved', 'closed'),
  ('etims', 'queued', 'submitted'), ('etims', 'queued', 'accepted'), ('etims', 'queued', 'rejected'), ('etims', 'queued', 'stuck'),
  ('etims', 'submitted', 'accepted'), ('etims', 'submitted', 'rejected'), ('etims', 'submitted', 'stuck'),
  ('etims', 'rejected', 'queued'), ('etims', 'stuck', 'queued'), ('etims', 'stuck', 'accepted'), ('etims', 'stuck', 'rejected'),
  ('vendor_application', 'pending', 'approved'), ('vendor_application', 'pending', 'rejected');--> statement-breakpoint
CREATE FUNCTION refuse_move_of() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM state_transitions t WHERE t.machine = TG_ARGV[0] AND t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION '% may not move from % to %', TG_ARGV[0], OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER payout_batches_legal_move BEFORE UPDATE OF state ON payout_batches FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_move_of('payout_batch');--> statement-breakpoint
CREATE TRIGGER etims_submissions_legal_move BEFORE UPDATE OF state ON etims_submissions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_move_of('etims');--> statement-breakpoint
CREATE TRIGGER vendor_applications_legal_move BEFORE UPDATE OF state ON vendor_applications FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_move_of('vendor_application');--> statement-breakpoint

-- 7. Orders sold before this: what each was to each vendor, from the shares frozen in its lines.
INSERT INTO sub_orders (id, order_id, vendor_id, number, pieces, gross_minor, commission_minor, commission_vat_minor, net_minor, currency, sold_at)
SELECT gen_random_uuid(), o.id, l.vendor_id, o.number || '-' || chr(64 + (row_number() OVER (PARTITION BY o.id ORDER BY min(l.position)))::int),
  sum(l.quantity), sum(l.total_minor), sum(l.commission_minor), sum((l.commission_minor * 3200 + 11600) / 23200),
  sum(l.total_minor) - sum(l.commission_minor), o.currency, o.paid_at
FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.paid_at IS NOT NULL GROUP BY o.id, l.vendor_id;
