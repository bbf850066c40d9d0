-- A review that is taken from the public lowers the sums of its product by an update: a row with a count below zero is refused even
-- where it would only be added to what is there.
CREATE OR REPLACE FUNCTION count_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.state = 'published' THEN
    UPDATE product_ratings SET count = count - 1, stars = stars - OLD.stars,
      fit_small = fit_small - (OLD.fit IS NOT DISTINCT FROM 'small')::int, fit_true = fit_true - (OLD.fit IS NOT DISTINCT FROM 'true')::int,
      fit_large = fit_large - (OLD.fit IS NOT DISTINCT FROM 'large')::int
    WHERE product_id = OLD.product_id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
    INSERT INTO product_ratings AS p (product_id, count, stars, fit_small, fit_true, fit_large)
    VALUES (NEW.product_id, 1, NEW.stars, (NEW.fit IS NOT DISTINCT FROM 'small')::int, (NEW.fit IS NOT DISTINCT FROM 'true')::int, (NEW.fit IS NOT DISTINCT FROM 'large')::int)
    ON CONFLICT (product_id) DO UPDATE SET count = p.count + excluded.count, stars = p.stars + excluded.stars,
      fit_small = p.fit_small + excluded.fit_small, fit_true = p.fit_true + excluded.fit_true, fit_large = p.fit_large + excluded.fit_large;
  END IF;
  RETURN NULL;
END $$;
