import { sql } from 'drizzle-orm'
import { bigserial, check, customType, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

/** What else a word means to shoppers, in English and Swahili: `gauni` means `dress`. Data, so that it grows without a release. */
export const searchSynonyms = pgTable('search_synonyms', { word: text().notNull(), means: text().notNull() }, (table) => [
  primaryKey({ columns: [table.word, table.means] }),
  check(
    'search_synonyms_words',
    sql`${table.word} <> ${table.means} and ${table.word} = lower(${table.word}) and ${table.means} = lower(${table.means})`,
  ),
])

/** Every word that names or describes a product, so that a mistyped one can be set right. Written by a trigger. */
export const searchWords = pgTable('search_words', { word: text().primaryKey() }, (table) => [
  index('search_words_trigram').using('gin', sql`${table.word} gin_trgm_ops`),
  // By bytes, so that all words with one beginning stand together.
  index('search_words_beginning').on(sql`${table.word} collate "C"`),
])

/**
 * Which products changed for those who look for them, so that a process knows when what it counted is no longer true. A row without
 * a product stands for all. `xid` is the transaction that wrote it: rows become visible in another order than their ids say.
 */
export const catalogChanges = pgTable(
  'catalog_changes',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    productId: uuid(),
    xid: xid8()
      .notNull()
      .default(sql`pg_current_xact_id()`),
  },
  (table) => [index('catalog_changes_xid').on(table.xid)],
)
