CREATE TABLE "collection_products" (
	"collection_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "collection_products_collection_id_product_id_pk" PRIMARY KEY("collection_id","product_id")
);
--> statement-breakpoint
CREATE TABLE "collections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"name_sw" text DEFAULT '' NOT NULL,
	"story" text DEFAULT '' NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "collections_slug_unique" UNIQUE("slug"),
	CONSTRAINT "collections_status" CHECK ("collections"."status" in ('draft', 'active', 'archived'))
);
--> statement-breakpoint
CREATE TABLE "product_relations" (
	"product_id" uuid NOT NULL,
	"related_id" uuid NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "product_relations_product_id_related_id_pk" PRIMARY KEY("product_id","related_id"),
	CONSTRAINT "product_relations_other" CHECK ("product_relations"."product_id" <> "product_relations"."related_id")
);
--> statement-breakpoint
CREATE TABLE "catalog_changes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"product_id" uuid,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_synonyms" (
	"word" text NOT NULL,
	"means" text NOT NULL,
	CONSTRAINT "search_synonyms_word_means_pk" PRIMARY KEY("word","means"),
	CONSTRAINT "search_synonyms_words" CHECK ("search_synonyms"."word" <> "search_synonyms"."means" and "search_synonyms"."word" = lower("search_synonyms"."word") and "search_synonyms"."means" = lower("search_synonyms"."means"))
);
--> statement-breakpoint
CREATE TABLE "search_words" (
	"word" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stock_alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"variant_id" uuid NOT NULL,
	"account_id" uuid,
	"email" text,
	"phone" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"told_at" timestamp (3) with time zone,
	CONSTRAINT "stock_alerts_contact" CHECK (num_nonnulls("stock_alerts"."email", "stock_alerts"."phone") = 1)
);
--> statement-breakpoint
CREATE TABLE "stock_shortages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"variant_id" uuid NOT NULL,
	"left" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "product_pictures" ADD COLUMN "widths" integer[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "attributes" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "least_minor" bigint;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "shelf_words" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "colour_words" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" drop column "search";--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "search" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('simple', coalesce(name, '')), 'A') || setweight(to_tsvector('english', coalesce(name, '')), 'A') || setweight(to_tsvector('simple', coalesce(keywords, '') || ' ' || coalesce(colour_words, '') || ' ' || coalesce(shelf_words, '')), 'B') || setweight(to_tsvector('english', coalesce(keywords, '') || ' ' || coalesce(shelf_words, '')), 'B') || setweight(to_tsvector('english', coalesce(description, '')), 'C')) STORED;--> statement-breakpoint
CREATE INDEX "products_search" ON "products" USING gin ("search");--> statement-breakpoint
ALTER TABLE "variants" ADD COLUMN "low_stock_at" integer DEFAULT 3 NOT NULL;--> statement-breakpoint
ALTER TABLE "collection_products" ADD CONSTRAINT "collection_products_collection_id_collections_id_fk" FOREIGN KEY ("collection_id") REFERENCES "public"."collections"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_products" ADD CONSTRAINT "collection_products_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "product_relations" ADD CONSTRAINT "product_relations_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "product_relations" ADD CONSTRAINT "product_relations_related_id_products_id_fk" FOREIGN KEY ("related_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_alerts" ADD CONSTRAINT "stock_alerts_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_alerts" ADD CONSTRAINT "stock_alerts_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stock_shortages" ADD CONSTRAINT "stock_shortages_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "collection_products_product" ON "collection_products" USING btree ("product_id");--> statement-breakpoint
CREATE INDEX "collection_products_order" ON "collection_products" USING btree ("collection_id","position");--> statement-breakpoint
CREATE INDEX "product_relations_related" ON "product_relations" USING btree ("related_id");--> statement-breakpoint
CREATE INDEX "catalog_changes_xid" ON "catalog_changes" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "search_words_trigram" ON "search_words" USING gin ("word" gin_trgm_ops);--> statement-breakpoint
CREATE UNIQUE INDEX "stock_alerts_one_email" ON "stock_alerts" USING btree ("variant_id","email") WHERE "stock_alerts"."told_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "stock_alerts_one_phone" ON "stock_alerts" USING btree ("variant_id","phone") WHERE "stock_alerts"."told_at" is null;--> statement-breakpoint
CREATE INDEX "stock_alerts_account" ON "stock_alerts" USING btree ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "stock_shortages_one_open" ON "stock_shortages" USING btree ("variant_id") WHERE "stock_shortages"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "products_price" ON "products" USING btree ("status","least_minor","id");--> statement-breakpoint
CREATE INDEX "variants_size_colour" ON "variants" USING btree ("size","colour","product_id");--> statement-breakpoint
ALTER TABLE "variants" ADD CONSTRAINT "variants_low_stock" CHECK ("variants"."low_stock_at" >= 0);--> statement-breakpoint

-- 1. What lists are sorted and searched by follows its sources by itself, whoever writes them.
CREATE FUNCTION fill_shelf_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.shelf_words := concat_ws(' ',
    (SELECT concat_ws(' ', c.name, c.name_sw, up.name, up.name_sw) FROM categories c LEFT JOIN categories up ON up.id = c.parent_id WHERE c.id = NEW.category_id),
    (SELECT v.name FROM vendors v WHERE v.id = NEW.vendor_id));
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER products_shelf_words BEFORE INSERT OR UPDATE OF category_id, vendor_id ON products FOR EACH ROW EXECUTE FUNCTION fill_shelf_words();--> statement-breakpoint
CREATE FUNCTION sum_up_variants(changed uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE products p SET least_minor = n.least_minor, colour_words = n.colour_words
  FROM (
    SELECT k.id, min(v.price_minor) AS least_minor, coalesce(string_agg(DISTINCT v.colour, ' '), '') AS colour_words
    FROM unnest(changed) k(id) LEFT JOIN variants v ON v.product_id = k.id AND v.status = 'active' GROUP BY k.id
  ) n
  WHERE p.id = n.id AND (p.least_minor, p.colour_words) IS DISTINCT FROM (n.least_minor, n.colour_words)
$$;--> statement-breakpoint
CREATE FUNCTION follow_variants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed uuid[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    -- An update that touches only where it stands in a list of its own is no news; everything else here is.
    SELECT array_agg(DISTINCT product_id) INTO changed FROM new_rows;
  ELSE
    SELECT array_agg(DISTINCT product_id) INTO changed FROM changed_rows;
  END IF;
  IF changed IS NOT NULL THEN
    PERFORM sum_up_variants(changed);
    INSERT INTO catalog_changes (product_id) SELECT unnest(changed);
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER variants_inserted AFTER INSERT ON variants REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_variants();--> statement-breakpoint
CREATE TRIGGER variants_updated AFTER UPDATE ON variants REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_variants();--> statement-breakpoint
CREATE TRIGGER variants_deleted AFTER DELETE ON variants REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_variants();--> statement-breakpoint

-- 2. Every word that describes a product is kept, so that a mistyped one finds its neighbour. In order, so that two writers do not wait in a circle.
CREATE FUNCTION follow_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_words (word)
  SELECT DISTINCT w.word FROM changed_rows p, unnest(tsvector_to_array(to_tsvector('simple', concat_ws(' ', p.name, p.keywords, p.colour_words, p.shelf_words)))) w(word)
  WHERE length(w.word) BETWEEN 3 AND 40 AND w.word ~ '^[[:alpha:]]+$' AND NOT EXISTS (SELECT 1 FROM search_words k WHERE k.word = w.word)
  ORDER BY 1 ON CONFLICT DO NOTHING;
  INSERT INTO catalog_changes (product_id) SELECT id FROM changed_rows;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER products_inserted AFTER INSERT ON products REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_products();--> statement-breakpoint
CREATE TRIGGER products_updated AFTER UPDATE ON products REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_products();--> statement-breakpoint
CREATE FUNCTION note_lost_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) SELECT id FROM changed_rows;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER products_deleted AFTER DELETE ON products REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION note_lost_products();--> statement-breakpoint

-- 3. Stock is news to a list only when the last free piece of a shelf goes or the first one comes.
CREATE FUNCTION note_stock_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) SELECT v.product_id FROM variants v WHERE v.id = NEW.variant_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER stock_levels_turned AFTER UPDATE OF on_hand, reserved ON stock_levels FOR EACH ROW
  WHEN ((OLD.on_hand > OLD.reserved) IS DISTINCT FROM (NEW.on_hand > NEW.reserved)) EXECUTE FUNCTION note_stock_turn();--> statement-breakpoint
CREATE FUNCTION note_new_shelves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) SELECT DISTINCT v.product_id FROM changed_rows s JOIN variants v ON v.id = s.variant_id WHERE s.on_hand > s.reserved;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER stock_levels_inserted AFTER INSERT ON stock_levels REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION note_new_shelves();--> statement-breakpoint

