import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/platform/embedded-server.ts'
import { readConfig } from '../../src/platform/config.ts'
import { until } from '../support/shop-process.ts'

/**
 * Complaint 11: setup breaks for newcomers: keys, regions, migrations, volumes. Here nothing has to be set: the entry point on an
 * empty folder brings a database, Redis, the schema and a filled shop, and every provider is simulated.
 */
test('with no setting at all every way to pay is there, simulated, and nothing is asked for', () => {
  const config = readConfig({})
  expect([config.mpesa, config.stripe, config.paystack, config.paypal].map((provider) => provider?.simulated)).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect([config.databaseUrl, config.redisUrl, config.smtpUrl]).toEqual([undefined, undefined, undefined])
})

test('one command on an empty folder opens a shop somebody can buy from, and ends without leaving anything', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rahim-newcomer-'))
  const port = await freePort()
  const shop = Bun.spawn([process.execPath, 'src/server.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'error' },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  })
  try {
    const at = (path: string) => `http://127.0.0.1:${port}${path}`
    await until(
      async () => {
        if (shop.exitCode !== null) throw new Error(`the shop ended with ${shop.exitCode} before it was ready`)
        const answer = await fetch(at('/readyz')).catch(() => undefined)
        return answer?.status === 200
      },
      'the newcomer’s shop',
      120_000,
    )
    const { items } = (await (await fetch(at('/api/v1/products?limit=24'))).json()) as { items: unknown[] }
    expect(items).toHaveLength(24)
    expect((await fetch(at('/'))).status).toBe(200)
  } finally {
    shop.kill('SIGTERM')
    expect(await shop.exited).toBe(0)
    rmSync(folder, { recursive: true, force: true })
  }
}, 180_000)
