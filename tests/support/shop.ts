import { createApp, type App } from '../../src/app.ts'
import { type BuiltContext, buildContext, type Context, type Overrides } from '../../src/context.ts'
import { describeSchema } from '../../src/platform/migrate.ts'
import { createReadiness } from '../../src/platform/health/readiness.ts'
import { type Environment, readConfig } from '../../src/platform/config.ts'
import { freePort } from '../../src/platform/embedded-server.ts'
import { checkSchema } from '../../src/platform/migrate.ts'
import { type FreshDatabase, freshDatabase, testRedisUrl } from './database.ts'
import { type Catalogue, makeCatalogue } from './factories.ts'
import { wireWork } from '../../src/work.ts'

/** A whole shop on a database of its own, listening on a free port: the real app, real Postgres, real Redis, our own simulator. */
export interface TestShop {
  readonly context: Context
  readonly app: App
  readonly database: FreshDatabase
  readonly catalogue: Catalogue
  readonly origin: string
  /** One request through the app; a path is enough. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** POSTs JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Works until no queue has anything due. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** What a test may set. */
export interface TestShopOptions {
  readonly environment?: Environment
  readonly overrides?: Overrides
  /** Another process of the same shop: the same database and catalogue. */
  readonly beside?: TestShop
}

/** Opens a shop for a test. Close it in afterAll. */
export async function openShop(options: TestShopOptions = {}): Promise<TestShop> {
  const database = options.beside?.database ?? (await freshDatabase())
  const port = await freePort()
  const config = readConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    PORT: String(port),
    DATA_DIR: '.data/test',
    ...options.environment,
  })
  const built: BuiltContext = buildContext(
    config,
    { databaseUrl: database.url, redisUrl: await testRedisUrl() },
    { withoutCron: true, ...options.overrides },
  )
  const { context } = built
  wireWork(context)
  const readiness = createReadiness(context, {
    isSchemaCurrent: async () => describeSchema(await checkSchema(built.lanes.health.sql)) === '',
    isDraining: () => false,
  })
  const app = createApp(context, readiness)
  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    reusePort: false,
    fetch: (request, self) => app.handle(request, self.requestIP(request)?.address),
    websocket: context.hub.websocket,
  })
  context.hub.attach(server)
  const catalogue = options.beside?.catalogue ?? (await makeCatalogue(context))
  const origin = `http://127.0.0.1:${port}`
  const send = async (path: string, init?: RequestInit): Promise<Response> => {
    const answer = await app.handle(new Request(`${origin}${path}`, init))
    if (answer === undefined) throw new Error('the request became a socket; connect with WebSocket instead')
    return answer
  }
  return {
    context,
    app,
    database,
    catalogue,
    origin,
    fetch: send,
    post: (path, body, headers = {}) =>
      send(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
    async settle() {
      while ((await context.outbox.drainOnce()) > 0) continue
    },
    async close() {
      await context.hub.drain(0)
      await server.stop(true)
      await built.dispose()
      if (options.beside === undefined) await database.drop()
    },
  }
}
