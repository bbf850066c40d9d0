CREATE TABLE "delivery_shares" (
	"id" uuid PRIMARY KEY NOT NULL,
	"delivery_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "delivery_shares" ADD CONSTRAINT "delivery_shares_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_shares_token" ON "delivery_shares" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "delivery_shares_delivery" ON "delivery_shares" USING btree ("delivery_id");--> statement-breakpoint
CREATE INDEX "delivery_positions_received" ON "delivery_positions" USING brin ("received_at");