-- 4. Names and rights above the products.
CREATE FUNCTION follow_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE products SET category_id = category_id WHERE category_id = NEW.id OR category_id IN (SELECT id FROM categories WHERE parent_id = NEW.id);
  INSERT INTO catalog_changes (product_id) VALUES (NULL);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER categories_updated AFTER UPDATE ON categories FOR EACH ROW
  WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION follow_category();--> statement-breakpoint
CREATE FUNCTION follow_vendor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.name IS DISTINCT FROM NEW.name THEN
    UPDATE products SET vendor_id = vendor_id WHERE vendor_id = NEW.id;
  END IF;
  INSERT INTO catalog_changes (product_id) VALUES (NULL);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER vendors_updated AFTER UPDATE ON vendors FOR EACH ROW
  WHEN ((OLD.name, OLD.slug, OLD.status) IS DISTINCT FROM (NEW.name, NEW.slug, NEW.status)) EXECUTE FUNCTION follow_vendor();--> statement-breakpoint
CREATE FUNCTION note_everything() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) VALUES (NULL);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER warehouses_updated AFTER UPDATE OF is_active ON warehouses FOR EACH ROW
  WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active) EXECUTE FUNCTION note_everything();--> statement-breakpoint
CREATE TRIGGER categories_inserted AFTER INSERT OR DELETE ON categories FOR EACH STATEMENT EXECUTE FUNCTION note_everything();--> statement-breakpoint

