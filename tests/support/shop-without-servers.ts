import { type App, createApp } from '../../src/app.ts'
import { buildContext, type Context } from '../../src/context.ts'
import { type Environment, readConfig } from '../../src/platform/config.ts'

/** The real app on addresses where nobody listens: for tests that ask what its routes say about themselves, or what is refused before any data is read. */
export interface ShopWithoutServers {
  readonly app: App
  readonly context: Context
  /** One request through the app, by path. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

const origin = 'http://localhost'

/** Opens the app without a database and without Redis. Close it in afterAll. */
export function openShopWithoutServers(environment: Environment = {}): ShopWithoutServers {
  const config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '3000', DATA_DIR: '.data/test', ...environment })
  const built = buildContext(
    config,
    { databaseUrl: 'postgres://nobody@127.0.0.1:1/none', redisUrl: 'redis://127.0.0.1:1' },
    { withoutCron: true },
  )
  const app = createApp(built.context, async () => ({
    status: 'not_ready',
    parts: { postgres: 'down', migrations: 'down', redis: 'down', process: 'ok' },
    degraded: [],
    failing: ['postgres', 'migrations', 'redis'],
  }))
  return {
    app,
    context: built.context,
    async fetch(path, init) {
      const answer = await app.handle(new Request(`${origin}${path}`, init))
      if (answer === undefined) throw new Error('the request became a socket')
      return answer
    },
    close: () => built.dispose(),
  }
}
