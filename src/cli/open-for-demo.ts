import { join } from 'node:path'

/** A shop that answers; closing it ends the one we opened, and nothing else. */
export interface DemoShop extends AsyncDisposable {
  readonly isOurs: boolean
}

const firstStartMs = 120_000
const askEveryMs = 250

/**
 * Takes the shop at an address, or opens one when nobody answers and the address is the configured one of this machine. Throws
 * Error when nobody answers elsewhere, or when ours does not come up.
 */
export async function openForDemo(origin: string, own: { port: number }): Promise<DemoShop> {
  if (await isReady(origin)) return { isOurs: false, [Symbol.asyncDispose]: async () => {} }
  const { hostname, port } = new URL(origin)
  if (!['localhost', '127.0.0.1', '[::1]'].includes(hostname) || port !== String(own.port)) throw new Error(`no shop answers at ${origin}`)
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, '../server.ts')], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  })
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    await child.exited
  }
  const deadlineMs = performance.now() + firstStartMs
  while (!(await isReady(origin))) {
    if (child.exitCode !== null) throw new Error(`the shop ended at once with ${child.exitCode}`)
    if (performance.now() > deadlineMs) {
      await close()
      throw new Error(`the shop did not open at ${origin}`)
    }
    await Bun.sleep(askEveryMs)
  }
  return { isOurs: true, [Symbol.asyncDispose]: close }
}

async function isReady(origin: string): Promise<boolean> {
  try {
    const answer = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(2_000) })
    await answer.body?.cancel()
    return answer.status === 200
  } catch {
    // Nobody there: exactly what was asked.
    return false
  }
}
