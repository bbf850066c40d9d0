import { createHash } from 'node:crypto'
import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** A server we started, or found running, for one checkout. Several processes of the checkout may share it. */
export interface EmbeddedServer {
  readonly url: string
  /** True when the server was already running, for example because the process that started it was killed. */
  readonly reused: boolean
  /** Stops the server unless another process of this checkout still uses it. May be called twice. */
  stop(): Promise<void>
}

/** What the embedded servers say about themselves; any pino logger fits. */
export interface ServerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** A port nobody listens on now. Another process may take it before the server does, so callers try more than once. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    probe.close(() => resolve(port))
  })
  return promise
}

/**
 * The directory a server keeps its files in: below `dataDir` when it can be written by us and entered by the server's user, else a
 * directory of this checkout below the system's temporary directory (a home of mode 0700 is closed to the server's user).
 */
export function serverHome(options: { dataDir: string; name: string; user: ServerUser | undefined; log: ServerLog }): string {
  const { dataDir, name, user, log } = options
  const wanted = resolve(dataDir, name)
  try {
    mkdirSync(wanted, { recursive: true })
    accessSync(wanted, constants.W_OK)
    if (user === undefined || canEnter(wanted, user)) return wanted
    log.warn({ dataDir: wanted, uid: user.uid }, 'the data directory cannot be reached by the server user')
  } catch (error) {
    if (!isDenied(error)) throw error
    log.warn({ dataDir: wanted }, 'the data directory cannot be written')
  }

  const key = createHash('sha256').update(wanted).digest('hex').slice(0, 16)
  const root = join(tmpdir(), `rahim-online-${process.getuid?.() ?? 0}-${key}`)
  mkdirSync(root, { recursive: true, mode: 0o711 })
  // Anybody may create names in a shared temporary directory, so a directory that is not ours is not used.
  const owner = lstatSync(root)
  if (!owner.isDirectory() || (process.getuid !== undefined && owner.uid !== process.getuid()))
    throw new Error(`${root} exists and is not ours; set DATA_DIR to a directory we may write.`)
  const home = join(root, name)
  mkdirSync(home, { recursive: true, mode: 0o711 })
  if (user !== undefined && !canEnter(home, user))
    throw new Error(`User ${user.uid} cannot reach ${home}; set DATA_DIR to a directory it may enter.`)
  log.warn({ dataDir: home }, 'using a directory below the system temporary directory instead')
  return home
}

/** The user a server runs as when we are root. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** True when every directory up to the root lets this user pass. Access lists beyond the mode bits are not looked at. */
export function canEnter(path: string, user: ServerUser): boolean {
  for (let directory = resolve(path); ; directory = dirname(directory)) {
    const { uid, gid, mode } = statSync(directory)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (directory === dirname(directory)) return true
  }
}

const isDenied = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
