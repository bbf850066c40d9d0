/** The frame of every page: border, header with search first, the page, footer with help in the same place. */
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { asset, inlineCss, pageDictionary } from './assets.ts'
import { DeskHeader, type Desk } from './desk-header.tsx'
import { frameWords } from './i18n/frame.words.ts'
import { localPath, spokenLang } from './i18n/words.ts'
import { LanguageLink } from './parts/language-link.tsx'
import { KangaBorder, type Motif } from './parts/kanga-border.tsx'
import { type PictureUse, type PictureView, PreloadPicture } from './parts/picture.tsx'
import { Wordmark } from './parts/wordmark.tsx'

/** What a page needs to know of the shop it stands in; `Config` fits. */
export type Site = { readonly publicUrl: string; readonly supportPhone?: string }

export type Page = {
  /** Shown as "Thing | Rahim"; only the thing here. */
  title: string
  /** Path without language and the query that counts, for the canonical address. */
  path: string
  body: ComponentChildren
  description?: string
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
  /** Script entries and islands by their built name; `shop.js` is always there. */
  scripts?: readonly string[]
  /** Further style sheets by their built name: `desk.css` for the pages of drivers, vendors and staff. */
  styles?: readonly string[]
  /** Makes it a page of a desk: its own navigation stands where shoppers have search and collections. */
  desk?: Desk
  /** The one picture worth a head start, and how it is used. */
  preload?: { picture: PictureView; use: PictureUse }
  /** The picture others show when the page is shared, if not the one above: 1200 by 630 in PNG or JPEG. */
  shareImage?: string
  jsonLd?: unknown
  /** Further links and metas, for example the manifest of the driver's page. */
  head?: ComponentChildren
}

/** A whole document as text in the language being spoken, doctype included. */
export function renderPage(site: Site, page: Page): string {
  return `<!doctype html>${renderToString(<Document site={site} page={page} />)}`
}

function Document({ site, page }: { site: Site; page: Page }) {
  const lang = spokenLang()
  const words = frameWords()
  const title = `${page.hasErrors ? `${words.error}: ` : ''}${page.title} | Rahim`
  const canonical = site.publicUrl + localPath(page.path)
  const dictionary = pageDictionary()
  return (
    <html lang={lang}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover" />
        <title>{title}</title>
        {page.description && <meta name="description" content={page.description} />}
        {page.isPrivate ? <meta name="robots" content="noindex" /> : <Addresses page={page} site={site} canonical={canonical} />}
        <meta name="theme-color" content="#0b5d4e" />
        {page.preload && <PreloadPicture {...page.preload} />}
        {/* Our own build output, and the page's policy holds its hash. */}
        <style dangerouslySetInnerHTML={{ __html: inlineCss().text }} />
        {page.styles?.map((name) => (
          <link key={name} rel="stylesheet" href={asset(name)} />
        ))}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="manifest" href="/manifest.webmanifest" />
        {dictionary && <link rel="compression-dictionary" href={dictionary.path} />}
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
        {page.desk ? <DeskHeader desk={page.desk} path={page.path} /> : <Header page={page} />}
        <main id="page" tabindex={-1}>
          <p class="wrap notice warn" role="status" data-offline hidden>
            {words.offline}
          </p>
          <div class="wrap">{page.body}</div>
        </main>
        <Footer page={page} site={site} />
      </body>
    </html>
  )
}

/** The address of the page, in both languages, and how it looks where it is shared. */
function Addresses({ page, site, canonical }: { page: Page; site: Site; canonical: string }) {
  const image = page.shareImage ?? '/share.png'
  return (
    <>
      <link rel="canonical" href={canonical} />
      {(['en', 'sw'] as const).map((each) => (
        <link key={each} rel="alternate" hreflang={each} href={site.publicUrl + localPath(page.path, each)} />
      ))}
      <link rel="alternate" hreflang="x-default" href={site.publicUrl + page.path} />
      <meta property="og:title" content={page.title} />
      {page.description && <meta property="og:description" content={page.description} />}
      <meta property="og:url" content={canonical} />
      <meta property="og:site_name" content="Rahim Online" />
      <meta property="og:image" content={site.publicUrl + image} />
      <meta name="twitter:card" content="summary_large_image" />
    </>
  )
}

function Header({ page }: { page: Page }) {
  const words = frameWords()
  return (
    <header class="top">
      <div class="wrap">
        <Wordmark />
        <form class="search" action={localPath('/search')} role="search">
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
            data-suggest={words.suggestions}
            data-script={asset('suggest.js')}
          />
          <button class="btn">{words.search}</button>
        </form>
        <nav class="own" aria-label={words.account}>
          <LanguageLink path={page.path} />
          <a href={localPath('/account')}>{words.account}</a>
          <a href={localPath('/cart')}>
            {words.bag}
            <span class="count" data-bag-count hidden />
          </a>
        </nav>
      </div>
      {page.shelves && page.shelves.length > 0 && (
        <nav class="wrap" aria-label={words.menu}>
          <ul class="shelves">
            {page.shelves.map(({ slug, name }) => (
              <li key={slug}>
                <a href={localPath(`/c/${slug}`)} aria-current={slug === page.shelf ? 'true' : undefined}>
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

function Footer({ page, site }: { page: Page; site: Site }) {
  const words = frameWords()
  const links = [
    ['/help', words.help],
    ['/help/delivery', words.delivery],
    ['/help/returns', words.returns],
    ['/help/sizes', words.sizes],
    ['/track', words.track],
    ['/saved', words.saved],
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
                <a href={localPath(path)}>{label}</a>
              </li>
            ))}
            {site.supportPhone && (
              <li>
                <a href={`https://wa.me/${site.supportPhone}`} rel="noreferrer">
                  {words.whatsapp}
                </a>
              </li>
            )}
          </ul>
        </nav>
        {/* Nothing may lie over the page where money moves, nor over the button that leads there. */}
        {page.path !== '/pay' && (
          <a
            class={page.path === '/checkout' ? 'btn btn-quiet no-print' : 'btn btn-quiet fab no-print'}
            href={localPath('/help')}
            data-ask={asset('assistant.js')}
            data-look={asset('assistant.css')}
            data-phone={site.supportPhone}
          >
            {words.ask}
          </a>
        )}
      </div>
    </footer>
  )
}

/** JSON that cannot close its script element, whatever a vendor wrote. */
function scriptSafeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
