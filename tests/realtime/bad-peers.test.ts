import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { testRedisUrl } from '../support/database.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { openSocket } from '../support/socket-probe.ts'
import { frameOf, type HubNode, messageOf, openNode, type Truth } from './hub-node.ts'

// Peers that no library would make: they answer no ping, or never read.
const truths = new Map<string, Truth>([
  ['deaf', { event: 1, position: 0 }],
  ['slow', { event: 1, position: 0 }],
  ['lagging', { event: 1, position: 1 }],
])
let node: HubNode
let clock: FakeClock

beforeAll(async () => {
  clock = fakeClock()
  node = await openNode(await testRedisUrl(), truths, { clock })
})
afterAll(() => node.stop())

interface RawPeer {
  readonly socket: Socket
  /** Everything received as text, frame headers included. */
  received(): string
  /** Resolves once the received text holds `text`. */
  saw(text: string): Promise<void>
  readonly ended: Promise<void>
}

/** Opens a socket by hand and leaves everything after the handshake unanswered. */
function rawPeer(channel: string): Promise<RawPeer> {
  const { port } = new URL(node.url)
  const socket = connect(Number(port), '127.0.0.1')
  let text = ''
  const waiting = new Set<() => void>()
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
    for (const look of waiting) look()
  })
  socket.on('error', () => {})
  const peer: RawPeer = {
    socket,
    received: () => text,
    saw: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!text.includes(wanted)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    ended: new Promise((resolve) => socket.once('close', () => resolve())),
  }
  socket.write(
    `GET /?channel=${channel} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  return peer.saw('"join"').then(() => peer)
}

test('a peer that answers no ping is closed within 35 seconds, one that does stays', async () => {
  const deaf = await rawPeer('deaf')
  const alive = await openSocket(`${node.url}/?channel=deaf`)
  await alive.atLeast(1)
  clock.advance(25_000)
  node.hub.beat()
  // The ping of an empty payload: final frame, opcode 9, length 0.
  await deaf.saw('\x89\x00')
  // Bun's client answers by itself; a frame after it shows that its pong has been read too.
  alive.send('alive')
  await alive.atLeast(2)
  clock.advance(10_000)
  node.hub.beat()
  await deaf.saw('no pong')
  deaf.socket.end()
  await deaf.ended
  alive.send('still here')
  expect(await alive.atLeast(3)).toEqual(['{"type":"join","version":1}', 'heard alive', 'heard still here'])
  await alive.close()
})

test('a peer that stops reading loses positions first and is cut at 256 KB, while others hear everything', async () => {
  const stalled = await rawPeer('slow')
  const healthy = await openSocket(`${node.url}/?channel=slow`)
  await healthy.atLeast(1)
  stalled.socket.pause()
  const shedsBefore = node.hub.counters.sheds
  // The kernel swallows some megabytes before anything waits in the process.
  const padding = 'x'.repeat(60_000)
  for (let version = 1; node.hub.counters.closed.get(4103) === undefined && version < 500; version++) {
    node.hub.publish('slow', messageOf('position', version, { padding }))
    node.hub.publish('slow', messageOf('event', version + 1, { padding }))
    await healthy.find((frame) => frame['type'] === 'event' && frame['version'] === version + 1)
    node.hub.beat()
  }
  expect(node.hub.counters.closed.get(4103)).toBe(1)
  expect(node.hub.counters.sheds - shedsBefore).toBe(1)
  const versions = healthy.frames
    .map((frame) => JSON.parse(frame) as { type: string; version: number })
    .filter(({ type }) => type === 'event')
    .map(({ version }) => version)
  expect(versions).toEqual(Array.from({ length: versions.length }, (_, index) => index + 2))
  stalled.socket.destroy()
  await healthy.close()
}, 20_000)

test('a peer that reads again is told the present and hears positions again', async () => {
  const stalled = await rawPeer('lagging')
  stalled.socket.pause()
  const shedsBefore = node.hub.counters.sheds
  const padding = 'x'.repeat(60_000)
  let version = 1
  // Two frames of 60 KB beyond what the kernel takes: past 64 KB, well below 256 KB.
  while (node.hub.counters.sheds === shedsBefore && version < 500) {
    version += 1
    truths.set('lagging', { event: 1, position: version })
    node.hub.publish('lagging', messageOf('position', version, { padding }))
    await Bun.sleep(0)
    node.hub.beat()
  }
  expect(node.hub.counters.sheds).toBe(shedsBefore + 1)
  // Withheld: told while it does not read.
  node.hub.publish('lagging', messageOf('position', version + 1))
  truths.set('lagging', { event: 1, position: version + 2 })
  stalled.socket.resume()
  await stalled.saw(frameOf('position', version + 2))
  expect(stalled.received()).not.toContain(frameOf('position', version + 1))
  node.hub.publish('lagging', messageOf('position', version + 3))
  await stalled.saw(frameOf('position', version + 3))
  stalled.socket.destroy()
}, 20_000)
