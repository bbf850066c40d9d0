import type { ServerWebSocket } from 'bun'
import type { CloseReason } from './close-codes.ts'
import type { InboundBucket } from './inbound-bucket.ts'
import type { LiveMessage } from './visit.ts'
import type { Visit } from './visit.ts'

// A socket whose peer does not read cannot be closed politely: the close frame waits behind everything else.
const terminateAfterMs = 2_000
const maxPendingWork = 32

/** One open socket. Kept in `ws.data`, so that the hub never has to compare Bun's wrapper objects. */
export class Connection {
  readonly visit: Visit
  readonly bucket: InboundBucket
  socket: ServerWebSocket<Connection> | undefined
  phase: 'joining' | 'live' | 'closed' = 'joining'
  /** What was published while the snapshot was being read. */
  waiting: LiveMessage[] = []
  /** Monotonic ms of the ping that has not been answered. */
  pingedAtMs: number | undefined
  nextPingMs: number
  nextRecheckMs: number
  /** Monotonic ms since when positions are withheld because the peer reads too slowly. */
  lagSinceMs: number | undefined
  #pending = 0
  #tail: Promise<void> = Promise.resolve()

  constructor(visit: Visit, bucket: InboundBucket, due: { nextPingMs: number; nextRecheckMs: number }) {
    this.visit = visit
    this.bucket = bucket
    this.nextPingMs = due.nextPingMs
    this.nextRecheckMs = due.nextRecheckMs
  }

  /** Bytes the peer has not taken yet. */
  get buffered(): number {
    return this.phase === 'closed' ? 0 : (this.socket?.getBufferedAmount() ?? 0)
  }

  /** Sends one frame to this socket alone. False when it was dropped or the socket is gone. */
  send(frame: string): boolean {
    return this.phase !== 'closed' && this.socket !== undefined && this.socket.sendText(frame) !== 0
  }

  /** Closes with a reason, and cuts the wire if the peer does not let go. */
  close(reason: CloseReason): void {
    const socket = this.socket
    if (socket === undefined || this.phase === 'closed') return
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
    this.#tail = this.#tail
      .then(task)
      .catch(failed)
      .finally(() => {
        this.#pending -= 1
      })
    return true
  }

  /** Ends when everything this socket asked for is done. */
  idle(): Promise<void> {
    return this.#tail
  }
}
