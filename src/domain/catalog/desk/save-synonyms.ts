import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { searchWordsOf } from '../search/search.words.ts'

/** Says what a word means to shoppers, as a whole list; an empty one forgets it. A step. Refuses with invalid_input. */
export async function saveSynonyms(tx: Tx, stamp: Stamp, word: string, means: readonly string[]): Promise<void> {
  const plain = (text: string): string => {
    const words = searchWordsOf(text)
    if (words.length === 0)
      throw new Refusal('invalid_input', {
        fields: [{ path: '/body/means', code: 'no_word', message: 'Write words of letters or digits.' }],
      })
    return words.join(' ')
  }
  const from = plain(word)
  const to = [...new Set(means.map(plain))].filter((each) => each !== from)
  await tx.execute(sql`delete from search_synonyms where word = ${from}`)
  await tx.execute(sql`insert into search_synonyms (word, means) select ${from}, k from unnest(${sql.param(to)}::text[]) k`)
  await tx.execute(sql`insert into catalog_changes (product_id) values (null)`)
  await audit(tx, stamp, { action: 'search.synonyms_saved', target: from, data: { means: to } })
}
