import { type AddressInfo, connect, createServer } from 'node:net'
import { aftermath, backAfter, type Drill, must, onStage, told } from './drill.ts'
import { broken, percentileMs, sendCrowd, statuses } from './shoppers.ts'

const addedMs = 500

/** Every answer of the database comes half a second late for a while (design: reliability.md 3.2, "slow"). */
export const drill: Drill = async ({ seconds }) => {
  let delayMs = 0
  let proxy: Awaited<ReturnType<typeof delayingProxy>> | undefined
  try {
    return await onStage(
      {
        databaseUrl: async (url) => {
          proxy ??= await delayingProxy(url, () => delayMs)
          return proxy.url
        },
      },
      async ({ shop, processes, slug, variantIds }) => {
        const origins = processes.map(({ origin }) => origin)
        const crowd = sendCrowd({ origins, variantIds, slug, shoppers: 16 })
        await Bun.sleep(4_000)
        const before = crowd.seen.length
        delayMs = addedMs
        await Bun.sleep(Math.min(seconds, 30) * 1_000)
        const slow = crowd.seen.slice(before)
        delayMs = 0
        const healthyMs = Math.max(...(await Promise.all(origins.map((origin) => backAfter(`${origin}/readyz`)))))
        await crowd.goHome()
        return [
          told('statuses_while_slow', statuses(slow), 'answers'),
          must('answers_above_499_that_are_not_503', broken(crowd.seen).length, 'answers', { is: 0 }),
          must('longest_request', percentileMs(slow, 100) / 1_000, 's', { most: 15 }),
          must(
            'liveness_p99_while_slow',
            percentileMs(
              slow.filter(({ kind }) => kind === 'probe'),
              99,
            ),
            'ms',
            { most: 250 },
          ),
          must('healthy_after', healthyMs / 1_000, 's', { most: 3 }),
          ...(await aftermath(shop, crowd.acknowledged)),
        ]
      },
    )
  } finally {
    proxy?.stop()
  }
}

/** Stands before a Postgres and holds back what it says, in order. */
async function delayingProxy(target: string, delayMs: () => number): Promise<{ url: string; stop(): void }> {
  const { hostname, port } = new URL(target)
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) })
    let said = Promise.resolve()
    upstream.on('data', (chunk) => {
      const readyMs = performance.now() + delayMs()
      said = said.then(async () => {
        const waitMs = readyMs - performance.now()
        if (waitMs > 0) await Bun.sleep(waitMs)
        client.write(chunk)
      })
    })
    client.pipe(upstream)
    // A side that is gone takes the other with it; why is the other's own to say.
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.toString(), stop: () => void server.close() }
}
