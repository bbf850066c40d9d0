/**
 * The entry point: configuration, servers, context, seed, listening, and the way down. Everything that can be refused is refused
 * before the first request; a database or Redis that is down is not, because the shop comes up without them and says so on /readyz.
 */
import { createApp } from './app.ts'
import { type BuiltContext, buildContext } from './context.ts'
import { type Config, ConfigError, readConfig } from './platform/config.ts'
import { createReadiness } from './platform/health/readiness.ts'
import { listen } from './platform/listen.ts'
import { createLog, type Log } from './platform/log.ts'
import { checkSchema, describeSchema } from './platform/migrate.ts'
import { startServers } from './platform/servers.ts'
import { installShutdown, runSteps, type ShutdownStep } from './platform/shutdown.ts'
import { readyAssets } from './web/show-page.ts'
import { startTracing } from './platform/tracing.ts'
import packageFile from '../package.json' with { type: 'json' }
import { wireWork } from './work.ts'

const config = configOrExit()
const about = { environment: config.environment, release: packageFile.version }
// Loaded only where it is used, as are the packages for traces: an idle shop stays small.
const reports =
  config.sentryDsn === undefined
    ? undefined
    : (await import('./platform/error-reports.ts')).createErrorReports({ dsn: config.sentryDsn, ...about, log: createLog(config.logLevel) })
const log = createLog(config.logLevel, undefined, reports?.report)
await openShop(config, log)

function configOrExit(): Config {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // Read by the person who starts the shop, so plain lines and no stack.
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

/** Opens everything in order. When a step fails, what was opened is closed again and the process ends with 1. */
async function openShop(config: Config, log: Log): Promise<void> {
  const closing: ShutdownStep[] = []
  // The last opened is the first closed.
  const opened = (name: string, run: () => Promise<unknown>): void => void closing.unshift({ name, run })
  const starting = Promise.withResolvers<void>()
  const { shutdownMs } = config.limits
  installShutdown({
    log,
    // A signal while we start waits for the step in hand, so that nothing is opened that nobody would close.
    steps: () => starting.promise.then(() => closing),
    deadlineMs: shutdownMs + 4_500,
    watchRunners: config.databaseUrl === undefined || config.redisUrl === undefined,
  })

  try {
    if (reports !== undefined) opened('error reports', () => reports.flush())
    if (config.tracesEndpoint !== undefined) opened('traces', await startTracing({ endpoint: config.tracesEndpoint, ...about }))
    const [servers] = await Promise.all([startServers(config, log), readyAssets({ config })])
    opened('servers', () => servers.stop())
    const built = buildContext(config, servers, { log })
    const { context } = built
    opened('context', () => built.dispose())
    wireWork(context)
    if (config.seed === 'auto') await seed(built)

    let isDraining = false
    const readiness = createReadiness(context, { isSchemaCurrent: () => isServable(built), isDraining: () => isDraining })
    const app = createApp(context, readiness)
    const { server, drain } = listen({
      port: config.port,
      bindAddress: config.bindAddress,
      answer: (request, address) => app.handle(request, address),
      websocket: context.hub.websocket,
    })
    opened('requests', () => drain(shutdownMs))
    context.hub.attach(server)
    // Sockets go in turns, so that their clients do not all come back in the same instant.
    opened('sockets', () => context.hub.drain(Math.min(2_000, shutdownMs / 2)))
    opened('readiness', async () => (isDraining = true))

    context.outbox.start()
    await context.jobs.start()
    log.info({ publicUrl: config.publicUrl, port: server.port, sandbox: config.sandbox }, 'the shop is open')
    if (config.seed === 'auto') await welcome(config, server.port ?? config.port)
    starting.resolve()
  } catch (error) {
    log.fatal({ error }, 'the shop could not be opened')
    await runSteps(closing, log)
    process.exit(1)
  }
}

async function isServable(built: BuiltContext): Promise<boolean> {
  const check = await checkSchema(built.lanes.health.sql)
  if (!check.isServable) built.context.log.warn({ schema: describeSchema(check) }, 'the schema is not current; run the migrations')
  return check.isServable
}

async function seed({ context }: BuiltContext): Promise<void> {
  // Loaded only here: the demo data and its pictures are no part of a real shop.
  const { seedShop } = await import('./cli/seed/seed-shop.ts')
  const seeded = await seedShop(context)
  if (seeded.products > 0) context.log.info({ ...seeded }, 'the demo shop was filled')
}

/** Says where the demo shop is and who one can be in it. */
async function welcome(config: Config, port: number): Promise<void> {
  const { demoWelcome } = await import('./cli/seed/demo-welcome.ts')
  process.stdout.write(demoWelcome(config, port))
}
