import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stopTestServers, testServerUrl } from '../support/database.ts'
import { plantNamed, plants } from './plants.ts'
import { type Fault, faultNames } from './swarm.ts'
import type { Report, Task } from './worker.ts'

/**
 * `bun run simulate`: seeded schedules over the real core and a real Postgres, until something is wrong or the seeds are used up.
 *   --seeds N       how many (default 200); --seed S the first of them (default: made of the commit)
 *   --plant NAME    with one planted bug, until it is found
 *   --plants        each planted bug in turn, as a table
 *   --trace         prints the trace; --shoppers N and --without a,b make a run smaller
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      seed: { type: 'string' },
      plant: { type: 'string' },
      plants: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      shoppers: { type: 'string' },
      without: { type: 'string' },
      workers: { type: 'string', default: '2' },
    },
  })
  if (values.plant !== undefined) plantNamed(values.plant)
  const isOne = values.seed !== undefined && values.trace
  const task: Omit<Task, 'first' | 'stride'> = {
    count: isOne ? 1 : Number(values.seeds),
    isTraced: values.trace,
    stopsAtFinding: values.plant !== undefined,
    reduction: {
      ...(values.shoppers === undefined ? {} : { shoppers: Number(values.shoppers) }),
      ...(values.without === undefined
        ? {}
        : { without: values.without.split(',').filter((name): name is Fault => faultNames.includes(name as Fault)) }),
    },
    ...(values.plant === undefined ? {} : { plant: values.plant }),
  }
  const first = values.seed === undefined ? commitSeed() : Number(values.seed)
  const url = await testServerUrl()
  try {
    if (values.plants) return await huntAll(url, Number(values.seeds) === 200 ? 1_000 : Number(values.seeds))
    return await hunt(url, { ...task, first, stride: 1 }, values.trace ? 1 : Number(values.workers))
  } finally {
    await stopTestServers()
  }
}

/** The seeds of a commit, so that a run in CI can be repeated and the next commit sees others. */
function commitSeed(): number {
  const { stdout } = Bun.spawnSync(['git', 'rev-parse', '--short=7', 'HEAD'], { cwd: import.meta.dirname, stderr: 'ignore' })
  const commit = Number.parseInt(stdout.toString().trim(), 16)
  return Number.isNaN(commit) ? 1 : commit
}

async function hunt(url: string, task: Task, workers: number): Promise<number> {
  const startedMs = performance.now()
  const stride = workers
  const done = new Map<number, Report>()
  let findings = 0
  const listen = (worker: number) => (report: Report) => {
    done.set(worker, report)
    for (const line of report.trace ?? []) say(line)
    if (report.finding === undefined) return
    findings++
    const { seed, nth, violation, smaller } = report.finding
    say(`seed ${seed} (number ${nth}): ${violation}`)
    const plant = task.plant === undefined ? '' : ` --plant ${task.plant}`
    const size =
      smaller === undefined
        ? ''
        : `${smaller.shoppers === undefined ? '' : ` --shoppers ${smaller.shoppers}`}${(smaller.without?.length ?? 0) === 0 ? '' : ` --without ${smaller.without?.join(',')}`}`
    if (!task.isTraced) say(`  see it: bun run simulate --seed ${seed} --trace${plant}${size}`)
  }
  const codes = await Promise.all(
    Array.from(
      { length: workers },
      async (_, worker) => await employ(url, { ...task, first: task.first + worker, count: task.count - worker, stride }, listen(worker)),
    ),
  )
  const seeds = [...done.values()].reduce((sum, report) => sum + report.done, 0)
  const steps = [...done.values()].reduce((sum, report) => sum + report.steps, 0)
  const cpuS = [...done.values()].reduce((sum, report) => sum + (report.cpuS ?? 0), 0)
  const seconds = (performance.now() - startedMs) / 1_000
  say(
    `${seeds} seeds from ${task.first}, ${steps} steps, ${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(1)} seeds/s, ${cpuS.toFixed(1)} s of processor: ${findings === 0 ? 'nothing found' : `${findings} found`}`,
  )
  if (codes.some((code) => code !== 0)) say('a worker ended badly')
  return findings > 0 || codes.some((code) => code !== 0) ? 1 : 0
}

/** Every planted bug, two at a time. A simulation that misses one proves less than it says. */
async function huntAll(url: string, most: number): Promise<number> {
  const queue = [...plants]
  const missed: string[] = []
  const lane = async (): Promise<void> => {
    for (let plant = queue.shift(); plant !== undefined; plant = queue.shift()) {
      const { name, says } = plant
      let found: Report['finding']
      const startedMs = performance.now()
      const code = await employ(
        url,
        { first: 1, count: most, stride: 1, plant: name, isTraced: false, stopsAtFinding: true, reduction: {} },
        (report) => (found ??= report.finding),
      )
      const took = `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`
      if (found === undefined) missed.push(name)
      say(
        `${found === undefined ? 'MISSED' : 'found '} ${name.padEnd(30)} ${found === undefined ? `in ${most} seeds (${code})` : `seed ${String(found.nth).padStart(4)}`} ${took.padStart(7)}  ${says}; ${found?.violation.slice(0, 110) ?? ''}`,
      )
    }
  }
  await Promise.all([lane(), lane()])
  say(
    `${plants.length - missed.length} of ${plants.length} planted bugs found${missed.length === 0 ? '' : `; missed: ${missed.join(', ')}`}`,
  )
  return missed.length === 0 ? 0 : 1
}

async function employ(url: string, task: Task, listen: (report: Report) => void): Promise<number> {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, 'worker.ts'), JSON.stringify(task)], {
    env: { ...process.env, TEST_DATABASE_URL: url },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of child.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) listen(JSON.parse(line) as Report)
  }
  return await child.exited
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

process.exit(await main())
