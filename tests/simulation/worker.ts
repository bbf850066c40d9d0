import { existsSync, readFileSync } from 'node:fs'
import { plantNamed, sow } from './plants.ts'
import type { SeedResult } from './run-seed.ts'
import type { Fault, Reduction } from './swarm.ts'

/** What a worker process is to do. */
export interface Task {
  readonly first: number
  readonly count: number
  /** Takes every so many seeds, so that several workers share a row of them. */
  readonly stride: number
  readonly plant?: string
  readonly isTraced: boolean
  readonly stopsAtFinding: boolean
  readonly reduction: Reduction
}

/** A line a worker tells: how far it is, what it found, and the smallest run that still finds it. */
export interface Report {
  readonly done: number
  readonly steps: number
  /** Seconds of processor time so far, of the process and of its sessions in Postgres (those only where Linux tells). */
  readonly cpuS?: number
  readonly finding?: {
    readonly seed: number
    readonly nth: number
    readonly violation: string
    readonly faults: readonly string[]
    readonly shoppers: number
    readonly smaller?: Reduction
  }
  readonly trace?: readonly string[]
}

// Whether the same seed gives the same run is tried on one in a hundred.
const twiceEvery = 100

/** Plays its seeds one after the other and tells what it sees. */
export async function work(task: Task, tell: (report: Report) => void): Promise<void> {
  const plant = task.plant === undefined ? undefined : plantNamed(task.plant)
  if (plant !== undefined) sow(plant)
  // The shop is loaded after the planting.
  const { buildStage } = await import('./stage.ts')
  const { runSeed } = await import('./run-seed.ts')
  const stage = await buildStage(plant?.laws)
  const play = async (seed: number, reduction: Reduction, isTraced = false): Promise<SeedResult> =>
    await runSeed(stage, String(seed), { reduction, isTraced })
  try {
    let done = 0
    let steps = 0
    for (let index = 0; index < task.count; index += task.stride) {
      const seed = task.first + index
      const result = await play(seed, task.reduction, task.isTraced)
      done++
      steps += result.steps
      let violation = result.violation
      if (violation === undefined && done % twiceEvery === 1 && (await play(seed, task.reduction, task.isTraced)).hash !== result.hash)
        violation = 'the same seed gave another run'
      if (task.isTraced) tell({ done, steps, trace: result.trace })
      if (violation === undefined) {
        if (done % 20 === 0) tell({ done, steps })
        continue
      }
      const smaller =
        plant === undefined && !task.isTraced
          ? await shrink(async (reduction) => (await play(seed, reduction)).violation !== undefined, result)
          : undefined
      tell({
        done,
        steps,
        finding: {
          seed,
          nth: index + 1,
          violation,
          faults: [...result.swarm.faults],
          shoppers: result.swarm.shoppers,
          ...(smaller === undefined ? {} : { smaller }),
        },
      })
      if (task.stopsAtFinding) break
    }
    tell({ done, steps, cpuS: cpuSeconds(stage.pool.pids) })
  } finally {
    await stage.close()
  }
}

function cpuSeconds(pids: readonly number[]): number {
  const { user, system } = process.cpuUsage()
  let sum = (user + system) / 1e6
  for (const pid of pids) {
    // Files of the kernel say they are empty; only a plain read finds what is in them.
    const stat = `/proc/${pid}/stat`
    if (!existsSync(stat)) continue
    // Ticks of a hundredth of a second, after the name, which ends with the last bracket.
    const fields = readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    sum += (Number(fields[11]) + Number(fields[12])) / 100
  }
  return sum
}

/** Leaves out shoppers and faults as long as the run still fails. */
async function shrink(stillFails: (reduction: Reduction) => Promise<boolean>, { swarm }: SeedResult): Promise<Reduction> {
  let { shoppers } = swarm
  let without: readonly Fault[] = []
  for (let fewer = 1; fewer < shoppers; fewer++) {
    if (!(await stillFails({ shoppers: fewer }))) continue
    shoppers = fewer
    break
  }
  for (const fault of swarm.faults) if (await stillFails({ shoppers, without: [...without, fault] })) without = [...without, fault]
  return { shoppers, without }
}

if (import.meta.main) {
  const task = JSON.parse(process.argv[2] ?? '{}') as Task
  await work(task, (report) => void process.stdout.write(`${JSON.stringify(report)}\n`))
  process.exit(0)
}
