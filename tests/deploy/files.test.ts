import { YAML } from 'bun'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }
import { readConfig } from '../../src/platform/config.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const root = join(import.meta.dirname, '../..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const described = new Set([...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name))
const work = mkdtempSync(join(tmpdir(), 'rahim-deploy-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const run = (command: string[]): { code: number; text: string } => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stdout: 'pipe', stderr: 'pipe' })
  return { code: exitCode, text: stdout.toString() + stderr.toString() }
}

// What a platform fills in by itself or asks for in its console.
const typedIn: Readonly<Record<string, string>> = {
  PUBLIC_URL: 'https://shop.rahim.co.ke',
  DATABASE_URL: 'postgres://shop@db.internal:5432/shop',
  REDIS_URL: 'redis://redis.internal:6379',
  APP_SECRET: 'Vq7Zr2mKd9Xw4Ht8Lp3Ns6Bf1Yc5Gj0RuTe',
  METRICS_TOKEN: 'Mt4Kx8Wq2Zp6Rn1Ld9Vh3Bs7Yc5Gj0FuTe',
}

/** The fixed values of a platform's file with what is typed in by hand make a configuration the shop accepts in production. */
function boots(names: readonly { readonly key: string; readonly value?: string }[]): void {
  expect(names.map(({ key }) => key).filter((key) => !described.has(key))).toEqual([])
  const environment = Object.fromEntries(
    names.flatMap(({ key, value }) => {
      const used = value !== undefined && !value.includes('${') ? value : typedIn[key]
      return used === undefined ? [] : [[key, used]]
    }),
  )
  expect(readConfig(environment)).toMatchObject({ isProduction: true, sandbox: false, seed: 'off', trustedProxies: 1 })
}

describe('render.yaml', () => {
  interface Variable {
    readonly key: string
    readonly value?: string
    readonly sync?: false
    readonly generateValue?: true
    readonly fromDatabase?: { readonly name: string }
    readonly fromService?: { readonly name: string; readonly type: string }
  }
  interface Service extends Readonly<Record<string, unknown>> {
    readonly type: string
    readonly name: string
    readonly envVars?: readonly Variable[]
  }
  const blueprint = YAML.parse(read('render.yaml')) as { services: Service[]; databases: Readonly<Record<string, unknown>>[] }
  const [web, redis] = blueprint.services

  test('names no field that Render has retired and none it does not know', () => {
    const known = {
      web: 'type name runtime dockerfilePath plan region numInstances autoDeployTrigger preDeployCommand healthCheckPath maxShutdownDelaySeconds envVars',
      keyvalue: 'type name plan region ipAllowList maxmemoryPolicy',
    }
    for (const service of blueprint.services)
      expect(Object.keys(service).filter((key) => !known[service.type as 'web' | 'keyvalue'].split(' ').includes(key))).toEqual([])
    expect(Object.keys(blueprint.databases[0] ?? {})).toEqual([
      'name',
      'plan',
      'region',
      'databaseName',
      'user',
      'postgresMajorVersion',
      'ipAllowList',
    ])
  })

  test('migrates before the new version serves, asks readiness, and gives it longer to end than it takes', () => {
    expect(web).toMatchObject({ preDeployCommand: '/usr/local/bin/bun src/cli.ts migrate', healthCheckPath: '/readyz' })
    expect(Number(web?.['maxShutdownDelaySeconds'])).toBeGreaterThan(30)
    expect(redis).toMatchObject({ type: 'keyvalue', ipAllowList: [], maxmemoryPolicy: 'noeviction' })
  })

  test('boots with what is typed in by hand, and refers only to what it makes', () => {
    const variables = web?.envVars ?? []
    boots(variables)
    const made = new Set([...blueprint.services.map(({ name }) => name), ...blueprint.databases.map(({ name }) => String(name))])
    for (const { fromDatabase, fromService } of variables) {
      const name = fromDatabase?.name ?? fromService?.name
      if (name !== undefined) expect(made).toContain(name)
    }
  })
})

describe('.do/app.yaml', () => {
  interface Component extends Readonly<Record<string, unknown>> {
    readonly name: string
    readonly envs: readonly { readonly key: string; readonly value?: string; readonly type?: string }[]
  }
  const spec = YAML.parse(read('.do/app.yaml')) as {
    services: Component[]
    jobs: Component[]
    databases: { name: string; engine: string }[]
  }
  const [shop] = spec.services

  test('asks readiness for traffic and liveness for restarts, and drains', () => {
    expect(shop).toMatchObject({
      health_check: { http_path: '/readyz' },
      liveness_health_check: { http_path: '/healthz' },
      http_port: 3000,
    })
    const termination = shop?.['termination'] as { drain_seconds: number; grace_period_seconds: number } | undefined
    const [drain = 0, grace = 0] = [termination?.drain_seconds, termination?.grace_period_seconds]
    expect(drain).toBeLessThanOrEqual(110)
    expect(grace).toBeGreaterThan(30)
    expect(grace).toBeLessThanOrEqual(600)
  })

  test('migrates before a deployment with the same settings', () => {
    expect(spec.jobs[0]).toMatchObject({ kind: 'PRE_DEPLOY', run_command: '/usr/local/bin/bun src/cli.ts migrate' })
    expect(spec.jobs[0]?.envs).toEqual(shop?.envs ?? [])
  })

  test('boots with what is typed in by hand, and holds no secret', () => {
    boots(shop?.envs ?? [])
    for (const { key, value, type } of shop?.envs ?? [])
      if (/SECRET|PASSKEY|TOKEN|_KEY$/.test(key)) expect([key, value, type]).toEqual([key, undefined, 'SECRET'])
    expect(spec.databases.map(({ engine }) => engine)).toEqual(['PG', 'VALKEY'])
  })
})

const nginx = ['/usr/sbin/nginx', Bun.which('nginx') ?? ''].find((path) => path !== '' && existsSync(path))

// Only nginx itself can judge its file; CI installs it.
describe.if(nginx !== undefined)('the nginx file', () => {
  test('is accepted by nginx -t', () => {
    const made = run([
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=shop.rahim.co.ke',
      '-keyout',
      join(work, 'privkey.pem'),
      '-out',
      join(work, 'fullchain.pem'),
    ])
    expect(made.code).toBe(0)
    const site = read('deploy/nginx/rahim-online.conf')
      .replaceAll('/etc/ssl/rahim-online/', `${work}/`)
      .replaceAll('/var/log/nginx/', `${work}/`)
    writeFileSync(join(work, 'site.conf'), site)
    writeFileSync(
      join(work, 'nginx.conf'),
      `pid ${work}/nginx.pid;\nerror_log ${work}/error.log;\nevents {}\nhttp {\n  include ${work}/site.conf;\n}\n`,
    )
    expect(run([nginx ?? '', '-t', '-c', join(work, 'nginx.conf')])).toMatchObject({ code: 0 })
  })
})

// Only systemd can judge its units; CI installs it.
describe.if(Bun.which('systemd-analyze') !== null)('the systemd units', () => {
  test('are accepted by systemd-analyze verify', () => {
    const units = readdirSync(join(root, 'deploy/systemd'))
    for (const unit of units) {
      // Their programs are not installed here; whether they can be run is not what is asked.
      const text = read(`deploy/systemd/${unit}`).replace(/^ExecStart=\S+/m, `ExecStart=${Bun.which('true') ?? '/bin/true'}`)
      writeFileSync(join(work, unit), text)
    }
    const verdict = run([
      'systemd-analyze',
      'verify',
      '--man=no',
      ...units.map((unit) => join(work, unit.replace('@.', '@3000.'))).filter((path) => !path.includes('@3000')),
      join(work, 'rahim-online@.service'),
    ])
    expect(verdict).toEqual({ code: 0, text: '' })
  })

  test('give the shop longer to end than it takes', () => {
    const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(read('deploy/systemd/rahim-online@.service'))?.[1])
    expect(stop * 1_000).toBeGreaterThan(readConfig({ NODE_ENV: 'test' }).limits.shutdownMs + 4_500)
  })
})

