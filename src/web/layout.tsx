/** The frame of every page: border, header with search first, the page, footer with help in the same place. */
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { asset, inlineCss } from './assets.ts'
import { type Lang, localPath, wordsIn } from './i18n/words.ts'
import { KangaBorder, type Motif } from './parts/kanga-border.tsx'

/** What a page needs to know of the shop it stands in; `Config` fits. */
export type Site = { readonly publicUrl: string }

export type Page = {
  /** Shown as "Thing | Rahim"; only the thing here. */
  title: string
  /** Path without language and the query that counts, for the canonical address. */
  path: string
  body: ComponentChildren
  description?: string
  lang?: Lang
  /** Whether the same page exists in the other language. */
  isTranslated?: boolean
  theme?: 'light' | 'dark'
  motif?: Motif
  /** The saying of the collection, printed under the border. */
  saying?: string
  /** Collections for the menu. */
  shelves?: readonly { slug: string; name: string }[]
  /** The collection this page belongs to. */
  shelf?: string
  /** What was searched for, kept in the box. */
  query?: string
  isPrivate?: boolean
  hasErrors?: boolean
  /** Script entries by their built name; `shop.js` is always there. */
  scripts?: readonly string[]
  /** The one picture worth a head start. */
  preloadImage?: string
  jsonLd?: unknown
  /** Further links and metas, for example the manifest of the driver's page. */
  head?: ComponentChildren
}

/** A whole document as text, doctype included. */
export function renderPage(site: Site, page: Page): string {
  return `<!doctype html>${renderToString(<Document site={site} page={page} />)}`
}

function Document({ site, page }: { site: Site; page: Page }) {
  const lang = page.lang ?? 'en'
  const words = wordsIn(lang)
  const title = `${page.hasErrors ? `${words.error}: ` : ''}${page.title} | Rahim`
  const canonical = site.publicUrl + localPath(lang, page.path)
  return (
    <html lang={lang} data-theme={page.theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover" />
        <title>{title}</title>
        {page.description && <meta name="description" content={page.description} />}
        {page.isPrivate ? <meta name="robots" content="noindex" /> : <link rel="canonical" href={canonical} />}
        {page.isTranslated &&
          !page.isPrivate &&
          (['en', 'sw'] as const).map((each) => (
            <link key={each} rel="alternate" hreflang={each} href={site.publicUrl + localPath(each, page.path)} />
          ))}
        {!page.isPrivate && (
          <OpenGraph title={page.title} description={page.description} url={canonical} image={page.preloadImage} site={site} />
        )}
        <meta name="theme-color" content="#0b5d4e" />
        {page.preloadImage && <link rel="preload" as="image" href={page.preloadImage} fetchpriority="high" />}
        {/* Our own build output, and the page's policy holds its hash. */}
        <style dangerouslySetInnerHTML={{ __html: inlineCss().text }} />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {['shop.js', ...(page.scripts ?? [])].map((name) => (
          <script key={name} type="module" src={asset(name)} />
        ))}
        {page.jsonLd !== undefined && (
          <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: scriptSafeJson(page.jsonLd) }} />
        )}
        {page.head}
      </head>
      <body>
        <a class="skip" href="#page">
          {words.skip}
        </a>
        <KangaBorder motif={page.motif ?? 'diamonds'} />
        <Header page={page} lang={lang} />
        <main id="page" tabindex={-1}>
          <div class="wrap">{page.body}</div>
        </main>
        <Footer page={page} lang={lang} />
      </body>
    </html>
  )
}

function OpenGraph({
  title,
  description,
  url,
  image,
  site,
}: {
  title: string
  description?: string | undefined
  url: string
  image?: string | undefined
  site: Site
}) {
  return (
    <>
      <meta property="og:title" content={title} />
      {description && <meta property="og:description" content={description} />}
      <meta property="og:url" content={url} />
      {image && <meta property="og:image" content={new URL(image, site.publicUrl).href} />}
    </>
  )
}

function Header({ page, lang }: { page: Page; lang: Lang }) {
  const words = wordsIn(lang)
  return (
    <header class="top">
      <div class="wrap">
        <a class="wordmark" href={localPath(lang, '/')}>
          Rahim
        </a>
        <form class="search" action={localPath(lang, '/search')} role="search">
          <label class="hush" for="q">
            {words.searchLabel}
          </label>
          <input
            class="input"
            id="q"
            name="q"
            type="search"
            value={page.query}
            placeholder={words.searchHint}
            enterkeyhint="search"
            autocomplete="off"
            maxlength={100}
          />
          <button class="btn">{words.search}</button>
        </form>
        <a href={localPath(lang, '/account')}>{words.account}</a>
        <a href={localPath(lang, '/cart')}>
          {words.bag}
          <span class="count" data-bag-count hidden />
        </a>
      </div>
      {page.shelves && page.shelves.length > 0 && (
        <nav class="wrap" aria-label={words.menu}>
          <ul class="shelves">
            {page.shelves.map(({ slug, name }) => (
              <li key={slug}>
                <a href={localPath(lang, `/c/${slug}`)} aria-current={slug === page.shelf ? 'true' : undefined}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
    </header>
  )
}

function Footer({ page, lang }: { page: Page; lang: Lang }) {
  const words = wordsIn(lang)
  const other = lang === 'en' ? 'sw' : 'en'
  const links = [
    ['/help', words.help],
    ['/help/delivery', words.delivery],
    ['/help/returns', words.returns],
    ['/track', words.track],
    ['/privacy', words.privacy],
    ['/terms', words.terms],
  ] as const
  return (
    <footer class="foot">
      <KangaBorder motif={page.motif ?? 'diamonds'} again />
      <div class="wrap stack">
        <p class="jina" lang="sw">
          {page.saying ?? 'Chema chajiuza'}
        </p>
        <p>{words.promise}</p>
        <nav aria-label={words.help}>
          <ul>
            {links.map(([path, label]) => (
              <li key={path}>
                <a href={localPath(lang, path)}>{label}</a>
              </li>
            ))}
            {page.isTranslated && (
              <li>
                <a href={localPath(other, page.path)} lang={other} hreflang={other}>
                  {words.otherLanguage}
                </a>
              </li>
            )}
          </ul>
        </nav>
      </div>
    </footer>
  )
}

/** JSON that cannot close its script element, whatever a vendor wrote. */
function scriptSafeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
