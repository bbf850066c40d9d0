import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from './log.ts'

/** The three connections of a process. Everything the shop needs of Redis it can do without for a while. */
export interface RedisClients {
  /** Counters, last positions, caches. Every command settles within 250 ms, also when Redis is down or hangs. */
  readonly command: Redis
  /** Tells other processes. */
  readonly publisher: Redis
  /** Hears from other processes; subscribes again by itself after a loss. */
  readonly subscriber: Redis
  /** True when a PING was answered within the command time-out just now. */
  healthy(): Promise<boolean>
  /** Ends the connections, politely for a moment, then at once. */
  close(): Promise<void>
}

/**
 * Opens the connections without waiting for them: the shop starts and serves without Redis. ioredis by default queues commands and
 * repeats them for over a minute while Redis is away; nothing of that may reach a request, so commands fail at once when there is no
 * connection and after 250 ms when there is no answer (design: reliability.md section 3.3).
 */
export function createRedis(url: string, log: Log): RedisClients {
  const open = (name: string, options: RedisOptions = {}): Redis => {
    const client = new Redis(url, { ...settings(), connectionName: `rahim-${name}`, ...options })
    report(client, name, log)
    return client
  }
  const command = open('command')
  const publisher = open('publisher')
  const subscriber = open('subscriber', { autoResubscribe: true })
  return {
    command,
    publisher,
    subscriber,
    async healthy() {
      try {
        return (await command.ping()) === 'PONG'
      } catch {
        // A probe asks whether; why not was logged by the error listener.
        return false
      }
    },
    async close() {
      await Promise.all([command, publisher, subscriber].map(end))
    },
  }
}

const settings = (): RedisOptions => ({
  // RESP2: the same on every server from 6 to 8 and on the JavaScript one; RESP3 brings nothing we use.
  protocol: 2,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  // A command whose answer was lost may have run; a counter must not be counted twice.
  autoResendUnfulfilledCommands: false,
  connectTimeout: 1_000,
  commandTimeout: 250,
  keepAlive: 10_000,
  // Jitter, so that the processes of a shop do not all come back in the same instant.
  retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2),
})

/** One line when the connection is lost and one when it is back, instead of one for each attempt in between. */
function report(client: Redis, name: string, log: Log): void {
  let isLost = false
  client.on('error', (error: Error) => {
    if (!isLost) log.warn({ error, client: name }, 'redis connection lost')
    isLost = true
  })
  client.on('ready', () => {
    if (isLost) log.info({ client: name }, 'redis connection is back')
    isLost = false
  })
}

async function end(client: Redis): Promise<void> {
  try {
    if (client.status === 'ready') await client.quit()
  } catch {
    // It does not answer the goodbye; the connection is cut below all the same.
  }
  client.disconnect()
}