describe('alerts and dashboard', () => {
  let shop: TestShop
  let exposed: Set<string>
  beforeAll(async () => {
    shop = await openShop()
    await shop.fetch('/healthz')
    const text = await (await shop.fetch('/metrics')).text()
    exposed = new Set(
      [...text.matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(([, name = '', type]) =>
        type === 'histogram' ? [`${name}_count`, `${name}_bucket`] : [name],
      ),
    )
  })
  afterAll(() => shop.close())
  const alerts = (
    YAML.parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: { alert: string; expr: string }[] }[] }
  ).groups.flatMap(({ rules }) => rules)
  const names = (expression: string): string[] => expression.match(/\b(?:shop|http|nodejs|process)_[a-z0-9_]+/g) ?? []

  test('ask only for figures the shop gives', () => {
    const dashboard = JSON.parse(read('deploy/grafana/rahim-online.json')) as { panels: { targets: { expr: string }[] }[] }
    const asked = [
      ...alerts.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ].flatMap(names)
    expect(asked.length).toBeGreaterThan(20)
    expect([...new Set(asked)].filter((name) => !exposed.has(name))).toEqual([])
  })

  test('each alert stands in the runbook under its name', () => {
    const runbook = read('docs/runbook.md')
    expect(alerts.map(({ alert }) => alert).filter((name) => !runbook.includes(`## ${name}`))).toEqual([])
  })
})

describe('the pipeline', () => {
  const workflow = read('.github/workflows/ci.yml')

  test('uses actions by commit only, with no rights beyond reading, on the pinned Bun', () => {
    const used = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action ?? '')
    expect(used.length).toBeGreaterThan(0)
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([])
    expect(YAML.parse(workflow)).toMatchObject({ permissions: { contents: 'read' } })
    expect(packageFile.packageManager).toBe(`bun@${packageFile.engines.bun}`)
  })

  test('keeps packages up to date by the lock file’s own ecosystem', () => {
    const { updates } = YAML.parse(read('.github/dependabot.yml')) as { updates: { 'package-ecosystem': string }[] }
    expect(updates.map((update) => update['package-ecosystem'])).toEqual(['bun', 'github-actions', 'docker'])
  })

  test('writes a bill of materials that holds every package production installs, with its hash', async () => {
    const target = join(work, 'sbom.json')
    expect(run([process.execPath, join(root, '.ci/sbom.ts'), target]).code).toBe(0)
    const bill = JSON.parse(await Bun.file(target).text()) as {
      bomFormat: string
      components: { name: string; version: string; hashes?: object[] }[]
    }
    expect(bill.bomFormat).toBe('CycloneDX')
    const found = new Map(bill.components.map(({ name, version }) => [name, version]))
    for (const [name, version] of Object.entries(packageFile.dependencies)) expect([name, found.get(name)]).toEqual([name, version])
    expect(bill.components.filter(({ hashes }) => hashes === undefined)).toEqual([])
    expect(found.has('playwright-core')).toBe(false)
  })
})
