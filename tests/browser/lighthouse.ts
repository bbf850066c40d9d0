/**
 * `bun run lighthouse`: Lighthouse on product, list, bag and checkout of the demo shop, over TLS and HTTP/2, three times each; the
 * medians as one line of JSON a page. Lighthouse is fetched for the run and no dependency: it brings 170 MB that a shop never needs.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/platform/embedded-server.ts'
import { median } from '../bench/figure.ts'

const version = '12.8.2'
const runs = 3
const root = join(import.meta.dirname, '../..')
const folder = await mkdtemp(join(tmpdir(), 'rahim-lighthouse-'))
const chromium = Bun.which('chromium') ?? Bun.which('chromium-browser') ?? Bun.which('google-chrome')
if (chromium === null) throw new Error('Lighthouse needs Chromium on the PATH')

const [shopPort, tlsPort] = [await freePort(), await freePort()]
const origin = `https://localhost:${tlsPort}`
const shop = Bun.spawn([process.execPath, join(root, 'src/server.ts')], {
  cwd: root,
  env: {
    ...process.env,
    PORT: String(shopPort),
    PUBLIC_URL: origin,
    LOG_LEVEL: 'error',
    THROTTLES: 'off',
    DATA_DIR: join(root, '.data/lighthouse'),
  },
  stdout: 'ignore',
  stderr: 'inherit',
})
const front = await openFront()
try {
  await ready()
  const cookie = await fillBag()
  for (const [name, path] of [
    ['product', '/p/lamu-tie-dress'],
    ['list', '/c/women'],
    ['cart', '/cart'],
    ['checkout', '/checkout'],
  ] as const) {
    const scores: Record<string, number[]> = {}
    const missed = new Set<string>()
    for (let run = 0; run < runs; run++) {
      const report = await audit(path, cookie)
      for (const [category, { score, auditRefs }] of Object.entries(report.categories)) {
        ;(scores[category] ??= []).push(Math.round(score * 100))
        if (category === 'performance') continue
        for (const { id, weight } of auditRefs) if (weight > 0 && report.audits[id]?.score === 0) missed.add(id)
      }
      for (const id of ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift'])
        (scores[id] ??= []).push(report.audits[id]?.numericValue ?? Number.NaN)
    }
    const medians = Object.fromEntries(Object.entries(scores).map(([key, values]) => [key, Math.round(median(values) * 1_000) / 1_000]))
    process.stdout.write(`${JSON.stringify({ page: name, ...medians, missed: [...missed] })}\n`)
  }
} finally {
  await front.stop(true)
  shop.kill('SIGTERM')
  await shop.exited
  await rm(folder, { recursive: true, force: true })
}

interface Report {
  readonly categories: Readonly<Record<string, { score: number; auditRefs: readonly { id: string; weight: number }[] }>>
  readonly audits: Readonly<Record<string, { score: number | null; numericValue?: number }>>
}

/** What a proxy or CDN does in front of the shop: TLS and HTTP/2, and the bytes as they are. */
async function openFront() {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  await Bun.$`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout ${key} -out ${cert}`.quiet()
  return Bun.serve({
    port: tlsPort,
    tls: { key: Bun.file(key), cert: Bun.file(cert) },
    http2: true,
    fetch(request: Request) {
      const { pathname, search } = new URL(request.url)
      const headers = new Headers(request.headers)
      headers.set('host', `localhost:${tlsPort}`)
      return fetch(`http://127.0.0.1:${shopPort}${pathname}${search}`, {
        method: request.method,
        headers,
        redirect: 'manual',
        decompress: false,
      } as RequestInit)
    },
  } as unknown as Parameters<typeof Bun.serve>[0])
}

async function ready(): Promise<void> {
  const url = `http://127.0.0.1:${shopPort}/readyz`
  while (
    !(await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    ))
  )
    await Bun.sleep(100)
}

/** A bag with a dress in it, as a cookie. */
async function fillBag(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${shopPort}/cart/lines`, {
    method: 'POST',
    redirect: 'manual',
    headers: { host: `localhost:${tlsPort}`, 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ slug: 'lamu-tie-dress', colour: 'Indigo', size: 'M' }).toString(),
  })
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
}

async function audit(path: string, cookie: string): Promise<Report> {
  const output = join(folder, 'report.json')
  const child = Bun.spawn(
    [
      process.execPath,
      'x',
      `lighthouse@${version}`,
      `${origin}${path}`,
      '--quiet',
      '--output=json',
      `--output-path=${output}`,
      `--extra-headers=${JSON.stringify({ cookie })}`,
      '--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --ignore-certificate-errors',
    ],
    { env: { ...process.env, CHROME_PATH: chromium ?? '' }, stdout: 'ignore', stderr: 'pipe' },
  )
  if ((await child.exited) !== 0) throw new Error(`lighthouse failed: ${await new Response(child.stderr).text()}`)
  return (await Bun.file(output).json()) as Report
}
