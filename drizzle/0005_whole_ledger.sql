CREATE TABLE "reconciliation_breaks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"kind" text NOT NULL,
	"provider_ref" text NOT NULL,
	"transaction_id" uuid,
	"their_minor" bigint,
	"our_minor" bigint,
	"currency" char(3) DEFAULT 'KES' NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"resolved_at" timestamp (3) with time zone,
	"resolution" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reconciliation_breaks_kind" CHECK ("reconciliation_breaks"."kind" in ('missing_here', 'missing_there', 'amount_differs', 'state_differs')),
	CONSTRAINT "reconciliation_breaks_resolved" CHECK (("reconciliation_breaks"."resolved_at" is null) = ("reconciliation_breaks"."resolution" is null))
);
--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_paid_at";--> statement-breakpoint
ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_account_name";--> statement-breakpoint
ALTER TABLE "transactions" DROP CONSTRAINT "transactions_charge_order";--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD COLUMN "holder_id" uuid;--> statement-breakpoint
ALTER TABLE "reconciliation_breaks" ADD CONSTRAINT "reconciliation_breaks_transaction_id_transactions_id_fk" FOREIGN KEY ("transaction_id") REFERENCES "public"."transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "reconciliation_breaks_one" ON "reconciliation_breaks" USING btree ("provider","kind","provider_ref");--> statement-breakpoint
CREATE INDEX "reconciliation_breaks_open" ON "reconciliation_breaks" USING btree ("seen_at") WHERE "reconciliation_breaks"."resolved_at" is null;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_holder_id_accounts_id_fk" FOREIGN KEY ("holder_id") REFERENCES "public"."accounts"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_entries_order" ON "ledger_entries" USING btree ("order_id","account");--> statement-breakpoint
CREATE INDEX "ledger_entries_holder" ON "ledger_entries" USING btree ("holder_id") WHERE "ledger_entries"."holder_id" is not null;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_paid_at" CHECK (("orders"."state" in ('paid', 'delivered') or ("orders"."state" in ('packed', 'on_the_road', 'returned') and "orders"."payment_method" <> 'cod')) <= ("orders"."paid_at" is not null));--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_holder_cash" CHECK (("ledger_entries"."account" = 'cash_in_hand') = ("ledger_entries"."holder_id" is not null));--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_account_name" CHECK ("ledger_entries"."account" in ('provider_clearing', 'order_receivable', 'customer_to_return', 'suspense', 'payment_fees', 'refunds_payable', 'disputed_funds', 'chargeback_loss', 'bank', 'vendor_payable', 'commission_income', 'commission_vat', 'delivery_income', 'vat_payable', 'discount_given', 'rounding', 'cash_in_hand'));--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_charge_order" CHECK ("transactions"."kind" <> 'charge' or "transactions"."order_id" is not null or "transactions"."state" in ('review', 'failed'));--> statement-breakpoint
-- Pay on delivery: goods are packed before they are paid.
INSERT INTO state_transitions (machine, from_state, to_state) VALUES ('order', 'awaiting_payment', 'packed');
