import { type SQL, sql } from 'drizzle-orm'
import type { DbOrTx } from '../../../platform/db.ts'
import { type KnownWord, searchWordsOf, slipsOf, type TextQuery, textQueryOf } from './search.words.ts'

/** What a search text comes to: words for the index, or only a likeness of names, or nothing that could be looked for. */
export type Understood =
  | { readonly kind: 'words'; readonly query: TextQuery; readonly words: readonly KnownWord[] }
  | { readonly kind: 'likeness'; readonly text: string; readonly words: readonly KnownWord[] }
  | { readonly kind: 'nothing' }

/** Looks up every word of a search text in one statement: what it means, whether products have it, what it may be a slip of. */
export async function understandSearch(db: DbOrTx, text: string): Promise<Understood> {
  const words = searchWordsOf(text)
  if (words.length === 0) return { kind: 'nothing' }
  const slips = words.flatMap((word) => slipsOf(word).map((slip) => ({ word, slip })))
  const rows = await db.execute<{
    word: string
    means: string[]
    is_known: boolean
    is_whole: boolean
    near: { word: string; means: string[] }[]
  }>(sql`
    select w.word,
      array(select s.means from search_synonyms s where s.word = w.word order by s.means limit 8) as means,
      n.is_known, exists (select 1 from search_words k where k.word = w.word) as is_whole,
      case when n.is_known then '[]'::json else (
        select coalesce(json_agg(json_build_object('word', k.word, 'means', array(select s.means from search_synonyms s where s.word = k.word order by s.means limit 8))), '[]') from (
          select k.word from search_words k where k.word in (select slip from unnest(${sql.param(slips.map(({ word }) => word))}::text[], ${sql.param(slips.map(({ slip }) => slip))}::text[]) x(word, slip) where x.word = w.word)
          union all
          (select k.word from search_words k where k.word % w.word order by similarity(k.word, w.word) desc, k.word limit 8)
        ) k
      ) end as near
    from unnest(${sql.param(words)}::text[]) with ordinality w(word, at)
    cross join lateral (select length(w.word) < 3 or exists (select 1 from search_words k where k.word collate "C" >= w.word and k.word collate "C" < w.word || chr(1114111)) as is_known) n
    order by w.at`)
  const known = rows.map(({ word, means, is_known, is_whole, near }) => ({ word, means, isKnown: is_known, isWhole: is_whole, near }))
  const query = textQueryOf(known)
  return query === undefined ? { kind: 'likeness', text: words.join(' '), words: known } : { kind: 'words', query, words: known }
}

const vector = (simple: string, english: string): SQL => sql`(to_tsquery('simple', ${simple}) || to_tsquery('english', ${english}))`

/**
 * Whether the planner cannot tell how many products are found: of several words it multiplies the chances, of beginnings it knows none.
 * It would then walk the whole shop from the newest on to find the few, so such searches are not to be sorted by an index.
 */
export const isHardToEstimate = ({ words }: { readonly words: readonly KnownWord[] }): boolean =>
  words.length > 1 || words.at(-1)?.isWhole !== true

/** The condition on a product (`p`) that it is found. */
export function foundBy(understood: Understood): SQL {
  if (understood.kind === 'words') return sql`p.search @@ ${vector(understood.query.simple, understood.query.english)}`
  if (understood.kind === 'likeness') return sql`${understood.text} <% p.name`
  return sql`false`
}

/** The condition that a product is found by its name, which counts for more than its description. */
export const foundByName = (query: TextQuery): SQL => sql`p.search @@ ${vector(query.simpleName, query.englishName)}`