-- 5. A product's status moves only along its table.
INSERT INTO state_transitions (machine, from_state, to_state) VALUES
  ('product', 'draft', 'active'), ('product', 'draft', 'archived'), ('product', 'active', 'draft'), ('product', 'active', 'archived'),
  ('product', 'archived', 'draft'), ('product', 'archived', 'active');--> statement-breakpoint
CREATE FUNCTION refuse_illegal_product_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM state_transitions t WHERE t.machine = 'product' AND t.from_state = OLD.status AND t.to_state = NEW.status) THEN
    RAISE EXCEPTION 'a product may not move from % to %', OLD.status, NEW.status USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER products_legal_move BEFORE UPDATE OF status ON products FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refuse_illegal_product_move();--> statement-breakpoint

-- 6. What is there already.
UPDATE products SET category_id = category_id;--> statement-breakpoint
SELECT sum_up_variants(array(SELECT id FROM products));--> statement-breakpoint

-- 7. Words of English and Swahili that mean the same to a shopper, both ways. Staff add more.
INSERT INTO search_synonyms (word, means) VALUES
  ('abaya', 'buibui'), ('ankara', 'kitenge'), ('belt', 'mkanda'), ('belt', 'mshipi'), ('black', 'nyeusi'), ('blauzi', 'blouse'), ('blouse', 'blauzi'), ('blue', 'bluu'), ('blue', 'samawati'), ('bluu', 'blue'), ('bra', 'sidiria'), ('brown', 'kahawia'), ('buibui', 'abaya'), ('bukta', 'shorts'), ('cap', 'kofia'), ('child', 'mtoto'), ('children', 'kids'), ('children', 'watoto'), ('chitenge', 'kitenge'), ('chungwa', 'orange'), ('chupi', 'underwear'), ('clothes', 'nguo'), ('coat', 'koti'), ('coat', 'makoti'), ('cotton', 'pamba'), ('dashiki', 'tunic'), ('denim', 'jeans'), ('dhahabu', 'gold'), ('dress', 'frock'), ('dress', 'gauni'), ('dress', 'magauni'), ('dress', 'rinda'), ('frock', 'dress'), ('fulana', 'tee'), ('fulana', 'tshirt'), ('gauni', 'dress'), ('gauni', 'magauni'), ('gents', 'men'), ('gold', 'dhahabu'), ('gray', 'grey'), ('green', 'kijani'), ('grey', 'gray'), ('grey', 'kijivu'), ('hariri', 'silk'), ('hat', 'kofia'), ('headwrap', 'kilemba'), ('headwrap', 'vilemba'), ('hoodie', 'hoody'), ('hoodie', 'hudi'), ('hoody', 'hoodie'), ('hudi', 'hoodie'), ('jacket', 'jaketi'), ('jacket', 'koti'), ('jacket', 'makoti'), ('jaketi', 'jacket'), ('jeans', 'denim'), ('jeans', 'jinsi'), ('jersey', 'jezi'), ('jezi', 'jersey'), ('jinsi', 'jeans'), ('jumper', 'sweater'), ('kahawia', 'brown'), ('kanga', 'khanga'), ('kanga', 'leso'), ('kanzu', 'thobe'), ('kaptura', 'shorts'), ('khanga', 'kanga'), ('kiatu', 'shoe'), ('kids', 'children'), ('kids', 'mtoto'), ('kids', 'watoto'), ('kijani', 'green'), ('kijivu', 'grey'), ('kikoi', 'kikoy'), ('kikoy', 'kikoi'), ('kilemba', 'headwrap'), ('kilemba', 'turban'), ('kitani', 'linen'), ('kitenge', 'ankara'), ('kitenge', 'chitenge'), ('kitenge', 'vitenge'), ('kofia', 'cap'), ('kofia', 'hat'), ('koti', 'coat'), ('koti', 'jacket'), ('ladies', 'women'), ('leather', 'ngozi'), ('leso', 'kanga'), ('linen', 'kitani'), ('longi', 'trousers'), ('madoadoa', 'spotted'), ('magauni', 'dress'), ('magauni', 'gauni'), ('makoti', 'coat'), ('makoti', 'jacket'), ('manjano', 'yellow'), ('mashati', 'shati'), ('mashati', 'shirt'), ('men', 'gents'), ('men', 'mwanamume'), ('men', 'wanaume'), ('mistari', 'striped'), ('mkanda', 'belt'), ('mshipi', 'belt'), ('mtoto', 'child'), ('mtoto', 'kids'), ('mwanamke', 'women'), ('mwanamume', 'men'), ('ngozi', 'leather'), ('nguo', 'clothes'), ('njano', 'yellow'), ('nyekundu', 'red'), ('nyeupe', 'white'), ('nyeusi', 'black'), ('orange', 'chungwa'), ('pajama', 'pyjamas'), ('pamba', 'cotton'), ('pants', 'suruali'), ('pants', 'trousers'), ('pink', 'pinki'), ('pink', 'waridi'), ('pinki', 'pink'), ('pullover', 'sweater'), ('purple', 'zambarau'), ('pyjamas', 'pajama'), ('red', 'nyekundu'), ('rinda', 'dress'), ('rinda', 'skirt'), ('samawati', 'blue'), ('sare', 'uniform'), ('shati', 'mashati'), ('shati', 'shirt'), ('shirt', 'mashati'), ('shirt', 'shati'), ('shoe', 'kiatu'), ('shoes', 'viatu'), ('shorts', 'bukta'), ('shorts', 'kaptura'), ('sidiria', 'bra'), ('silk', 'hariri'), ('sketi', 'skirt'), ('skirt', 'rinda'), ('skirt', 'sketi'), ('socks', 'soksi'), ('soksi', 'socks'), ('spotted', 'madoadoa'), ('striped', 'mistari'), ('sufu', 'wool'), ('suruali', 'pants'), ('suruali', 'trousers'), ('sweater', 'jumper'), ('sweater', 'pullover'), ('sweater', 'sweta'), ('sweta', 'sweater'), ('tee', 'fulana'), ('tee', 'tisheti'), ('tee', 'tshirt'), ('thobe', 'kanzu'), ('tisheti', 'tee'), ('tisheti', 'tshirt'), ('trousers', 'longi'), ('trousers', 'pants'), ('trousers', 'suruali'), ('tshirt', 'fulana'), ('tshirt', 'tee'), ('tshirt', 'tisheti'), ('tunic', 'dashiki'), ('turban', 'kilemba'), ('underwear', 'chupi'), ('uniform', 'sare'), ('viatu', 'shoes'), ('vilemba', 'headwrap'), ('vitenge', 'kitenge'), ('wanaume', 'men'), ('wanawake', 'women'), ('waridi', 'pink'), ('watoto', 'children'), ('watoto', 'kids'), ('white', 'nyeupe'), ('women', 'ladies'), ('women', 'mwanamke'), ('women', 'wanawake'), ('wool', 'sufu'), ('yellow', 'manjano'), ('yellow', 'njano'), ('zambarau', 'purple');
