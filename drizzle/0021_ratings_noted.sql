-- Stars stand on the product's page, so a page kept from before is told of them.
CREATE FUNCTION note_rating() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_changes (product_id) VALUES (NEW.product_id);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER product_ratings_noted AFTER INSERT OR UPDATE ON product_ratings FOR EACH ROW EXECUTE FUNCTION note_rating();
