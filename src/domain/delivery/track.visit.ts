import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { type CloseReason, closeCodes } from '../../platform/realtime/close-codes.ts'
import type { Connection } from '../../platform/realtime/connection.ts'
import type { Snapshot, Visit } from '../../platform/realtime/visit.ts'
import { deliveryChannel } from './announce-delivery.ts'
import { errorFrame, pongFrame, readTrackFrame, type TrackFrame } from './delivery.frames.ts'
import { readDeliverySnapshot } from './delivery.snapshot.ts'
import type { PositionThrottle } from './position.throttle.ts'
import { recordPosition } from './record-position.ts'
import { isInsiderRole, type Viewer, type WatchRight, type WatchRole, watchRight } from './watch-right.ts'

/** Moves a delivery for its driver, as a status frame asks. Handed in, because it moves the order too. */
export type MoveByFrame = (frame: Extract<TrackFrame, { kind: 'status' }>) => Promise<void>

/** What a watcher's socket is made of. */
export interface TrackVisitOptions {
  readonly deliveryId: string
  readonly actor: Actor
  readonly viewer: Viewer
  readonly role: WatchRole
  readonly address: string
  readonly throttle: PositionThrottle
  readonly move: MoveByFrame
}

/** One socket on one delivery, speaking the predecessor's frames. */
export class TrackVisit implements Visit {
  readonly channel: string
  readonly userId: string | undefined
  readonly address: string
  readonly #context: Context
  readonly #options: TrackVisitOptions
  #role: WatchRole

  constructor(context: Context, options: TrackVisitOptions) {
    this.#context = context
    this.#options = options
    this.#role = options.role
    this.channel = deliveryChannel(options.deliveryId)
    this.userId = options.actor.kind === 'person' ? options.actor.accountId : undefined
    this.address = options.address
  }

  isInsider(): boolean {
    return isInsiderRole(this.#role)
  }

  readSnapshot(): Promise<Snapshot | undefined> {
    return readDeliverySnapshot(this.#context, this.#options.deliveryId)
  }

  async recheck(): Promise<CloseReason | undefined> {
    const right = await watchRight(this.#context.db, this.#context.clock.now(), this.#options.deliveryId, this.#options.viewer)
    if (right.may) this.#role = right.role
    return closeReason(right)
  }

  receive(connection: Connection, text: string | undefined): void {
    const frame = text === undefined ? ({ kind: 'malformed' } as const) : readTrackFrame(text)
    if (frame.kind === 'ping') connection.send(pongFrame)
    else if (frame.kind === 'malformed') connection.send(errorFrame('invalid_payload'))
    else if (frame.kind === 'position' || frame.kind === 'status') this.#act(connection, frame)
    // Words nobody knows are passed over, as the predecessor did.
  }

  refuse(connection: Connection): void {
    connection.send(errorFrame('too_many_requests'))
  }

  #act(connection: Connection, frame: Extract<TrackFrame, { kind: 'position' | 'status' }>): void {
    if (this.#role !== 'driver') {
      connection.send(errorFrame('forbidden'))
      return
    }
    const isTaken = connection.work(
      () => (frame.kind === 'position' ? this.#position(connection, frame) : this.#options.move(frame)),
      (error) => this.#failed(connection, error),
    )
    if (!isTaken) connection.send(errorFrame('too_many_requests'))
  }

  async #position(connection: Connection, frame: Extract<TrackFrame, { kind: 'position' }>): Promise<void> {
    const { deliveryId, actor, throttle } = this.#options
    const outcome = await recordPosition(this.#context, throttle, {
      deliveryId,
      driverId: this.userId ?? '',
      actor,
      fixes: [
        {
          lat: frame.lat,
          lng: frame.lng,
          accuracyM: frame.accuracyM,
          fixedAt: typeof frame.ts === 'number' ? new Date(frame.ts) : undefined,
        },
      ],
    })
    const [refused] = outcome.refused
    if (refused !== undefined) connection.send(errorFrame(refused.why))
  }

  #failed(connection: Connection, error: unknown): void {
    if (error instanceof Refusal) {
      connection.send(errorFrame(error.code === 'not_allowed' || error.code === 'not_found' ? 'forbidden' : error.code))
      return
    }
    this.#context.log.error({ error, channel: this.channel }, 'a frame could not be worked on')
    connection.send(errorFrame('unavailable'))
  }
}

/** The close code that says why somebody may no longer watch; undefined when they may. */
export function closeReason(right: WatchRight): CloseReason | undefined {
  if (right.may) return right.isEnded ? closeCodes.ended : undefined
  return { not_found: closeCodes.notFound, signed_out: closeCodes.signedOut, forbidden: closeCodes.forbidden }[right.why]
}
