import { join } from 'node:path'
import { Elysia, t } from 'elysia'
import type { Context } from '../context.ts'
import { Refusal } from '../lib/refusal.ts'
import { serveAsset } from './assets.ts'
import { readyAssets } from './show-page.ts'

const publicFolder = join(import.meta.dir, '../../public')

// By exact list: a folder that is served whole sooner or later serves something it should not.
const files = {
  '/favicon.svg': 'image/svg+xml',
  '/robots.txt': 'text/plain; charset=utf-8',
  '/manifest.webmanifest': 'application/manifest+json',
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
