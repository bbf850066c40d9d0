import type { Log } from './log.ts'
import { commandLine, isAlive, parentOf } from './process-liveness.ts'

/** One step of the way down. */
export interface ShutdownStep {
  readonly name: string
  run(): Promise<unknown>
}

/** How a process ends. */
export interface ShutdownOptions {
  readonly log: Log
  /** Asked for when the end begins, so that a process still starting up can first finish what it is opening. */
  readonly steps: () => Promise<readonly ShutdownStep[]>
  /** All steps together; afterwards the process ends with code 1 whatever still runs. */
  readonly deadlineMs: number
  /** Also end when `npx` or `bun run` above us is gone. For development: a killed runner must leave no servers behind. */
  readonly watchRunners?: boolean
}

// One Ctrl-C reaches every process of the terminal, and the ones above us pass it on: the echo is not a second Ctrl-C.
const echoMs = 700
const runnerEveryMs = 500

/**
 * Ends the process in order on SIGTERM, SIGINT and SIGHUP, and on an error that nobody caught: runs the steps, then exits 0 (1 after
 * an uncaught error, a failed step or a missed deadline). A second Ctrl-C exits at once with 130. Answers a function that begins the
 * same way down from inside.
 */
export function installShutdown(options: ShutdownOptions): (reason: string) => void {
  const { log, steps, deadlineMs } = options
  let begunAtMs: number | undefined

  const begin = (reason: string, exitCode: number): void => {
    if (begunAtMs !== undefined) return
    begunAtMs = performance.now()
    log.info({ reason }, 'shutting down')
    setTimeout(() => {
      log.error({ deadlineMs }, 'shutdown took too long; leaving now')
      process.exit(1)
    }, deadlineMs).unref()
    void steps()
      .then((all) => runSteps(all, log))
      .then((isClean) => {
        log.info({ ms: Math.round(performance.now() - (begunAtMs ?? 0)) }, 'shut down')
        process.exit(isClean ? exitCode : 1)
      })
  }

  const onSignal = (name: NodeJS.Signals): void => {
    if (begunAtMs === undefined) return begin(name, 0)
    if (name !== 'SIGINT' || performance.now() - begunAtMs < echoMs) return
    log.warn({}, 'second interrupt; leaving at once')
    process.exit(130)
  }
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, onSignal)
  process.on('uncaughtException', (error) => {
    log.fatal({ error }, 'uncaught error')
    begin('uncaught error', 1)
  })
  // A promise nobody waited for harms its own request only; ending the process would harm every other one.
  process.on('unhandledRejection', (error) => log.error({ error }, 'unhandled rejection'))

  const runners = options.watchRunners === true ? runnersAbove() : []
  if (runners.length > 0) {
    setInterval(() => {
      if (!runners.every(isAlive)) begin('the process that ran us is gone', 0)
    }, runnerEveryMs).unref()
  }
  return (reason) => begin(reason, 0)
}

/**
 * The package runners above this process and the shells between them. A shell above the topmost runner is somebody's terminal or
 * script, which may end on purpose while the shop runs on in the background.
 */
function runnersAbove(): number[] {
  const above: number[] = []
  let topmost = 0
  for (let pid: number | undefined = process.ppid; pid !== undefined && pid > 1 && above.length < 8; pid = parentOf(pid)) {
    above.push(pid)
    if (isRunner(commandLine(pid))) topmost = above.length
  }
  return above.slice(0, topmost)
}

const isRunner = (command: string): boolean =>
  /^(\S*\/)?(bun(\.exe)?|bunx) (run|x)\b|^(\S*\/)?(npm|npx|pnpm|yarn) |^\S*node \S*\b(npm|npx|pnpm|yarn)\b/.test(command)

/** Runs the steps one after the other; a step that fails is logged and the next one runs. Answers whether all went well. */
export async function runSteps(steps: readonly ShutdownStep[], log: Log): Promise<boolean> {
  let isClean = true
  for (const step of steps) {
    try {
      await step.run()
    } catch (error) {
      isClean = false
      log.error({ error, step: step.name }, 'a step of the shutdown failed')
    }
  }
  return isClean
}
