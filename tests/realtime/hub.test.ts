import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { closeCodes } from '../../src/platform/realtime/close-codes.ts'
import { testRedisUrl } from '../support/database.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openSocket } from '../support/socket-probe.ts'
import { frameOf, type HubNode, messageOf, openNode, type Truth } from './hub-node.ts'

const truths = new Map<string, Truth>()
let node: HubNode
let clock: FakeClock

beforeAll(async () => {
  clock = fakeClock()
  node = await openNode(await testRedisUrl(), truths, { clock })
})
afterAll(() => node.stop())

let serial = 0
const newChannel = (truth: Truth = { event: 1, position: 0 }): string => {
  const channel = `hub-${process.pid}-${++serial}`
  truths.set(channel, truth)
  return channel
}
const join = (channel: string, query = '') => openSocket(`${node.url}/?channel=${channel}${query}`)
const publishEvent = (channel: string, version: number) => {
  const truth = truths.get(channel)
  if (truth !== undefined) truth.event = version
  node.hub.publish(channel, messageOf('event', version))
}
const publishPosition = (channel: string, version: number, audience: 'all' | 'inside' = 'all') =>
  node.hub.publish(channel, messageOf('position', version, audience === 'inside' ? { isInside: true } : {}))

describe('joining', () => {
  test('begins with the present and goes on live', async () => {
    const channel = newChannel({ event: 3, position: 7 })
    const socket = await join(channel)
    await socket.atLeast(2)
    publishEvent(channel, 4)
    publishPosition(channel, 8)
    expect(await socket.atLeast(4)).toEqual([
      '{"type":"join","version":3}',
      frameOf('position', 7),
      frameOf('event', 4),
      frameOf('position', 8),
    ])
    await socket.close()
  })

  test('neither misses nor repeats what happens while the present is being read', async () => {
    const channel = newChannel({ event: 1, position: 0 })
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const { promise: reading, resolve: isReading } = Promise.withResolvers<void>()
    node.beforeSnapshot = async () => {
      isReading()
      await held
    }
    const socket = await join(channel)
    await reading
    // 2 is in the snapshot when it is read at last, 3 is told before its commit can be seen, 9 and 10 are positions.
    publishEvent(channel, 2)
    node.hub.publish(channel, messageOf('event', 3))
    publishPosition(channel, 9)
    publishPosition(channel, 10)
    node.beforeSnapshot = async () => {}
    release()
    await socket.atLeast(3)
    publishEvent(channel, 4)
    expect(await socket.atLeast(4)).toEqual([
      '{"type":"join","version":2}',
      frameOf('event', 3),
      frameOf('position', 10),
      frameOf('event', 4),
    ])
    await socket.close()
  })

  test('tells those already here what the snapshot of a newcomer knows more', async () => {
    const channel = newChannel({ event: 1, position: 0 })
    const first = await join(channel)
    await first.atLeast(1)
    // Committed, but its message is still on the way.
    truths.set(channel, { event: 2, position: 0 })
    const second = await join(channel)
    await second.atLeast(1)
    expect(await first.atLeast(2)).toEqual(['{"type":"join","version":1}', frameOf('event', 2)])
    publishEvent(channel, 2)
    publishEvent(channel, 3)
    expect(await second.atLeast(2)).toEqual(['{"type":"join","version":2}', frameOf('event', 3)])
    expect(await first.atLeast(3)).toEqual(['{"type":"join","version":1}', frameOf('event', 2), frameOf('event', 3)])
    await Promise.all([first.close(), second.close()])
  })

  test('of many at once ends with everybody knowing every event once', async () => {
    const channel = newChannel({ event: 1, position: 0 })
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        publishEvent(channel, index + 2)
        return join(channel)
      }),
    )
    await Promise.all(sockets.map((socket) => socket.atLeast(1)))
    publishEvent(channel, 22)
    for (const socket of sockets) {
      await socket.find((frame) => frame['version'] === 22)
      const versions = socket.frames.map((frame) => (JSON.parse(frame) as { version: number }).version)
      const from = versions[0] ?? 0
      expect(versions).toEqual(Array.from({ length: 23 - from }, (_, index) => from + index))
      await socket.close()
    }
  })

  test('what is no more closes with 4001, what is over with 4008 after its last state', async () => {
    const gone = await join('hub-nothing')
    expect(await gone.closed).toEqual({ code: 4001, reason: 'not found' })
    const over = await join(newChannel({ event: 5, position: 0, end: closeCodes.ended }))
    expect(await over.closed).toEqual({ code: 4008, reason: 'tracking ended' })
    expect(over.frames).toEqual(['{"type":"join","version":5}'])
  })
})

