import { Elysia, t } from 'elysia'
import type { Context } from '../context.ts'
import { productPages } from '../domain/catalog/sitemap.queries.ts'
import { Refusal } from '../lib/refusal.ts'
import { helpPages } from './help/help-pages.tsx'
import { categoryTree } from './shelves.ts'
import { shopWindow } from './shop-window.ts'

// The protocol allows 50,000 addresses a file; each page has two, and files of a megabyte are kinder to everybody.
const perFile = 5_000
const kept = { 'content-type': 'application/xml; charset=utf-8', 'cache-control': 'public, max-age=3600' }

/** The map of the shop for search engines: an index, the shelves, and the products in files of five thousand. */
export const sitemapRoutes = (context: Context) => {
  const { publicUrl } = context.config
  const products = () => shopWindow(context).remember('sitemap', undefined, () => productPages(context.db))
  return new Elysia({ detail: { hide: true } })
    .get('/sitemap.xml', async () => {
      const files = Math.max(1, Math.ceil((await products()).length / perFile))
      const parts = ['/sitemap-shelves.xml', ...Array.from({ length: files }, (_, index) => `/sitemap-products-${index + 1}.xml`)]
      return new Response(
        xml(
          'sitemapindex',
          parts.map((path) => `<sitemap><loc>${publicUrl}${path}</loc></sitemap>`),
        ),
        { headers: kept },
      )
    })
    .get('/sitemap-shelves.xml', async () => {
      const shelves = (await categoryTree(context)).filter((category) => category.products > 0).map(({ slug }) => `/c/${slug}`)
      return new Response(
        xml(
          'urlset',
          ['/', '/search', ...shelves, ...Object.values(helpPages)].map((path) => entry(publicUrl, path)),
        ),
        { headers: kept },
      )
    })
    .get(
      '/sitemap-products-:file',
      async ({ params }) => {
        const at = /^([1-9]\d{0,3})\.xml$/.exec(params.file)?.[1]
        const page = (await products()).slice((Number(at) - 1) * perFile, Number(at) * perFile)
        if (at === undefined || (page.length === 0 && at !== '1')) throw new Refusal('not_found')
        return new Response(
          xml(
            'urlset',
            page.map(({ slug, changedAt }) => entry(publicUrl, `/p/${slug}`, changedAt)),
          ),
          { headers: kept },
        )
      },
      { params: t.Object({ file: t.String({ maxLength: 20 }) }) },
    )
    .get(
      '/robots.txt',
      () =>
        new Response(
          [
            'User-agent: *',
            ...['/api/', '/pay/', '/orders/', '/track/', '/account', '/language/', '/sandbox'].flatMap((path) => [
              `Disallow: ${path}`,
              `Disallow: /sw${path}`,
            ]),
            `Sitemap: ${publicUrl}/sitemap.xml`,
            '',
          ].join('\n'),
          { headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=3600' } },
        ),
    )
}

const xml = (root: string, parts: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${parts.join('\n')}\n</${root}>\n`

/** A page in both languages. Slugs are letters, digits and dashes, so nothing needs escaping. */
function entry(publicUrl: string, path: string, changedAt?: string): string {
  const both = [`${publicUrl}${path}`, `${publicUrl}${path === '/' ? '/sw' : `/sw${path}`}`] as const
  const alternates = `<xhtml:link rel="alternate" hreflang="en" href="${both[0]}"/><xhtml:link rel="alternate" hreflang="sw" href="${both[1]}"/>`
  const changed = changedAt === undefined ? '' : `<lastmod>${changedAt}</lastmod>`
  return both.map((address) => `<url><loc>${address}</loc>${changed}${alternates}</url>`).join('')
}
