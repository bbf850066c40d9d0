import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { refusalFor } from '../../platform/http/errors.ts'
import type { Connection } from '../../platform/realtime/connection.ts'
import type { InboundLimits } from '../../platform/realtime/inbound-bucket.ts'
import type { Visit, Watch } from '../../platform/realtime/watch.ts'
import { errorFrame, pongFrame, readTrackFrame, type TrackFrame } from './delivery.frames.ts'
import type { DeliveryWatch } from './delivery.watch.ts'
import type { DriverDesk, OpenDesk } from './driver.desk.ts'
import type { FixRefusal } from './fix.rules.ts'

/** What a watcher's socket is made of. */
export interface TrackVisitOptions {
  readonly watch: DeliveryWatch
  readonly actor: Actor
  readonly address: string
  readonly openDesk: OpenDesk
}

// The predecessor's driver page sends everything it kept without signal in one burst. What is too much is dropped, as it dropped
// it; only a socket that goes on and on is closed.
const driverLimits: InboundLimits = { perSecond: 5, burst: 20, strikes: 500 }

// Words the predecessor's clients know; what it dropped without a word is dropped without one.
const oldRefusals: ReadonlySet<FixRefusal> = new Set(['invalid_payload', 'out_of_range', 'from_the_future'])

/** One socket on one delivery, speaking the predecessor's frames. */
export class TrackVisit implements Visit {
  readonly protocol = undefined
  readonly userId: string | undefined
  readonly address: string
  readonly inbound?: InboundLimits
  readonly watches: readonly Watch[]
  readonly #context: Context
  readonly #watch: DeliveryWatch
  readonly #actor: Actor
  readonly #openDesk: OpenDesk
  #opened: DriverDesk | undefined

  constructor(context: Context, { watch, actor, address, openDesk }: TrackVisitOptions) {
    this.#context = context
    this.#watch = watch
    this.#actor = actor
    this.#openDesk = openDesk
    this.address = address
    this.watches = [watch]
    this.userId = actor.kind === 'person' ? actor.accountId : undefined
    if (watch.role === 'driver') this.inbound = driverLimits
  }

  receive(connection: Connection, text: string | undefined): void {
    const frame = text === undefined ? ({ kind: 'malformed' } as const) : readTrackFrame(text)
    if (frame.kind === 'ping') connection.send(pongFrame)
    else if (frame.kind === 'malformed') connection.send(errorFrame('invalid_payload'))
    else if (frame.kind === 'position' || frame.kind === 'status') this.#act(connection, frame)
    // Words nobody knows are passed over, as the predecessor did.
  }

  refuse(connection: Connection, text: string | undefined): void {
    const isPosition = text !== undefined && this.#watch.role === 'driver' && readTrackFrame(text).kind === 'position'
    if (!isPosition) connection.send(errorFrame('too_many_requests'))
  }

  #act(connection: Connection, frame: Extract<TrackFrame, { kind: 'position' | 'status' }>): void {
    if (this.#watch.role !== 'driver') {
      connection.send(errorFrame('forbidden'))
      return
    }
    const isTaken = connection.work(
      () => (frame.kind === 'position' ? this.#position(connection, frame) : this.#status(frame)),
      (error) => this.#failed(connection, error),
    )
    if (!isTaken && frame.kind === 'status') connection.send(errorFrame('too_many_requests'))
  }

  get #desk(): DriverDesk {
    return (this.#opened ??= this.#openDesk(this.#context, this.#actor))
  }

  #status({ status, code, reason }: Extract<TrackFrame, { kind: 'status' }>): Promise<void> {
    return this.#desk.move({ deliveryId: this.#watch.deliveryId, to: status, code, reason })
  }

  async #position(connection: Connection, frame: Extract<TrackFrame, { kind: 'position' }>): Promise<void> {
    const fixedAt = typeof frame.ts === 'number' ? new Date(frame.ts) : undefined
    const outcome = await this.#desk.record(this.#watch.deliveryId, [
      { lat: frame.lat, lng: frame.lng, accuracyM: frame.accuracyM, fixedAt },
    ])
    const [refused] = outcome.refused
    if (refused !== undefined && oldRefusals.has(refused.why)) connection.send(errorFrame(refused.why))
  }

  #failed(connection: Connection, error: unknown): void {
    const refusal = refusalFor('', error)
    if (refusal.status >= 500) this.#context.log.error({ error, channel: this.#watch.channel }, 'a frame could not be worked on')
    const isForbidden = refusal.code === 'not_allowed' || refusal.code === 'not_found'
    connection.send(errorFrame(isForbidden ? 'forbidden' : refusal.code === 'internal' ? 'unavailable' : refusal.code))
  }
}
