/**
 * The live channel of a delivery from the client's side, in `track.v1` (the AsyncAPI document beside Swagger describes it for apps
 * of other kinds). Reconnects with full jitter and goes on from the last event heard; keeps what a driver has to tell until it is
 * acknowledged. Runs in browsers and in Bun; shared by the track page, the driver's page, `shop drive`, the demo and the tests.
 */
import { OfflineQueue, type QueueStore } from './offline-queue.ts'

/** Where the rider is, as told by the server. */
export interface LivePosition {
  readonly lat: number
  readonly lng: number
  readonly acc: number | null
  readonly spd: number | null
  readonly brg: number | null
  /** Epoch milliseconds of the fix. */
  readonly ts: number
}

/** The state of the delivery, as told by the server. */
export interface LiveState {
  readonly status: string
  readonly assignedAt: string | null
  readonly pickedUpAt: string | null
  readonly deliveredAt: string | null
}

/** Something that happened; `o` counts without gaps. */
export interface LiveEvent extends LiveState {
  readonly o: number
  readonly kind: string
  readonly at: string
}

/** How a driver's phone is asked to send. */
export interface SendingWish {
  readonly intervalMs: number
  readonly minMoveM: number
  readonly accuracyM: number
}

/** How the channel is: `down` after three failures in a row (poll meanwhile), `over` when nothing will come any more. */
export type LinkState = 'live' | 'waiting' | 'down' | 'over'

export interface TrackingOptions {
  /** `wss://host/ws/delivery/track/<id>`, with `?token=` for a holder of the link. */
  readonly url: string
  /** For clients that are no browsers: `authorization`. */
  readonly headers?: Record<string, string>
  /** Where the jitter comes from. */
  readonly random?: () => number
  /** Where unsent fixes and actions survive a closed page. */
  readonly store?: QueueStore
  position?(position: LivePosition): void
  state?(state: LiveState): void
  event?(event: LiveEvent): void
  /** More was missed than is told again: load the delivery another way. */
  missed?(): void
  plan?(wish: SendingWish): void
  refused?(error: string): void
  link?(state: LinkState, code: number): void
}

/** A position to send. Without `ts` it was taken just now and its time is not to be relied on. */
export interface OwnPosition {
  readonly lat: number
  readonly lng: number
  readonly acc?: number
  readonly spd?: number
  readonly brg?: number
  readonly ts?: number
}

export interface TrackingClient {
  /** Sends a position now, or once the channel is back. */
  sendPosition(position: OwnPosition): void
  /** Does a step of the delivery now, or once the channel is back; once, however often it has to be sent. */
  sendStatus(status: string, more?: { code?: string; reason?: string }): void
  /** How many fixes and actions have not been acknowledged. */
  unsent(): number
  /** Tries at once, because the network or the page is back. */
  retry(): void
  close(): void
}

const baseMs = 500
const capMs = 20_000
const stableMs = 30_000
// The server pings every 25 s; nothing for this long means that the line is dead although nobody said so.
const silentMs = 35_000
const failuresToPoll = 3
const protocol = 'track.v1'

