import { join } from 'node:path'

/** Requests to be sent as fast as they are answered, over so many connections. */
export interface LoadOrder {
  readonly origin: string
  readonly connections: number
  readonly requests: readonly {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }[]
  /** The answers' bodies are wanted too, in the order they came. */
  readonly keepsBodies?: boolean
}

/** What came of it. */
export interface LoadReport {
  readonly tookMs: number
  readonly latenciesMs: readonly number[]
  readonly statuses: Readonly<Record<string, number>>
  readonly bodies: readonly string[]
}

/** Sends load from a process of its own, so that what it costs is not charged to the shop. Throws when an answer has another status. */
export async function sendLoad(order: LoadOrder, expected: number): Promise<LoadReport> {
  const report = await askProcess<LoadReport>('load-generator.ts', order)
  if (Object.keys(report.statuses).some((status) => status !== String(expected)))
    throw new Error(`not every answer was ${expected}: ${JSON.stringify(report.statuses)}`)
  return report
}

/** Runs a script of this folder with JSON on its input and reads JSON from its output. */
export async function askProcess<Answer>(script: string, order: unknown): Promise<Answer> {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, script)], {
    stdin: new Blob([JSON.stringify(order)]),
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const text = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error(`${script} failed`)
  return JSON.parse(text) as Answer
}

/** The value below which so many of a hundred lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}
