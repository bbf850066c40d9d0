/**
 * The load, in a process of its own: watchers and drivers over bare TCP, so that it takes as little as can be of the processor it
 * shares with the server. Told what to do over IPC, one order at a time.
 */
import { openPeer, type Peer } from './raw-peer.ts'

/** Opens sockets on a server. */
export interface OpenOrder {
  readonly kind: 'open'
  readonly target: string
  readonly port: number
  readonly isSocketIo: boolean
  /** Channels of each watcher, or a whole path with its query. */
  readonly watchers: readonly string[]
  /** Channel of each driver. */
  readonly drivers: readonly string[]
}

/** Sends positions and waits until all have come to all who should get them. */
export interface RunOrder {
  readonly kind: 'run'
  readonly target: string
  /** How many positions, in turn by every driver. */
  readonly messages: number
  /** Deliveries one position makes. */
  readonly fanOut: number
  /** So many on their way at once (1: each in a turn of the loop of its own), or one in so many milliseconds. */
  readonly pace: { readonly window: number } | { readonly everyMs: number }
  /** A position may be skipped for a newer one; the end of the run is when the last of every driver has come. */
  readonly isLossy: boolean
  /** Added to every position, to make watchers fall behind. */
  readonly padding?: number
}

/** Makes some watchers stop reading, or read again. */
export interface StallOrder {
  readonly kind: 'stall' | 'resume'
  readonly target: string
  readonly count: number
}

export interface CloseOrder {
  readonly kind: 'close'
  readonly target: string
}

export type Order = OpenOrder | RunOrder | StallOrder | CloseOrder

/** What came of an order. */
export interface Report {
  readonly deliveries: number
  readonly tookMs: number
  /** Between sending and arrival, of a sample of the watchers who read. */
  readonly latenciesMs: readonly number[]
  readonly closedStalled: number
  readonly failure?: string
}

interface Target {
  readonly watchers: Peer[]
  readonly drivers: Peer[]
  readonly stalled: Set<Peer>
  readonly isSocketIo: boolean
  deliveries: number
  latenciesMs: number[]
  look: () => void
}

const targets = new Map<string, Target>()
// One address has too few ports for ten thousand sockets and whatever else the machine does.
const addressOf = (index: number): string => `127.0.0.${1 + (index % 8)}`
const patienceMs = 60_000

const orders: Record<Order['kind'], (order: never) => Promise<Partial<Report>>> = {
  open: async ({ target: name, port, isSocketIo, watchers, drivers }: OpenOrder) => {
    const target: Target = { watchers: [], drivers: [], stalled: new Set(), isSocketIo, deliveries: 0, latenciesMs: [], look: () => {} }
    targets.set(name, target)
    const path = (channel: string, isDriver: boolean): string =>
      channel.startsWith('/')
        ? channel
        : isSocketIo
          ? `/socket.io/?EIO=4&transport=websocket&channel=${channel}&drive=${isDriver ? 1 : 0}`
          : `/${isDriver ? 'drive' : 'watch'}?channel=${channel}`
    const all = [...watchers.map((channel) => ({ channel, isDriver: false })), ...drivers.map((channel) => ({ channel, isDriver: true }))]
    for (let from = 0; from < all.length; from += 100) {
      await Promise.all(
        all.slice(from, from + 100).map(async ({ channel, isDriver }, index) => {
          const nth = from + index
          const peer = await openPeer({
            host: addressOf(nth),
            port,
            path: path(channel, isDriver),
            isSocketIo,
            isSampled: !isDriver && nth % 25 === 0,
          })
          if (isDriver) target.drivers.push(peer)
          else {
            target.watchers.push(peer)
            peer.heard = (count, text) => {
              target.deliveries += count
              if (text !== undefined) sample(target, peer, text)
              target.look()
            }
          }
        }),
      )
    }
    return {}
  },
  run: async ({ target: name, messages, fanOut, pace, isLossy, padding }: RunOrder) => {
    const target = mustKnow(name)
    target.deliveries = 0
    target.latenciesMs = []
    const pad = padding === undefined ? '' : 'x'.repeat(padding)
    const began = performance.now()
    for (let sent = 0; sent < messages; sent++) {
      const driver = target.drivers[sent % target.drivers.length]
      driver?.send(position(target.isSocketIo, sent, pad))
      if ('window' in pace) await arrived(target, (sent + 2 - pace.window) * fanOut)
      else await Bun.sleep(pace.everyMs)
    }
    // What is coalesced is not counted on; a while after the last nothing more is on its way.
    if (isLossy) await Bun.sleep(400)
    else await arrived(target, messages * fanOut)
    return { deliveries: target.deliveries, tookMs: performance.now() - began, latenciesMs: target.latenciesMs }
  },
  stall: async ({ target: name, count }: StallOrder) => {
    const target = mustKnow(name)
    // Not those whose latencies are taken.
    for (const peer of target.watchers.filter(({ isSampled }) => !isSampled).slice(0, count)) {
      peer.pause()
      target.stalled.add(peer)
    }
    return {}
  },
  resume: async ({ target: name }: StallOrder) => {
    const target = mustKnow(name)
    for (const peer of target.stalled) peer.resume()
    await Promise.all([...target.stalled].map(({ ended }) => Promise.race([ended, Bun.sleep(5_000)])))
    const closedStalled = [...target.stalled].filter(({ isEnded }) => isEnded).length
    target.stalled.clear()
    return { closedStalled }
  },
  close: async ({ target: name }: CloseOrder) => {
    const target = targets.get(name)
    for (const peer of [...(target?.watchers ?? []), ...(target?.drivers ?? [])]) peer.end()
    targets.delete(name)
    return {}
  },
}

function mustKnow(name: string): Target {
  const target = targets.get(name)
  if (target === undefined) throw new Error(`nothing is open on ${name}`)
  return target
}

let lastMs = 0

/** A driver's frame; its time is when it was sent, and different for every one. */
function position(isSocketIo: boolean, sent: number, padding: string): string {
  const now = Date.now()
  lastMs = now > lastMs ? now : lastMs + 1
  const text = JSON.stringify({
    type: 'position_update',
    lat: -1.3 + (sent % 1000) / 1e5,
    lng: 36.8,
    ts: lastMs,
    ...(padding === '' ? {} : { padding }),
  })
  sentAt.set(lastMs, performance.now())
  if (sentAt.size > 5_000) for (const old of [...sentAt.keys()].slice(0, 1_000)) sentAt.delete(old)
  return isSocketIo ? `42${JSON.stringify(['position', text])}` : text
}

const sentAt = new Map<number, number>()

function sample(target: Target, _: Peer, text: string): void {
  const ts = Number(/ts\\?":(\d+)/.exec(text)?.[1])
  const at = sentAt.get(ts)
  if (at !== undefined) target.latenciesMs.push(performance.now() - at)
}

function arrived(target: Target, count: number): Promise<void> {
  if (target.deliveries >= count) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      target.look = () => {}
      reject(new Error(`${target.deliveries} of ${count} deliveries came`))
    }, patienceMs)
    target.look = () => {
      if (target.deliveries < count) return
      target.look = () => {}
      clearTimeout(timer)
      resolve()
    }
  })
}

process.on('message', (order: Order) => {
  orders[order.kind](order as never).then(
    (report) => process.send?.({ deliveries: 0, tookMs: 0, latenciesMs: [], closedStalled: 0, ...report } satisfies Report),
    (error: unknown) => process.send?.({ failure: String(error) }),
  )
})
process.send?.('ready')
