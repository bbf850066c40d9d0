import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/platform/embedded-server.ts'
import { bring, crew, packed } from '../delivery/delivery-story.ts'
import { openSocket } from '../support/socket-probe.ts'
import { until } from '../support/shop-process.ts'
import { aftermath, type Drill, must, onStage, told } from './drill.ts'
import { broken, percentileMs, sendCrowd, statuses } from './shoppers.ts'

/** Redis is killed under load for a while and comes back empty (design: reliability.md 3.3, G11). */
export const drill: Drill = async ({ seconds }) => {
  const redis = await startRedis()
  try {
    return await onStage(
      { redisUrl: redis.url, environment: { POSITION_INTERVAL_MS: '0' } },
      async ({ shop, processes, slug, variantIds }) => {
        const [here = '', there = ''] = processes.map(({ origin }) => origin)
        const people = await crew(shop)
        const story = await packed(shop, people.staff)
        await bring(story, people.rider, 'en_route')
        const watchers = await Promise.all(
          [here, there].map((origin) => openSocket(`${origin}/ws/delivery/track/${story.id}?token=${story.order.token}`)),
        )
        let step = 0
        /** The rider moves on by eleven metres, a second after the last time, and tells the first process. */
        const move = async (): Promise<number> => {
          await Bun.sleep(1_000)
          const lat = -1.28 + ++step * 0.0001
          const answer = await fetch(`${here}/api/v1/deliveries/${story.id}/positions`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${people.rider.token}` },
            body: JSON.stringify({ fixes: [{ lat, lng: 36.8, accuracyM: 5 }] }),
          })
          if (answer.status >= 400) throw new Error(`a position was refused with ${answer.status}: ${await answer.text()}`)
          return lat
        }
        const sees = (at: number, lat: number) => async (): Promise<boolean> =>
          (watchers[at]?.frames ?? []).some((frame) => Math.abs(Number((JSON.parse(frame) as { lat?: number }).lat) - lat) < 2e-5)
        const first = await move()
        await until(sees(0, first), 'the first position here')
        await until(sees(1, first), 'the first position there')

        const crowd = sendCrowd({ origins: [here, there], variantIds, slug, shoppers: 6, pauseMs: 60 })
        await Bun.sleep(10_000)
        const before = crowd.seen.length
        await redis.kill()
        const offAtMs = performance.now()
        // Sixty tries at one door: the limit is twenty a minute and must hold without Redis.
        const tries: number[] = []
        for (let at = 0; at < 60; at++)
          tries.push(
            (
              await fetch(`${here}/api/v1/auth/login`, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ login: `nobody${at}@rahim.co.ke`, password: 'not the password of anybody' }),
              })
            ).status,
          )
        const during = await move()
        const sentMs = performance.now()
        await until(sees(0, during), 'a position in the same process without Redis')
        const hereMs = performance.now() - sentMs
        const asked = await fetch(`${there}/track/${story.order.token}`)
        await until(async () => performance.now() - offAtMs > seconds * 1_000, 'the outage to last', seconds * 1_000 + 60_000)
        const outage = crowd.seen.slice(before)

        await redis.start()
        const backMs = performance.now()
        await until(async () => sees(1, await move())(), 'positions to reach the other process again', 60_000)
        const recoveredMs = performance.now() - backMs
        await crowd.goHome()
        await Promise.all(watchers.map((watcher) => watcher.close()))
        return [
          told('statuses_during_outage', statuses(outage), 'answers'),
          must('http_errors', outage.filter(({ status }) => status === 0 || status >= 500).length, 'answers', { is: 0 }),
          must('broken_answers', broken(crowd.seen).length, 'answers', { is: 0 }),
          told('p99_before', percentileMs(crowd.seen.slice(0, before), 99), 'ms'),
          told('p99_during', percentileMs(outage, 99), 'ms'),
          must('sign_in_tries_let_through', tries.filter((status) => status !== 429).length, 'of 60', { most: 20 }),
          told('position_in_same_process', hereMs, 'ms'),
          must('other_process_answers_when_asked', asked.status, 'status', { is: 200 }),
          must('tracking_whole_again', recoveredMs / 1_000, 's', { most: 10 }),
          ...(await aftermath(shop, crowd.acknowledged, story.order)),
        ]
      },
    )
  } finally {
    await redis.stop()
  }
}

/** A Redis of our own on a fixed port, that can be killed and started again. */
async function startRedis(): Promise<{ url: string; kill(): Promise<void>; start(): Promise<void>; stop(): Promise<void> }> {
  const [port, home] = [await freePort(), mkdtempSync(join(tmpdir(), 'rahim-redis-'))]
  let child: Bun.Subprocess
  const start = async (): Promise<void> => {
    child = Bun.spawn(['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', home], {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
    })
    await until(
      async () =>
        Bun.spawnSync(['redis-cli', '-p', String(port), 'ping'])
          .stdout.toString()
          .startsWith('PONG'),
      'redis',
    )
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await child.exited
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    async stop() {
      await kill()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
