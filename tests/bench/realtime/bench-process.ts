import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Order, Report } from './generator.ts'
import type { SelfReport } from './position.work.ts'

const root = join(import.meta.dirname, '../../..')

/** A server under measurement. */
export interface BenchServer {
  readonly name: string
  readonly port: number
  readonly isSocketIo: boolean
  /** What the process says of itself; `afterGc` for memory, which garbage is no part of. */
  self(afterGc?: boolean): Promise<SelfReport>
  end(): Promise<void>
}

/** Starts one of the servers beside this file. Those of other libraries run on Node, which they are made for, where there is one. */
export async function startServer(
  name: string,
  file: 'raw.server.ts' | 'hub.server.ts' | 'ws.peer.ts' | 'socket-io.peer.ts',
  environment: Record<string, string> = {},
): Promise<BenchServer> {
  const isPeer = file.endsWith('.peer.ts')
  const node = Bun.which('node')
  const command = isPeer && node !== null ? [node, await buildForNode(file)] : [process.execPath, join(import.meta.dirname, file)]
  const server = Bun.spawn(command, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', NODE_ENV: 'production', ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const { port } = JSON.parse(await firstLine(server.stdout)) as { port: number }
  return {
    name,
    port,
    isSocketIo: file === 'socket-io.peer.ts',
    self: async (afterGc = false) => (await (await fetch(`http://127.0.0.1:${port}/self${afterGc ? '?gc=1' : ''}`)).json()) as SelfReport,
    async end() {
      server.kill('SIGKILL')
      await server.exited
    },
  }
}

async function buildForNode(file: string): Promise<string> {
  const directory = join(root, '.data/bench')
  mkdirSync(directory, { recursive: true })
  const built = await Bun.build({
    entrypoints: [join(import.meta.dirname, file)],
    target: 'node',
    format: 'cjs',
    outdir: directory,
    naming: file.replace('.ts', '.cjs'),
  })
  if (!built.success) throw new Error(`${file} could not be built: ${built.logs.map(({ message }) => message).join('\n')}`)
  return join(directory, file.replace('.ts', '.cjs'))
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true })
    const end = text.indexOf('\n')
    if (end >= 0) return text.slice(0, end)
  }
  throw new Error(`the server ended before it listened: ${text}`)
}

/** The load generator's process. */
export interface Generator {
  order(order: Order): Promise<Report>
  end(): Promise<void>
}

/** Starts the load generator. */
export async function startGenerator(): Promise<Generator> {
  let answer: (report: Report) => void = () => {}
  const ready = Promise.withResolvers<void>()
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, 'generator.ts')], {
    cwd: root,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
    ipc(message: Report | 'ready') {
      if (message === 'ready') ready.resolve()
      else answer(message)
    },
  })
  await ready.promise
  return {
    async order(order) {
      const { promise, resolve } = Promise.withResolvers<Report>()
      answer = resolve
      child.send(order)
      const report = await promise
      if (report.failure !== undefined) throw new Error(`${order.kind} on ${order.target}: ${report.failure}`)
      return report
    },
    async end() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}
