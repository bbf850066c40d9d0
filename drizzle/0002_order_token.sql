ALTER TABLE "orders" ADD COLUMN "token_hash" text NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_tokenHash_unique" UNIQUE("token_hash");