import type { Context } from '../context.ts'
import { loadAssets, useDictionary } from './assets.ts'
import { dictionaryText } from './page-dictionary.tsx'
import { type Page, renderPage } from './layout.tsx'
import { requestScope } from '../platform/http/request-scope.ts'
import { localPath, spokenLang } from './i18n/words.ts'
import { pageResponse, type PageResponseOptions, sharedPage } from './page-response.ts'
import { categoryTree, shelvesOf } from './shelves.ts'
import { type DependsOn, type Sighting, shopWindow } from './shop-window.ts'

/** What pages need of the context. */
export type PageContext = Pick<Context, 'config' | 'db' | 'clock' | 'writes' | 'log'>

let assetsReady: Promise<void> | undefined

async function prepare(isProduction: boolean): Promise<void> {
  await loadAssets({ isProduction })
  useDictionary(dictionaryText())
}

/** The built style sheet and scripts, loaded once a process. Starting the server asks for them early; a page only makes sure. */
export function readyAssets(context: Pick<Context, 'config'>): Promise<void> {
  assetsReady ??= prepare(context.config.isProduction).catch((error: unknown) => {
    // Forgotten, so that the next page tries again instead of repeating the failure for ever.
    assetsReady = undefined
    throw error
  })
  return assetsReady
}

type ShowOptions = PageResponseOptions & {
  /** The products a shared page shows, by id; without it any change of the catalogue makes it anew. */
  dependsOn?: DependsOn
}

/** Renders a page in the shop's frame, with the collections in its menu, and answers it. Shared pages are kept for the next visitor. */
export async function showPage(context: PageContext, request: Request, page: Page, options: ShowOptions = {}): Promise<Response> {
  await readyAssets(context)
  const shelves = page.shelves ?? shelvesOf(await categoryTree(context))
  const html = renderPage(context.config, { ...page, shelves })
  const begun = sightings.get(request)
  if (options.keep !== 'shared' || (options.status ?? 200) !== 200 || begun === undefined) return pageResponse(request, html, options)
  const kept = sharedPage(html, options)
  kept.route = requestScope()?.route
  shopWindow(context).keepPage(begun.key, kept, options.dependsOn, begun.sighting)
  return kept.answer(request)
}

const sightings = new WeakMap<Request, { readonly key: string; readonly sighting: Sighting }>()
const longestKept = 300
// Added to addresses by others to follow people around; the page is the same without them.
const trackers = /([?&])(?:utm_[a-z]+|fbclid|gclid|mc_[a-z]+|ref)=[^&#]*/g

/** A finished page out of the window, without asking the router; undefined when it has to be made, which is then noted for the request. */
export async function pageFromWindow(context: PageContext, request: Request): Promise<Response | undefined> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
  const key = keyOf(request.url)
  if (key.length > longestKept) return undefined
  const window = shopWindow(context)
  if (!window.isFresh) await window.listen()
  const page = window.page(key)
  if (page !== undefined) {
    const scope = requestScope()
    if (scope !== undefined && page.route !== undefined) scope.route = page.route
    return page.answer(request)
  }
  sightings.set(request, { key, sighting: window.sight() })
  return undefined
}

function keyOf(url: string): string {
  const path = url.slice(url.indexOf('/', 8))
  return `${spokenLang()}${path.includes('?') ? path.replace(trackers, '$1') : path}`
}

/** POST, then 303: a reload of what follows never sends the form again. It leads on in the language the form was in. */
export const seeOther = (location: string, headers: readonly (readonly [string, string])[] = []): Response =>
  new Response(null, {
    status: 303,
    headers: [
      ['location', localPath(location)],
      ['cache-control', 'no-store'],
      ...headers.map(([name, value]): [string, string] => [name, value]),
    ],
  })
