import type { Context } from '../context.ts'
import { loadAssets } from './assets.ts'
import { type Page, renderPage } from './layout.tsx'
import { pageResponse, type PageResponseOptions } from './page-response.ts'
import { categoryTree, shelvesOf } from './shelves.ts'

/** What pages need of the context. */
export type PageContext = Pick<Context, 'config' | 'db' | 'clock'>

let assetsReady: Promise<void> | undefined

/** The built style sheet and scripts, loaded once a process. Starting the server asks for them early; a page only makes sure. */
export function readyAssets(context: Pick<Context, 'config'>): Promise<void> {
  assetsReady ??= loadAssets({ isProduction: context.config.isProduction }).catch((error: unknown) => {
    // Forgotten, so that the next page tries again instead of repeating the failure for ever.
    assetsReady = undefined
    throw error
  })
  return assetsReady
}

/** Renders a page in the shop's frame, with the collections in its menu, and answers it. */
export async function showPage(context: PageContext, request: Request, page: Page, options: PageResponseOptions = {}): Promise<Response> {
  await readyAssets(context)
  const shelves = page.shelves ?? shelvesOf(await categoryTree(context))
  return pageResponse(request, renderPage(context.config, { ...page, shelves }), options)
}

/** POST, then 303: a reload of what follows never sends the form again. */
export const seeOther = (location: string, headers: readonly (readonly [string, string])[] = []): Response =>
  new Response(null, {
    status: 303,
    headers: [['location', location], ['cache-control', 'no-store'], ...headers.map(([name, value]): [string, string] => [name, value])],
  })
