import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'
import { Refusal, refusals } from '../../lib/refusal.ts'
import packageFile from '../../../package.json' with { type: 'json' }
import type { Config } from '../config.ts'
import { Problem } from '../http/problem.schema.ts'
import { MoneyShape } from '../http/shapes.ts'
import { answerFile, type DocsFile, docsFile } from './docs-files.ts'
import { docsPage, docsPagePolicy, pageStyle, startScript } from './docs-page.ts'
import { type Json, normaliseOpenapi, type OpenapiDocument } from './normalise-openapi.ts'
import { openapiFrame } from './openapi.document.ts'
import { printPolicies } from './print-policies.ts'

const immutable = 'public, max-age=31536000, immutable'
const revalidated = 'public, max-age=0, must-revalidate'

/**
 * /swagger (Swagger UI from our own address), /swagger/json (the OpenAPI document) and the files of the page. With documentation
 * switched off there are no such routes.
 */
export function docsRoutes(config: Config) {
  const docs = new Elysia({ name: 'docs' })
  if (!config.docsEnabled) return docs
  const routesOf = () => asRoot(docs).getGlobalRoutes()
  // Made at the first request and kept: the routes are all there by then and never change.
  const json = once(async () => docsFile('application/json', JSON.stringify(await openapiDocument(config, routesOf))))
  const site = once(makeSite)
  const hidden = { detail: { hide: true } }
  return docs
    .get(
      '/swagger',
      async ({ request }) => answerFile(request, (await site()).page, revalidated, { 'content-security-policy': docsPagePolicy }),
      hidden,
    )
    .get('/swagger/json', async ({ request }) => answerFile(request, await json(), revalidated), hidden)
    .get(
      '/swagger/assets/:name',
      async ({ request, params }) => {
        const file = (await site()).files.get(params.name)
        if (file === undefined) throw new Refusal('not_found')
        return answerFile(request, file, immutable)
      },
      hidden,
    )
}

/** All routes of the app an instance is mounted in. Elysia wires this for every plugin, its types keep it to the class. */
interface Root {
  getGlobalRoutes(): AnyElysia['routes']
}
const asRoot = (instance: AnyElysia): Root => instance as unknown as Root

/** The OpenAPI document of these routes, valid. Simulators of other companies' APIs are not part of ours. */
export async function openapiDocument(config: Config, routes: Root['getGlobalRoutes']): Promise<OpenapiDocument> {
  // The plugin also makes a page that loads scripts from a CDN. So it is asked for its document here and never mounted.
  const source = swagger({
    path: '/',
    specPath: '/json',
    exclude: [/^\/sandbox(\/|$)/],
    documentation: openapiFrame(config, packageFile.version) as object,
  })
  asRoot(source as unknown as AnyElysia).getGlobalRoutes = routes
  const raw = (await (await source.handle(new Request('http://localhost/json'))).json()) as Json
  const document = printPolicies(normaliseOpenapi(raw, { Problem, Money: MoneyShape }))
  const used = new Set(Object.values(document.paths).flatMap((methods) => Object.values(methods).flatMap((operation) => operation.tags)))
  return { ...document, tags: (document['tags'] as { name: string }[]).filter((tag) => used.has(tag.name)) }
}

interface Site {
  readonly page: DocsFile
  readonly files: ReadonlyMap<string, DocsFile>
}

/** The page and its files. Names carry a hash of the bytes, so that they can be cached for ever. */
async function makeSite(): Promise<Site> {
  const files = new Map<string, DocsFile>()
  const add = (name: string, type: string, content: string | Uint8Array): string => {
    const file = docsFile(type, content)
    const hashed = name.replace(/(\.[a-z]+)$/, `-${file.hash}$1`)
    files.set(hashed, file)
    return `/swagger/assets/${hashed}`
  }
  const page = docsPage(
    'Rahim Online API',
    {
      uiStyle: add('swagger-ui.css', 'text/css; charset=utf-8', await fromPackage('swagger-ui.css')),
      uiScript: add('swagger-ui-bundle.js', 'text/javascript; charset=utf-8', await fromPackage('swagger-ui-bundle.js')),
      pageStyle: add('docs-page.css', 'text/css; charset=utf-8', pageStyle),
      startScript: add('docs-start.js', 'text/javascript; charset=utf-8', startScript),
      icon: add('favicon-32x32.png', 'image/png', await fromPackage('favicon-32x32.png')),
    },
    refusals,
  )
  return { page: docsFile('text/html; charset=utf-8', page), files }
}

const fromPackage = async (name: string): Promise<Uint8Array> =>
  await Bun.file(Bun.resolveSync(`swagger-ui-dist/${name}`, import.meta.dir)).bytes()

/** A value made at the first call and kept; a failed attempt is made again at the next call. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