/** Opens the channel and keeps it open until `close` or an end the server has given a reason for. */
export function trackDelivery(options: TrackingOptions): TrackingClient {
  const queue = new OfflineQueue(options.store)
  const sessionId = Math.random().toString(36).slice(2, 12)
  let socket: WebSocket | undefined
  let failures = 0
  let isOver = false
  let isReady = false
  /** What was sent and not answered: an action's id, or the last number of some fixes. */
  let asked: string | number | undefined
  let heard: number | undefined
  let positionVersion = 0
  let comeBackMs: number | undefined
  let lastLoose: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let silenceTimer: ReturnType<typeof setTimeout> | undefined
  let stableTimer: ReturnType<typeof setTimeout> | undefined
  let queueTimer: ReturnType<typeof setTimeout> | undefined

  const say = (state: LinkState, code = 0): void => options.link?.(state, code)
  const send = (frame: object | string): boolean => {
    if (socket?.readyState !== WebSocket.OPEN || !isReady) return false
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    return true
  }

  function open(): void {
    clearTimeout(timer)
    if (isOver) return
    const url = heard === undefined ? options.url : `${options.url}${options.url.includes('?') ? '&' : '?'}off=${heard}`
    const mine =
      options.headers === undefined
        ? new WebSocket(url, protocol)
        : new WebSocket(url, { headers: options.headers, protocols: [protocol] } as unknown as string[])
    socket = mine
    mine.onopen = () => {
      // Only a channel that has held for a while counts as a success; else a server that closes at once is asked without end.
      stableTimer = setTimeout(() => (failures = 0), stableMs)
      say('live')
      listenForSilence()
    }
    mine.onmessage = ({ data }) => {
      listenForSilence()
      hear(JSON.parse(String(data)) as Frame)
    }
    mine.onclose = ({ code }) => {
      if (mine === socket) closed(code)
    }
  }

  function listenForSilence(): void {
    clearTimeout(silenceTimer)
    silenceTimer = setTimeout(() => socket?.close(), silentMs)
  }

  function closed(code: number): void {
    socket = undefined
    isReady = false
    asked = undefined
    for (const each of [silenceTimer, stableTimer, queueTimer]) clearTimeout(each)
    if (isOver) return
    // 4000 to 4099: do not come back.
    if (code >= 4000 && code < 4100) {
      isOver = true
      return say('over', code)
    }
    failures += 1
    say(failures >= failuresToPoll ? 'down' : 'waiting', code)
    const leastMs = code >= 4100 && code < 4200 ? 5_000 : 0
    timer = setTimeout(open, comeBackMs ?? leastMs + (options.random ?? Math.random)() * Math.min(capMs, baseMs * 2 ** failures))
    comeBackMs = undefined
  }

  function hear(frame: Frame): void {
    switch (frame.t) {
      case 'snap':
        return greet(frame)
      case 'pos':
        return move(frame)
      case 'evt':
        return happen(frame)
      case 'ack':
        for (const [, why] of frame.bad ?? []) options.refused?.(why)
        // A place without a time stands beside the queue.
        if (frame.n === 0) return
        queue.drop(frame.id === undefined ? { upTo: Number(frame.n) } : { id: frame.id })
        return answered(frame)
      case 'err':
        return refuse(frame)
      case 'cfg':
        return options.plan?.({ intervalMs: frame.ivl ?? 5_000, minMoveM: frame.min ?? 0, accuracyM: frame.acc ?? 50 })
      case 'ping':
        return void send({ t: 'pong', x: frame.x })
      case 'bye':
        comeBackMs = frame.retry
        return
      case 'hi':
      case 'pong':
      case 'end':
        // The close that follows an end says the same.
        return
    }
  }

  function greet(frame: SnapFrame): void {
    const before = heard
    for (const event of frame.evs ?? []) happen(event)
    heard = frame.off
    if (before !== undefined && frame.rec !== true) options.missed?.()
    const { state = '', assignedAt = null, pickedUpAt = null, deliveredAt = null } = frame.st ?? {}
    options.state?.({ status: state, assignedAt, pickedUpAt, deliveredAt })
    if (frame.pos !== null && frame.pos !== undefined) move(frame.pos)
    isReady = true
    if (lastLoose !== undefined && send(lastLoose)) lastLoose = undefined
    tellNext()
  }

  function move(position: PositionWords): void {
    if (position.s <= positionVersion) return
    positionVersion = position.s
    options.position?.(position)
  }

  function happen({ o, k, st, at, assignedAt, pickedUpAt, deliveredAt }: EventWords): void {
    if (heard !== undefined && o <= heard) return
    heard = o
    const state = { status: st, assignedAt, pickedUpAt, deliveredAt }
    options.event?.({ ...state, o, kind: k, at })
    options.state?.(state)
  }

  function answered({ id, n }: Frame): void {
    if ((id ?? n) !== asked) return
    asked = undefined
    tellNext()
  }

  function refuse(frame: Frame): void {
    const { c = '', id, n, retry } = frame
    if (retry !== undefined || c === 'unavailable' || c === 'too_many_requests') {
      clearTimeout(queueTimer)
      queueTimer = setTimeout(() => answered(frame), (retry ?? 2) * 1_000)
      return
    }
    // Refused for good: sending it again would be refused again.
    if (id !== undefined) queue.drop({ id })
    else if (n !== undefined) queue.drop({ upTo: n })
    options.refused?.(c === 'not_allowed' || c === 'not_found' ? 'forbidden' : c)
    answered(frame)
  }

  /** Tells what is next in the queue, when the one before has been acknowledged. */
  function tellNext(): void {
    const head = queue.head()
    if (asked !== undefined || head === undefined) return
    if ('step' in head) {
      const { id, to, at, code, reason } = head.step
      const proof = code === undefined ? {} : { proof: { code } }
      if (send({ t: 'st', id, to, at, ...(reason === undefined ? {} : { reason }), ...proof })) asked = id
      return
    }
    const { fixes } = head
    const [n, ts, lat, lng, acc, spd, brg] = fixes[0] ?? []
    const frame =
      fixes.length === 1 ? { t: 'pos', sid: sessionId, n, ts, lat, lng, acc, spd, brg } : { t: 'posb', sid: sessionId, f: fixes }
    if (send(frame)) asked = fixes.at(-1)?.[0]
  }

  open()
  return {
    sendPosition({ lat, lng, acc, spd, brg, ts }) {
      if (ts === undefined) {
        // Of places without a time only the newest is worth anything. Number 0 is none of the queue's.
        const frame = JSON.stringify({ t: 'pos', sid: sessionId, n: 0, lat, lng, ...(acc === undefined ? {} : { acc }) })
        if (!send(frame)) lastLoose = frame
        return
      }
      queue.add({ fix: [queue.number(), ts, lat, lng, acc ?? null, spd ?? null, brg ?? null] })
      tellNext()
    },
    sendStatus(status, more = {}) {
      queue.add({ step: { id: crypto.randomUUID(), to: status, at: Date.now(), ...more } })
      tellNext()
    },
    unsent: () => queue.length,
    retry() {
      if (socket === undefined) open()
    },
    close() {
      isOver = true
      for (const each of [timer, silenceTimer, stableTimer, queueTimer]) clearTimeout(each)
      socket?.close()
    },
  }
}

