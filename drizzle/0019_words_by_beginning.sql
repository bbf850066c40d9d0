CREATE INDEX "search_words_beginning" ON "search_words" USING btree ("word" collate "C");
