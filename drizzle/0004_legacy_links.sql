CREATE TABLE "legacy_links" (
	"source" text NOT NULL,
	"legacy_table" text NOT NULL,
	"legacy_id" text NOT NULL,
	"target_table" text NOT NULL,
	"target_id" uuid NOT NULL,
	"digest" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "legacy_links_source_legacy_table_legacy_id_pk" PRIMARY KEY("source","legacy_table","legacy_id")
);
--> statement-breakpoint
CREATE INDEX "legacy_links_target" ON "legacy_links" USING btree ("target_table","target_id");--> statement-breakpoint
CREATE INDEX "accounts_django_hash" ON "accounts" USING btree ("id") WHERE "accounts"."password_hash" like 'pbkdf2_sha256$%';