describe('fan-out', () => {
  test('drops what has been told before and never moves a position back', async () => {
    const channel = newChannel({ event: 1, position: 5 })
    const socket = await join(channel)
    await socket.atLeast(2)
    publishEvent(channel, 2)
    publishEvent(channel, 2)
    publishPosition(channel, 4)
    publishPosition(channel, 6)
    publishEvent(channel, 3)
    expect((await socket.atLeast(5)).slice(2)).toEqual([frameOf('event', 2), frameOf('position', 6), frameOf('event', 3)])
    await socket.close()
  })

  test('keeps what is for insiders from everybody else', async () => {
    const channel = newChannel()
    const [shopper, insider] = await Promise.all([join(channel), join(channel, '&inside=1')])
    await Promise.all([shopper.atLeast(1), insider.atLeast(1)])
    publishPosition(channel, 1, 'inside')
    publishPosition(channel, 2)
    expect((await insider.atLeast(3)).slice(1)).toEqual([frameOf('position', 1), frameOf('position', 2)])
    expect((await shopper.atLeast(2)).slice(1)).toEqual([frameOf('position', 2)])
    await Promise.all([shopper.close(), insider.close()])
  })
})

describe('rights', () => {
  test('are asked again on demand, and whoever lost them is cut', async () => {
    const channel = newChannel()
    const [lost, kept] = await Promise.all([join(channel, '&user=lost'), join(channel, '&user=kept')])
    await Promise.all([lost.atLeast(1), kept.atLeast(1)])
    node.verdicts.set('lost', closeCodes.forbidden)
    node.hub.recheck({ channel })
    expect(await lost.closed).toEqual({ code: 4003, reason: 'forbidden' })
    publishEvent(channel, 2)
    await kept.atLeast(2)
    node.verdicts.set('kept', closeCodes.signedOut)
    node.hub.recheck({ userId: 'kept' })
    expect((await kept.closed).code).toBe(4009)
  })

  test('are asked every four seconds without being told, many with one question', async () => {
    const channel = newChannel()
    const sockets = await Promise.all(['slowly-lost', 'slowly-kept'].map((user) => join(channel, `&user=${user}`)))
    await Promise.all(sockets.map((socket) => socket.atLeast(1)))
    node.verdicts.set('slowly-lost', closeCodes.forbidden)
    clock.advance(4_000)
    node.hub.beat()
    expect((await sockets[0]?.closed)?.code).toBe(4003)
    publishEvent(channel, 2)
    await sockets[1]?.atLeast(2)
    await sockets[1]?.close()
  })
})

