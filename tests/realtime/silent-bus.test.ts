import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { testRedisUrl } from '../support/database.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openSocket } from '../support/socket-probe.ts'
import { frameOf, type HubNode, messageOf, openNode, type Truth } from './hub-node.ts'

// A wire between us and Redis that can go dead without a word, as a NAT that forgot a connection does.
const truths = new Map<string, Truth>([['c', { event: 1, position: 0 }]])
const wires = new Set<Socket>()
let proxy: Server
let subscribers = 0
let isDead = false
let clock: FakeClock
let behind: HubNode
let direct: HubNode

beforeAll(async () => {
  const redis = new URL(await testRedisUrl())
  proxy = createServer((near) => {
    const far = connect(Number(redis.port), redis.hostname)
    let isSubscriber = false
    let isCut = false
    near.on('data', (bytes) => {
      if (bytes.includes('rahim-subscriber')) {
        isSubscriber = true
        subscribers += 1
        // The new wire is a live one.
        if (subscribers > 1) isDead = false
      }
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      isCut ||= isDead && isSubscriber
      if (!isCut) near.write(bytes)
    })
    for (const wire of [near, far]) {
      wires.add(wire)
      wire.on('error', () => {})
      wire.on('close', () => {
        near.destroy()
        far.destroy()
        wires.delete(wire)
      })
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  clock = fakeClock()
  const { port } = proxy.address() as { port: number }
  behind = await openNode(`redis://127.0.0.1:${port}`, truths, { clock })
  direct = await openNode(redis.href, truths)
  while (!behind.hub.describe().isBusUp || !direct.hub.describe().isBusUp) await Bun.sleep(1)
})
afterAll(async () => {
  await Promise.all([behind.stop(), direct.stop()])
  for (const wire of wires) wire.destroy()
  proxy.close()
})

test('a bus that has gone silent is found within 15 seconds, connected anew, and what was missed is told', async () => {
  const watcher = await openSocket(`${behind.url}/?channel=c`)
  await watcher.atLeast(1)
  // As long as the echo comes back nothing is done about it.
  for (let second = 0; second < 12; second++) {
    clock.advance(1_000)
    behind.hub.beat()
    // Redis answers in order: after these two the echo, if one was on its way, is back.
    await new Promise((resolve) => setImmediate(resolve))
    await behind.redis.publisher.ping()
    await behind.redis.subscriber.ping()
  }
  expect(subscribers).toBe(1)

  isDead = true
  truths.set('c', { event: 2, position: 0 })
  direct.hub.publish('c', messageOf('event', 2))
  for (let second = 0; second < 16 && subscribers === 1; second++) {
    clock.advance(1_000)
    behind.hub.beat()
    await Bun.sleep(5)
  }
  expect(await watcher.atLeast(2)).toEqual(['{"type":"join","version":1}', frameOf('event', 2)])
  expect(subscribers).toBe(2)
  await watcher.close()
}, 20_000)
