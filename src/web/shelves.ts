import type { Context } from '../context.ts'
import { type CategoryView, listCategories } from '../domain/catalog/product.queries.ts'
import { spokenLang } from './i18n/words.ts'
import { shopWindow } from './shop-window.ts'

type Sources = Pick<Context, 'db' | 'clock' | 'writes' | 'log'>

/** The category tree, read again only when the catalogue has changed: it stands on every page and changes a few times a year. */
export const categoryTree = (context: Sources): Promise<readonly CategoryView[]> =>
  shopWindow(context).remember('categories', undefined, () => listCategories(context.db))

/** The tree as last read, for pages that must not ask the database: those that say it is down. */
export const knownCategories = (context: Sources): readonly CategoryView[] =>
  (shopWindow(context).recall('categories') as readonly CategoryView[] | undefined) ?? []

/** A category's name in the language being spoken. */
export const categoryName = ({ name, nameSw }: Pick<CategoryView, 'name' | 'nameSw'>): string =>
  spokenLang() === 'sw' && nameSw !== '' ? nameSw : name

/** The collections of the menu, which are the top of the tree. */
export const shelvesOf = (categories: readonly CategoryView[]): { slug: string; name: string }[] =>
  categories
    .filter((category) => category.parent === null && category.products > 0)
    .map((category) => ({ slug: category.slug, name: categoryName(category) }))