describe('events', () => {
  test('that come too early wait for the one before, which is read from the truth', async () => {
    const channel = newChannel({ event: 1, position: 0 })
    const socket = await join(channel)
    await socket.atLeast(1)
    truths.set(channel, { event: 4, position: 0 })
    // The messages of 2 and 3 were lost; 4 shows that they exist.
    node.hub.publish(channel, messageOf('event', 4))
    expect(await socket.atLeast(4)).toEqual(['{"type":"join","version":1}', ...[2, 3, 4].map((version) => frameOf('event', version))])
    // Told late, they are known.
    node.hub.publish(channel, messageOf('event', 3))
    publishEvent(channel, 5)
    expect((await socket.atLeast(5)).slice(4)).toEqual([frameOf('event', 5)])
    await socket.close()
  })

  test('a client that comes back is told what it has missed, in order', async () => {
    const channel = newChannel({ event: 7, position: 0 })
    const socket = await join(channel, '&since=4')
    expect(await socket.atLeast(4)).toEqual(['{"type":"join","version":7}', ...[5, 6, 7].map((version) => frameOf('event', version))])
    await socket.close()
  })

  test('one socket may watch many channels, each with its own events, and positions of one tick come together', async () => {
    const channels = [newChannel(), newChannel(), newChannel()]
    const socket = await join(channels.join(','))
    await socket.atLeast(3)
    for (const channel of channels) {
      publishPosition(channel, 5)
      publishPosition(channel, 6)
      publishEvent(channel, 2)
    }
    const frames = (await socket.atLeast(9)).slice(3)
    expect(frames.slice(0, 3)).toEqual(channels.map(() => frameOf('event', 2)))
    expect(frames.slice(3)).toEqual(channels.map(() => frameOf('position', 6)))
    await socket.close()
  })
})

describe('limits', () => {
  test('a user has five sockets and an address a hundred', async () => {
    const channel = newChannel()
    const sockets = await Promise.all(Array.from({ length: 5 }, () => join(channel, '&user=eager')))
    const upgrade = {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const sixth = await fetch(`${node.url}/?channel=${channel}&user=eager`, { headers: upgrade })
    expect([sixth.status, await sixth.text()]).toEqual([429, 'too_many_requests'])
    await sockets[0]?.close()
    const again = await join(channel, '&user=eager')
    await Promise.all([...sockets.slice(1), again].map((socket) => socket.close()))
  })

  test('a plain request is told that this address speaks WebSocket only, an unknown subprotocol is refused', async () => {
    expect((await fetch(`${node.url}/`)).status).toBe(426)
    const headers = {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': 'made.up',
    }
    expect((await fetch(`${node.url}/`, { headers })).status).toBe(400)
  })

  test('twenty messages at once are heard, then one strike each, and the third strike closes', async () => {
    const socket = await join(newChannel())
    await socket.atLeast(1)
    for (let index = 0; index < 22; index++) socket.send(`m${index}`)
    const frames = await socket.atLeast(23)
    expect(frames.slice(1, 21)).toEqual(Array.from({ length: 20 }, (_, index) => `heard m${index}`))
    expect(frames.slice(21)).toEqual(['refused', 'refused'])
    clock.advance(1_000)
    for (let index = 0; index < 5; index++) socket.send('later')
    await socket.atLeast(28)
    socket.send('too much')
    expect(await socket.closed).toEqual({ code: 4102, reason: 'too many messages' })
  })

  test('a frame over 16 KB ends the socket, and the next one works', async () => {
    const channel = newChannel()
    const socket = await join(channel)
    await socket.atLeast(1)
    socket.send('x'.repeat(16 * 1024 + 1))
    expect([1006, 1009]).toContain((await socket.closed).code)
    const next = await join(channel)
    next.send('hello')
    expect(await next.atLeast(2)).toContain('heard hello')
    await next.close()
  })
})

test('sockets are let go with 1012 and nobody is let in after', async () => {
  const own = await openNode(await testRedisUrl(), truths)
  const channel = newChannel()
  const sockets = await Promise.all(Array.from({ length: 12 }, () => openSocket(`${own.url}/?channel=${channel}`)))
  const drained = own.hub.drain(50)
  const ends = await Promise.all(sockets.map((socket) => socket.closed))
  expect(ends.every(({ code }) => code === 1012)).toBe(true)
  await drained
  expect(
    (
      await fetch(own.url, {
        headers: {
          upgrade: 'websocket',
          connection: 'Upgrade',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        },
      })
    ).status,
  ).toBe(503)
  expect(own.hub.describe().sockets).toBe(0)
  await own.stop()
})
