import { Database } from 'bun:sqlite'

/** A lock that the kernel frees when its process dies, however it dies. */
export interface ProcessLock {
  release(): void
}

/**
 * Takes a lock on a file between processes: `shared` by any number at once, `exclusive` by one alone. Answers undefined when
 * somebody else holds it. SQLite is used for its portable file locks; no data is stored in the file.
 */
export function tryLock(path: string, mode: 'shared' | 'exclusive'): ProcessLock | undefined {
  const database = new Database(path, { create: true })
  try {
    database.run('pragma busy_timeout = 0')
    database.run(mode === 'exclusive' ? 'begin exclusive' : 'begin')
    // A deferred transaction takes its shared lock with the first read.
    if (mode === 'shared') database.query('select count(*) from sqlite_schema').get()
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  return { release: () => database.close() }
}

/** Waits for an exclusive lock. Throws when it is not had within `waitMs`, naming the file so that a person can look. */
export async function waitForLock(path: string, waitMs: number): Promise<ProcessLock> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const lock = tryLock(path, 'exclusive')
    if (lock !== undefined) return lock
    if (performance.now() > deadline) throw new Error(`Another process has held ${path} for more than ${waitMs} ms.`)
    await Bun.sleep(20)
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
