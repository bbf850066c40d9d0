import { readFileSync } from 'node:fs'

/** True while a process with this id runs. A zombie that nobody has reaped yet counts as dead. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return false
    throw error
  }
}

/** The command line of a process, words joined by blanks; empty when it is gone or belongs to the kernel. */
export function commandLine(pid: number): string {
  if (process.platform !== 'linux')
    return Bun.spawnSync(['ps', '-o', 'command=', '-p', String(pid)])
      .stdout.toString()
      .trim()
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return ''
    throw error
  }
}

/** The process that started this one, or undefined when either is gone. */
export function parentOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return Number(Bun.spawnSync(['ps', '-o', 'ppid=', '-p', String(pid)]).stdout.toString()) || undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) || undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return undefined
    throw error
  }
}

/** Signals a process; a process that is already gone is what the caller wanted. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Waits until a process is gone. Answers false when it still runs after `waitMs`. */
export async function waitForExit(pid: number, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false
    await Bun.sleep(10)
  }
  return true
}
