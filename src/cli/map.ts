import { Glob } from 'bun'
import { basename, join } from 'node:path'
import { createApp } from '../app.ts'
import { buildContext, type Context } from '../context.ts'
import { readConfig } from '../platform/config.ts'
import { wireWork } from '../work.ts'

const source = join(import.meta.dirname, '..')

/** `shop map`: where everything is, read from the files and the running code rather than from a page that grows old. */
export async function map(): Promise<number> {
  const files = [...new Glob('**/*.{ts,tsx}').scanSync(source)].sort()
  process.stdout.write(`${mapOfFiles(files)}\n${await mapOfWork()}`)
  return 0
}

/** Layers and modules with their functions (files named by a verb) and nouns (files named by a noun and its kind). */
function mapOfFiles(files: readonly string[]): string {
  const lines: string[] = []
  for (const layer of ['lib', 'platform', 'domain', 'workflows', 'web', 'cli']) {
    const inside = files.filter((file) => file.startsWith(`${layer}/`))
    lines.push(`${layer} (${inside.length} files)`)
    const modules = Map.groupBy(inside, (file) => file.split('/').slice(1, -1).join('/'))
    for (const [module, members] of [...modules].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const names = members.map((file) => basename(file).replace(/\.tsx?$/, ''))
      const verbs = names.filter((name) => !name.includes('.'))
      const nouns = names.filter((name) => name.includes('.'))
      lines.push(`  ${module === '' ? '.' : module}`)
      if (verbs.length > 0) lines.push(...wrapped(verbs))
      if (nouns.length > 0) lines.push(...wrapped(nouns))
    }
  }
  return `${lines.join('\n')}\n`
}

/** Routes, jobs and messages of the wired app. No server is reached: nothing connects before it is used. */
async function mapOfWork(): Promise<string> {
  const built = buildContext(
    readConfig({ NODE_ENV: 'test' }),
    { databaseUrl: 'postgres://127.0.0.1:1/none', redisUrl: 'redis://127.0.0.1:1' },
    { withoutCron: true },
  )
  const work: string[] = []
  const recording: Context = {
    ...built.context,
    jobs: {
      ...built.context.jobs,
      schedule: (name, cron) => void work.push(`  ${cron.padEnd(16)}${name}`),
      every: (name, intervalMs) => void work.push(`  ${`every ${intervalMs / 1_000} s`.padEnd(16)}${name}`),
    },
    outbox: {
      ...built.context.outbox,
      handle: (topic) => void work.push(`  ${'on message'.padEnd(16)}${topic}`),
      join: (queue) => void work.push(`  ${'queue'.padEnd(16)}${queue.name}`),
    },
  }
  wireWork(recording)
  const app = createApp(built.context, () => Promise.reject(new Error('there is no server to ask')))
  const routes = app.routes.map(({ method, path, hooks }) =>
    `  ${method.padEnd(7)}${path.padEnd(44)}${(hooks as { detail?: { 'x-audience'?: string } }).detail?.['x-audience'] ?? ''}`.trimEnd(),
  )
  await built.dispose()
  return ['routes', ...routes.sort(), '', 'background work', ...work.sort(), ''].join('\n')
}

function wrapped(names: readonly string[]): string[] {
  const lines: string[] = ['']
  for (const name of names) {
    const last = lines.at(-1) ?? ''
    if (last.length + name.length > 110) lines.push(name)
    else lines[lines.length - 1] = last === '' ? name : `${last}  ${name}`
  }
  return lines.map((line) => `    ${line}`)
}
