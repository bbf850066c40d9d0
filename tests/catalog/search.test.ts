import { Value } from '@sinclair/typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ProductPage, ProductShape } from '../../src/domain/catalog/catalog.schema.ts'
import { makeProduct } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
const slugs: Record<string, string> = {}
beforeAll(async () => {
  shop = await openShop()
  const shelf = shop.context.ids.next()
  await shop.database.sql`insert into categories (id, slug, name) values (${shelf}, 'wear', 'Wear')`
  const make = async (key: string, name: string, rest: { keywords?: string; description?: string; days?: number } = {}) => {
    const { slug } = await makeProduct(shop.context, shop.catalogue, {
      name,
      keywords: rest.keywords ?? '',
      description: rest.description ?? '',
      categoryId: key === 'dress' ? shop.catalogue.categoryId : shelf,
      publishedAt: new Date(Date.UTC(2026, 9, 1 + (rest.days ?? 0))),
      variants: [{ size: 'M', colour: 'Indigo', stock: 3 }],
    })
    slugs[key] = slug
  }
  await make('dress', 'Wrap dress Amani', { days: 1 })
  await make('shirt', 'Linen shirt', { description: 'Wear it over a dress.', days: 2 })
  await make('tshirt', 'T-shirt Nairobi', { keywords: 'tshirt', days: 3 })
  await make('kanga', 'Kanga Bahari', { keywords: 'leso khanga', days: 4 })
  await make('trousers', 'Chino trousers', { days: 5 })
})
afterAll(() => shop.close())

const find = async (q: string, more = ''): Promise<string[]> => {
  const answer = await shop.fetch(`/api/v1/products?q=${encodeURIComponent(q)}${more}`)
  expect(answer.status).toBe(200)
  const body = (await answer.json()) as { items: { slug: string }[] }
  return body.items.map(({ slug }) => Object.keys(slugs).find((key) => slugs[key] === slug) ?? slug)
}

describe('a search', () => {
  test('finds by name before description, and by plural, beginning and capitals', async () => {
    expect(await find('dress')).toEqual(['dress', 'shirt'])
    expect(await find('DRESSES')).toEqual(['dress', 'shirt'])
    expect(await find('trou')).toEqual(['trousers'])
    expect(await find('wrap amani')).toEqual(['dress'])
    expect(await find('wrap trousers')).toEqual([])
  })

  test('understands Swahili for English and the other way round', async () => {
    expect(await find('gauni')).toEqual(['dress', 'shirt'])
    expect(await find('tisheti')).toEqual(['tshirt'])
    expect(await find('suruali')).toEqual(['trousers'])
    expect(await find('shati')).toEqual(['tshirt', 'shirt'])
    expect(await find('leso')).toEqual(['kanga'])
    expect(await find('khanga')).toEqual(['kanga'])
  })

  test('forgives a wrong, a missing, a double letter and two swapped ones', async () => {
    for (const typo of ['kamga', 'knga', 'kannga', 'kagna', 'kangaa']) expect([typo, await find(typo)]).toEqual([typo, ['kanga']])
    for (const typo of ['troussers', 'truosers', 'trosers', 'trouzers']) expect([typo, await find(typo)]).toEqual([typo, ['trousers']])
    expect(await find('linnen shrit')).toEqual(['shirt'])
    expect(await find('gaunni')).toEqual(await find('gauni'))
  })

  test('finds by colour and by shelf', async () => {
    expect((await find('indigo trousers')).toSorted()).toEqual(['trousers'])
    expect((await find('wear indigo', '&sort=newest')).length).toBe(4)
  })

  test('pages through everything once in every order', async () => {
    for (const sort of ['relevance', 'newest', 'price', '-price'] as const) {
      const seen: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const answer: Response = await shop.fetch(
          `/api/v1/products?q=indigo&limit=1&sort=${sort}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        )
        const page = (await answer.json()) as { items: { slug: string }[]; nextCursor: string | null }
        seen.push(...page.items.map(({ slug }) => slug))
        cursor = page.nextCursor
      }
      expect([sort, seen.length, new Set(seen).size]).toEqual([sort, 5, 5])
    }
  })

  test('answers the same shapes that its documentation says', async () => {
    const list = await (await shop.fetch('/api/v1/products?q=dress')).json()
    expect([...Value.Errors(ProductPage, list)]).toEqual([])
    const product = await (await shop.fetch(`/api/v1/products/${slugs['dress']}`)).json()
    expect([...Value.Errors(ProductShape, product)]).toEqual([])
  })

  // NUL is refused at the front door (malformed_text); everything else is a search.
  const oddities = [
    'a'.repeat(1_900),
    `${'mtoto '.repeat(300)}`,
    "'; drop table products; --",
    '%%%___',
    '\\',
    "'''",
    '!!!',
    '&|!():*<->',
    "a:* & !b | 'c",
    '<script>',
    '👗👗👗',
    'ﷺ ‮ كانغا',
    'ქართული',
    '漢字',
    'e\u0301\u0301\u0301\u0301',
    '     ',
    '-1 or 1=1',
    'null',
    '0x00',
    '١٢٣',
    '​',
    'of the and',
    'ß İ ı',
  ]
  test.each(oddities)('takes %j without a complaint', async (q) => {
    for (const path of ['/api/v1/products?q=', '/api/v1/products/facets?q=', '/api/v1/search/suggest?q=', '/search?q='])
      expect((await shop.fetch(path + encodeURIComponent(q))).status).toBe(200)
  })

  test('refuses what no text is, with a reason', async () => {
    expect((await shop.fetch('/api/v1/products?q=%00')).status).toBe(400)
    expect((await shop.fetch('/api/v1/products?q=%ff')).status).toBe(400)
    expect((await shop.fetch(`/api/v1/products?q=${'a'.repeat(3_000)}`)).status).toBe(422)
  })

  test('takes any cursor for the top of the list when it is none of ours', async () => {
    for (const cursor of ['x', 'W10', 'WyJ4IiwieSJd', 'null', Buffer.from('[1,2,3]').toString('base64url'), '%27'])
      for (const sort of ['relevance', 'newest', 'price', '-price'])
        expect((await find('indigo', `&sort=${sort}&cursor=${cursor}`)).length).toBe(5)
  })
})

describe('suggestions', () => {
  const suggested = async (q: string) =>
    (await (await shop.fetch(`/api/v1/search/suggest?q=${encodeURIComponent(q)}`)).json()) as {
      corrected: string | null
      products: { name: string; price: { amountMinor: number } }[]
      categories: { slug: string }[]
    }

  test('complete what is being typed and set a slip right', async () => {
    expect((await suggested('kan')).products.map(({ name }) => name)).toEqual(['Kanga Bahari'])
    expect(await suggested('kamga')).toMatchObject({
      corrected: 'kanga',
      products: [{ name: 'Kanga Bahari', price: { amountMinor: 150_000 } }],
    })
    expect((await suggested('dres')).categories).toMatchObject([{ slug: 'dresses' }])
    expect(await suggested('qqqqxxxxzzzz')).toEqual({ corrected: null, products: [], categories: [] })
  })
})
