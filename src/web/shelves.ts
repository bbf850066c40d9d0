import type { Context } from '../context.ts'
import { type CategoryView, listCategories } from '../domain/catalog/product.queries.ts'
import { minutes } from '../lib/time.ts'

interface Kept {
  readonly categories: readonly CategoryView[]
  readonly readAtMs: number
}

const keptMs = minutes(1)
const kept = new WeakMap<Context['db'], Kept>()

/** The category tree, read at most once a minute: it stands on every page and changes a few times a year. */
export async function categoryTree(context: Pick<Context, 'db' | 'clock'>): Promise<readonly CategoryView[]> {
  const now = context.clock.monotonicMs()
  const known = kept.get(context.db)
  if (known !== undefined && now - known.readAtMs < keptMs) return known.categories
  const categories = await listCategories(context.db)
  // An empty tree is not worth keeping: the shop is just being filled.
  if (categories.length > 0) kept.set(context.db, { categories, readAtMs: now })
  return categories
}

/** The tree as last read, for pages that must not ask the database: those that say it is down. */
export const knownCategories = (context: Pick<Context, 'db'>): readonly CategoryView[] => kept.get(context.db)?.categories ?? []

/** The collections of the menu, which are the top of the tree. */
export const shelvesOf = (categories: readonly CategoryView[]): { slug: string; name: string }[] =>
  categories.filter((category) => category.parent === null && category.products > 0).map(({ slug, name }) => ({ slug, name }))
