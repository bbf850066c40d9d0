-- A sum of bigints is numeric, which a row comparison does not take for a bigint.
CREATE OR REPLACE FUNCTION refuse_unequal_document() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  total bigint;
  vat bigint;
BEGIN
  SELECT coalesce(sum(total_minor), 0), coalesce(sum(vat_minor), 0) INTO total, vat FROM invoice_lines WHERE invoice_id = NEW.id;
  IF total <> NEW.total_minor OR vat <> NEW.vat_minor THEN
    RAISE EXCEPTION 'the lines of % do not add up to it', NEW.number USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
