/**
 * The live channel of a delivery from the client's side: reconnects with full jitter, sends the newest position only, and says
 * when to poll instead. Runs in browsers and in Bun; shared by the track page, the driver's page, the demo and the tests.
 */

/** Where the rider is, as told by the server. */
export interface LivePosition {
  readonly lat: number
  readonly lng: number
  readonly status: string | null
  /** Epoch milliseconds of the fix. */
  readonly ts: number
}

/** The state of the delivery, as told by the server. */
export interface LiveState {
  readonly id: number
  readonly status: string
  readonly assigned_at: string | null
  readonly picked_up_at: string | null
  readonly delivered_at: string | null
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
  position?(position: LivePosition): void
  state?(state: LiveState): void
  refused?(error: string): void
  link?(state: LinkState, code: number): void
}

export interface TrackingClient {
  /** Sends a position now, or the newest one once the channel is back. */
  sendPosition(position: { lat: number; lng: number; acc?: number }): void
  sendStatus(status: string, more?: { code?: string; reason?: string }): void
  /** Tries at once, because the network or the page is back. */
  retry(): void
  close(): void
}

const baseMs = 500
const capMs = 20_000
const stableMs = 30_000
const pingMs = 25_000
const pongMs = 10_000
const failuresToPoll = 3

/** Opens the channel and keeps it open until `close` or an end the server has given a reason for. */
export function trackDelivery(options: TrackingOptions): TrackingClient {
  let socket: WebSocket | undefined
  let failures = 0
  let isOver = false
  let unsent: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let pingTimer: ReturnType<typeof setTimeout> | undefined
  let stableTimer: ReturnType<typeof setTimeout> | undefined

  const say = (state: LinkState, code = 0): void => options.link?.(state, code)
  const send = (frame: string): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(frame)
    return true
  }

  function open(): void {
    clearTimeout(timer)
    if (isOver) return
    const mine =
      options.headers === undefined
        ? new WebSocket(options.url)
        : new WebSocket(options.url, { headers: options.headers } as unknown as string[])
    socket = mine
    mine.onopen = () => {
      // Only a channel that has held for a while counts as a success; else a server that closes at once is asked without end.
      stableTimer = setTimeout(() => (failures = 0), stableMs)
      if (unsent !== undefined && send(unsent)) unsent = undefined
      say('live')
      listenForSilence()
    }
    mine.onmessage = ({ data }) => {
      listenForSilence()
      hear(String(data))
    }
    mine.onclose = ({ code }) => {
      if (mine === socket) closed(code)
    }
  }

  /** Nothing heard for a while: ask; still nothing: the line is dead although nobody said so. */
  function listenForSilence(): void {
    clearTimeout(pingTimer)
    pingTimer = setTimeout(() => {
      send('{"type":"ping"}')
      pingTimer = setTimeout(() => socket?.close(), pongMs)
    }, pingMs)
  }

  function closed(code: number): void {
    socket = undefined
    clearTimeout(pingTimer)
    clearTimeout(stableTimer)
    if (isOver) return
    // 4000 to 4099: do not come back.
    if (code >= 4000 && code < 4100) {
      isOver = true
      return say('over', code)
    }
    failures += 1
    say(failures >= failuresToPoll ? 'down' : 'waiting', code)
    const leastMs = code >= 4100 && code < 4200 ? 5_000 : 0
    timer = setTimeout(open, leastMs + (options.random ?? Math.random)() * Math.min(capMs, baseMs * 2 ** failures))
  }

  function hear(text: string): void {
    const frame = JSON.parse(text) as { type?: string; error?: string }
    if (frame.type === 'position_update') options.position?.(frame as unknown as LivePosition)
    else if (frame.type === 'status_update') options.state?.(frame as unknown as LiveState)
    else if (frame.type === 'error') options.refused?.(frame.error ?? '')
  }

  open()
  return {
    sendPosition({ lat, lng, acc }) {
      const frame = JSON.stringify({ type: 'position_update', lat, lng, ...(acc === undefined ? {} : { acc }) })
      if (!send(frame)) unsent = frame
    },
    sendStatus: (status, more = {}) => void send(JSON.stringify({ type: 'status', status, ...more })),
    retry() {
      if (socket === undefined) open()
    },
    close() {
      isOver = true
      clearTimeout(timer)
      clearTimeout(pingTimer)
      clearTimeout(stableTimer)
      socket?.close()
    },
  }
}

/** The address of a socket path on the page's own host. */
export const socketUrl = (path: string, origin: string): string => `${origin.replace(/^http/, 'ws')}${path}`
