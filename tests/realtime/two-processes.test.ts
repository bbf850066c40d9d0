import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeCodes } from '../../src/platform/realtime/close-codes.ts'
import { startEmbeddedRedis } from '../../src/platform/embedded-redis.ts'
import type { EmbeddedServer } from '../../src/platform/embedded-server.ts'
import { freePort } from '../../src/platform/embedded-server.ts'
import { quietLog } from '../support/database.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { openSocket } from '../support/socket-probe.ts'
import { frameOf, type HubNode, messageOf, openNode, type Truth } from './hub-node.ts'

const hasServer = Bun.which('redis-server') !== null
const event = (version: number) => messageOf('event', version)

/** Resolves when both ends of the bus are up; it tells so by itself, so nothing is polled for longer than a turn. */
const isUp = async (node: HubNode): Promise<void> => {
  while (!node.hub.describe().isBusUp) await Bun.sleep(1)
}
const isDown = async (node: HubNode): Promise<void> => {
  while (node.hub.describe().isBusUp) await Bun.sleep(1)
}

describe.each(hasServer ? (['server', 'in-process'] as const) : (['in-process'] as const))('two processes on one redis (%s)', (prefer) => {
  const directory = mkdtempSync(join(tmpdir(), 'rahim-bus-'))
  const truths = new Map<string, Truth>()
  let redis: EmbeddedServer
  let first: HubNode
  let second: HubNode

  beforeAll(async () => {
    redis = await startEmbeddedRedis({ dataDir: directory, log: quietLog, prefer })
    first = await openNode(redis.url, truths)
    // On a clock that stands still nothing is asked again by time: what is heard here has come over the bus.
    second = await openNode(redis.url, truths, { clock: fakeClock() })
    await Promise.all([isUp(first), isUp(second)])
  })
  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()])
    await redis.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('what one is told reaches the watchers of the other, once', async () => {
    truths.set('shared', { event: 1, position: 0 })
    const here = await openSocket(`${first.url}/?channel=shared`)
    const there = await openSocket(`${second.url}/?channel=shared`)
    await Promise.all([here.atLeast(1), there.atLeast(1)])
    first.hub.publish('shared', event(2))
    second.hub.publish('shared', messageOf('position', 5))
    first.hub.publish('shared', event(3))
    const expected = [frameOf('event', 2), frameOf('event', 3), frameOf('position', 5)]
    expect((await here.atLeast(4)).slice(1).sort()).toEqual(expected)
    expect((await there.atLeast(4)).slice(1).sort()).toEqual(expected)
    await Promise.all([here.close(), there.close()])
  })

  test('a right lost in one is lost in the other, which is told', async () => {
    truths.set('rights', { event: 1, position: 0 })
    const there = await openSocket(`${second.url}/?channel=rights&user=u1`)
    await there.atLeast(1)
    second.verdicts.set('u1', closeCodes.forbidden)
    first.hub.recheck({ channel: 'rights' })
    expect((await there.closed).code).toBe(4003)
  })
})

// Needs a redis-server to freeze or kill; a machine without one tests the in-process server above, and CI installs one.
describe.if(hasServer)('redis is killed and comes back', () => {
  const truths = new Map<string, Truth>()
  const servers: Bun.Subprocess[] = []
  const start = async (port: number): Promise<Bun.Subprocess> => {
    const server = Bun.spawn(['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
      stdout: 'ignore',
      stderr: 'ignore',
    })
    servers.push(server)
    return server
  }
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.kill(9)
      await server.exited
    }
  })

  test('each process serves its own meanwhile, and afterwards everybody knows everything', async () => {
    const port = await freePort()
    const url = `redis://127.0.0.1:${port}`
    const server = await start(port)
    const [first, second] = await Promise.all([openNode(url, truths), openNode(url, truths)])
    await Promise.all([isUp(first), isUp(second)])
    truths.set('c', { event: 1, position: 1 })
    const here = await openSocket(`${first.url}/?channel=c`)
    const there = await openSocket(`${second.url}/?channel=c`)
    await Promise.all([here.atLeast(2), there.atLeast(2)])

    server.kill(9)
    await server.exited
    await Promise.all([isDown(first), isDown(second)])
    truths.set('c', { event: 2, position: 9 })
    first.hub.publish('c', event(2))
    first.hub.publish('c', messageOf('position', 9))
    expect((await here.atLeast(4)).slice(2)).toEqual([frameOf('event', 2), frameOf('position', 9)])
    expect(there.frames.length).toBe(2)
    // Joining works without Redis too.
    const late = await openSocket(`${second.url}/?channel=c`)
    expect((await late.atLeast(2))[0]).toBe('{"type":"join","version":2}')

    await start(port)
    await Promise.all([isUp(first), isUp(second)])
    expect((await there.atLeast(4)).slice(2)).toEqual([frameOf('event', 2), frameOf('position', 9)])
    truths.set('c', { event: 3, position: 9 })
    first.hub.publish('c', event(3))
    await Promise.all([here, there, late].map((socket) => socket.find((frame) => frame['type'] === 'event' && frame['version'] === 3)))
    for (const socket of [here, there]) expect(socket.frames.filter((frame) => frame === frameOf('event', 2)).length).toBe(1)
    await Promise.all([here.close(), there.close(), late.close()])
    await Promise.all([first.stop(), second.stop()])
  }, 20_000)
})
