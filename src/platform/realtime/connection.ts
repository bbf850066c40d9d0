import type { ServerWebSocket } from 'bun'
import type { CloseReason } from './close-codes.ts'
import type { InboundBucket } from './inbound-bucket.ts'
import type { Membership } from './membership.ts'
import type { Visit } from './watch.ts'

// A socket whose peer does not read cannot be closed politely: the close frame waits behind everything else.
const terminateAfterMs = 2_000
const maxPendingWork = 32

/** Where frames go that are not sent over a WebSocket: an answer that does not end. */
export interface FrameStream {
  /** False when the reader is behind. */
  send(frame: string): boolean
  end(reason: CloseReason): void
  /** Bytes not taken yet. */
  buffered(): number
}

/** One open socket or stream. Kept in `ws.data`, so that the hub never has to compare Bun's wrapper objects. */
export class Connection {
  readonly visit: Visit
  readonly bucket: InboundBucket | undefined
  readonly stream: FrameStream | undefined
  socket: ServerWebSocket<Connection> | undefined
  isClosed = false
  /** What it watches; the first one is what it came for. */
  members: readonly Membership[] = []
  /** Monotonic ms of the ping that has not been answered. */
  pingedAtMs: number | undefined
  nextPingMs: number
  /** Monotonic ms since when positions are withheld because the peer reads too slowly. */
  lagSinceMs: number | undefined
  #pending = 0
  #tail: Promise<void> | undefined

  constructor(visit: Visit, options: { bucket?: InboundBucket; stream?: FrameStream; nextPingMs: number }) {
    this.visit = visit
    this.bucket = options.bucket
    this.stream = options.stream
    this.nextPingMs = options.nextPingMs
  }

  get isStream(): boolean {
    return this.stream !== undefined
  }

  /** Bytes the peer has not taken yet. */
  get buffered(): number {
    if (this.isClosed) return 0
    return this.stream?.buffered() ?? this.socket?.getBufferedAmount() ?? 0
  }

  /** Sends one frame to this one alone. False when it was dropped or the peer is gone or behind. */
  send(frame: string): boolean {
    if (this.isClosed) return false
    if (this.stream !== undefined) return this.stream.send(frame)
    return this.socket !== undefined && this.socket.sendText(frame) !== 0
  }

  /** Closes with a reason, and cuts the wire if the peer does not let go. `retryMs`: when to come back, if we know better. */
  close(reason: CloseReason, retryMs?: number): void {
    if (this.isClosed) return
    if (this.stream !== undefined) {
      const goodbye = this.visit.bye?.(reason, retryMs)
      if (goodbye !== undefined) this.stream.send(goodbye)
      this.isClosed = true
      this.stream.end(reason)
      return
    }
    const { socket } = this
    if (socket === undefined) return
    const goodbye = this.visit.bye?.(reason, retryMs)
    if (goodbye !== undefined) socket.sendText(goodbye)
    socket.close(reason.code, reason.reason)
    setTimeout(() => {
      if (this.socket !== undefined) socket.terminate()
    }, terminateAfterMs).unref()
  }

  /**
   * Runs work for this socket after what it asked before, so that two frames of one client never overtake each other.
   * False when too much is waiting already; the work is then not done.
   */
  work(task: () => Promise<void>, failed: (error: unknown) => void): boolean {
    if (this.#pending >= maxPendingWork) return false
    this.#pending += 1
    this.#tail = (this.#tail ?? Promise.resolve())
      .then(task)
      .catch(failed)
      .finally(() => {
        this.#pending -= 1
        if (this.#pending === 0) this.#tail = undefined
      })
    return true
  }

  /** Ends when everything this socket asked for is done. */
  async idle(): Promise<void> {
    while (this.#tail !== undefined) await this.#tail
  }
}
