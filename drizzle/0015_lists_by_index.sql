DROP INDEX "products_category_published";--> statement-breakpoint
DROP INDEX "products_published";--> statement-breakpoint
DROP INDEX "products_price";--> statement-breakpoint
CREATE INDEX "products_shelf_newest" ON "products" USING btree ("category_id","published_at","id") WHERE "products"."status" = 'active';--> statement-breakpoint
CREATE INDEX "products_newest" ON "products" USING btree ("published_at","id") WHERE "products"."status" = 'active';--> statement-breakpoint
CREATE INDEX "products_price" ON "products" USING btree ("least_minor","id") WHERE "products"."status" = 'active';