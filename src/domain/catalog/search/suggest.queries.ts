import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../../platform/db.ts'
import { foundBy, foundByName, isHardToEstimate, understandSearch } from './search.queries.ts'
import { correctionOf } from './search.words.ts'

/** What is offered while somebody is typing. */
export interface Suggestions {
  corrected: string | null
  products: { slug: string; name: string; priceMinor: number; picture: string | null }[]
  categories: { slug: string; name: string; nameSw: string }[]
}

const most = 8

/** Products and shelves for an unfinished search text, by name, newest first. Two statements. */
export async function suggest(db: DbOrTx, text: string): Promise<Suggestions> {
  const understood = await understandSearch(db, text)
  if (understood.kind === 'nothing') return { corrected: null, products: [], categories: [] }
  const isWords = understood.kind === 'words'
  const [row] = await db.execute<{ products: Suggestions['products']; categories: Suggestions['categories'] }>(sql`
    select
      array(select json_build_object('slug', p.slug, 'name', p.name, 'priceMinor', p.least_minor,
        'picture', (select x.path from product_pictures x where x.product_id = p.id order by x.position, x.id limit 1))
        from products p join vendors d on d.id = p.vendor_id and d.status = 'approved'
        where p.status = 'active' and p.least_minor is not null and ${isWords ? foundByName(understood.query) : foundBy(understood)}
        order by ${isWords ? (isHardToEstimate(understood) ? sql`p.published_at + interval '0' desc, p.id desc` : sql`p.published_at desc, p.id desc`) : sql`word_similarity(${understood.text}, p.name) desc, p.id desc`} limit ${most}) as products,
      array(select json_build_object('slug', c.slug, 'name', c.name, 'nameSw', c.name_sw) from categories c
        where ${isWords ? sql`to_tsvector('simple', c.name || ' ' || c.name_sw) @@ to_tsquery('simple', ${understood.query.simple})` : sql`${understood.text} <% c.name`}
        order by c.parent_id nulls first, c.position limit 4) as categories`)
  const corrections = understood.words.map((word) => (word.isKnown || word.means.length > 0 ? undefined : correctionOf(word)?.word))
  return {
    corrected: corrections.some((word) => word !== undefined)
      ? understood.words.map(({ word }, at) => corrections[at] ?? word).join(' ')
      : null,
    products: row?.products ?? [],
    categories: row?.categories ?? [],
  }
}