interface PositionWords extends LivePosition {
  readonly s: number
}

interface EventWords {
  readonly o: number
  readonly k: string
  readonly st: string
  readonly at: string
  readonly assignedAt: string | null
  readonly pickedUpAt: string | null
  readonly deliveredAt: string | null
}

type SnapWords = Partial<Pick<LiveState, 'assignedAt' | 'pickedUpAt' | 'deliveredAt'>> & { readonly state?: string }

interface SnapFrame extends Loose {
  readonly t: 'snap'
  readonly off: number
  readonly st?: SnapWords
}

/** A frame of the server: every kind with what it may hold. */
type Frame =
  | SnapFrame
  | ({ readonly t: 'evt' } & EventWords & Loose)
  | ({ readonly t: 'pos' } & PositionWords & Loose)
  | ({ readonly t: 'hi' | 'ack' | 'err' | 'cfg' | 'ping' | 'pong' | 'end' | 'bye'; readonly acc?: number } & Loose)
interface Loose {
  readonly rec?: boolean
  readonly pos?: PositionWords | null
  readonly evs?: readonly EventWords[]
  readonly id?: string
  readonly n?: number
  readonly bad?: readonly (readonly [number, string])[]
  readonly c?: string
  readonly retry?: number
  readonly ivl?: number
  readonly min?: number
  readonly x?: unknown
}

/** The address of a socket path on the page's own host. */
export const socketUrl = (path: string, origin: string): string => `${origin.replace(/^http/, 'ws')}${path}`
