import { Elysia } from 'elysia'
import packageFile from '../../../package.json' with { type: 'json' }
import type { Config } from '../../platform/config.ts'
import { answerFile, docsFile } from '../../platform/docs/docs-files.ts'
import { asyncapiDocument } from './asyncapi.document.ts'

/** The AsyncAPI document of the sockets, beside the OpenAPI document of the routes; not there when documentation is switched off. */
export function asyncapiRoutes(config: Config) {
  const routes = new Elysia({ name: 'asyncapi' })
  if (!config.docsEnabled) return routes
  const file = docsFile('application/json', JSON.stringify(asyncapiDocument(config.publicUrl, packageFile.version)))
  return routes.get('/swagger/asyncapi.json', ({ request }) => answerFile(request, file, 'public, max-age=0, must-revalidate'), {
    detail: { hide: true },
  })
}
