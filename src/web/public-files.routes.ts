import { join } from 'node:path'
import { Elysia, t } from 'elysia'
import type { Context } from '../context.ts'
import { Refusal } from '../lib/refusal.ts'
import { asset, serveAsset } from './assets.ts'
import { readyAssets } from './show-page.ts'

const publicFolder = join(import.meta.dir, '../../public')

// By exact list: a folder that is served whole sooner or later serves something it should not.
const files = {
  '/favicon.svg': 'image/svg+xml',
  '/manifest.webmanifest': 'application/manifest+json',
  '/icon-192.png': 'image/png',
  '/icon-512.png': 'image/png',
  '/share.png': 'image/png',
} as const

/** Pictures, built assets and the few files browsers look for by name. */
export const publicFiles = (context: Context) => {
  const hidden = { detail: { hide: true } }
  const routes = new Elysia({ name: 'public-files' })
    .get(
      '/media/:name',
      async ({ params, headers }) => {
        const picture = await context.media.serve(params.name, headers['accept-encoding'] ?? null)
        if (picture === undefined) throw new Refusal('not_found')
        return picture
      },
      { ...hidden, params: t.Object({ name: t.String({ maxLength: 140 }) }) },
    )
    .get(
      '/assets/*',
      async ({ request }) => {
        await readyAssets(context)
        const file = serveAsset(request)
        if (file === undefined) throw new Refusal('not_found')
        return file
      },
      hidden,
    )
  // A visitor who saves data is sent no pages that were not asked for. The rules say so, and not the page, which is one for everybody.
  routes.get(
    '/speculation.json',
    ({ headers }) =>
      new Response(headers['save-data'] === 'on' ? '{}' : Bun.file(join(publicFolder, 'speculation.json')), {
        headers: { 'content-type': 'application/speculationrules+json', 'cache-control': 'public, max-age=3600', vary: 'Save-Data' },
      }),
    hidden,
  )
  // At the root and under one name for ever: a worker rules what lies beside it, and browsers look here for a newer one.
  routes.get(
    '/worker.js',
    async ({ request }) => {
      await readyAssets(context)
      const file = serveAsset(new Request(new URL(asset('shop-worker.js'), request.url), { headers: request.headers }))
      if (file === undefined) throw new Refusal('not_found')
      file.headers.set('cache-control', 'no-cache')
      // A worker lives by the policy its file came with: it fetches the shop's own pages, and nothing else.
      file.headers.set('content-security-policy', "default-src 'none'; connect-src 'self'")
      return file
    },
    hidden,
  )
  for (const [path, type] of Object.entries(files)) {
    routes.get(
      path,
      () =>
        new Response(Bun.file(join(publicFolder, path)), { headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' } }),
      hidden,
    )
  }
  return routes
}
