-- Synonyms are words a mistyped one may be meant for, like the words of products.
CREATE FUNCTION follow_synonyms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_words (word)
  SELECT DISTINCT w.word FROM changed_rows s, unnest(array[s.word, s.means]) w(word) WHERE length(w.word) BETWEEN 3 AND 40 AND w.word ~ '^[[:alpha:]]+$'
  ORDER BY 1 ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER search_synonyms_inserted AFTER INSERT ON search_synonyms REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_synonyms();--> statement-breakpoint
INSERT INTO search_words (word)
SELECT DISTINCT w.word FROM search_synonyms s, unnest(array[s.word, s.means]) w(word) WHERE length(w.word) BETWEEN 3 AND 40 AND w.word ~ '^[[:alpha:]]+$'
ORDER BY 1 ON CONFLICT DO NOTHING;
