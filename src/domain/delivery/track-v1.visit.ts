import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { CloseReason } from '../../platform/realtime/close-codes.ts'
import { refusalFor } from '../../platform/http/errors.ts'
import type { Connection } from '../../platform/realtime/connection.ts'
import { mostWatches } from '../../platform/realtime/hub.ts'
import type { Visit, Watch } from '../../platform/realtime/watch.ts'
import { distanceM } from '../../lib/geo.ts'
import { findDelivery } from './delivery.row.ts'
import { deliveryChannel } from './delivery.facts.ts'
import { DeliveryWatch } from './delivery.watch.ts'
import type { DriverDesk, OpenDesk } from './driver.desk.ts'
import type { PositionOutcome } from './record-position.ts'
import { planSending, type SendingPlan } from './sending.plan.ts'
import {
  actionAckFrame,
  byeFrame,
  cfgFrame,
  endFrame,
  errFrame,
  fixAckFrame,
  hiFrame,
  pingV1Frame,
  pongV1Frame,
  readV1Frame,
  trackV1,
  type V1Frame,
} from './track-v1.frames.ts'
import { type Viewer, watchRight } from './watch-right.ts'

/** What a socket that speaks `track.v1` is made of. */
export interface TrackV1VisitOptions {
  readonly watch: DeliveryWatch
  readonly viewers: readonly Viewer[]
  readonly actor: Actor
  readonly address: string
  readonly openDesk: OpenDesk
}

type FrameOf<Kind extends V1Frame['kind']> = Extract<V1Frame, { kind: Kind }>

/** One socket that speaks `track.v1`: it came for one delivery and may watch more. */
export class TrackV1Visit implements Visit {
  readonly protocol = trackV1
  readonly userId: string | undefined
  readonly address: string
  readonly watches: readonly Watch[]
  readonly #context: Context
  readonly #main: DeliveryWatch
  readonly #viewers: readonly Viewer[]
  readonly #actor: Actor
  readonly #openDesk: OpenDesk
  #opened: DriverDesk | undefined
  #plans: Map<string, SendingPlan> | undefined

  constructor(context: Context, { watch, viewers, actor, address, openDesk }: TrackV1VisitOptions) {
    this.#context = context
    this.#main = watch
    this.#viewers = viewers
    this.#actor = actor
    this.#openDesk = openDesk
    this.address = address
    this.watches = [watch]
    this.userId = actor.kind === 'person' ? actor.accountId : undefined
  }

  hello(): string {
    return hiFrame(this.#context.ids.next(), this.#context.clock.now())
  }

  ping(): string {
    return pingV1Frame
  }

  bye({ code }: CloseReason, retryMs: number | undefined): string {
    return byeFrame(code, retryMs)
  }

  receive(connection: Connection, text: string | undefined): void {
    const frame = text === undefined ? ({ kind: 'malformed', id: undefined, n: undefined } as const) : readV1Frame(text)
    switch (frame.kind) {
      case 'ping':
        return void connection.send(pongV1Frame(frame.x))
      case 'pong':
        return this.#context.hub.heard(connection)
      case 'malformed':
        return refuseFrame(connection, new Refusal('invalid_frame'), frame)
      case 'unknown':
        return refuseFrame(connection, new Refusal('unknown_frame'), frame)
      case 'sub':
        return this.#work(connection, frame, () => this.#subscribe(connection, frame))
      case 'unsub':
        return this.#unsubscribe(connection, frame)
      case 'fixes':
        return this.#work(connection, { n: frame.fixes.at(-1)?.n }, () => this.#fixes(connection, frame))
      case 'step':
        return this.#work(connection, frame, () => this.#step(connection, frame))
    }
  }

  refuse(connection: Connection, text: string | undefined): void {
    const frame = text === undefined ? undefined : readV1Frame(text)
    const to = frame?.kind === 'fixes' ? { n: frame.fixes.at(-1)?.n } : frame !== undefined && 'id' in frame ? { id: frame.id } : {}
    refuseFrame(connection, new Refusal('too_many_requests'), to)
  }

  get #desk(): DriverDesk {
    return (this.#opened ??= this.#openDesk(this.#context, this.#actor))
  }

  #work(connection: Connection, to: AnswerTo, task: () => Promise<void>): void {
    const isTaken = connection.work(task, (error) => {
      const refusal = refusalFor('', error)
      if (refusal.status >= 500) this.#context.log.error({ error, channel: this.#main.channel }, 'a frame could not be worked on')
      refuseFrame(connection, refusal.code === 'internal' ? new Refusal('unavailable') : refusal, to)
    })
    if (!isTaken) refuseFrame(connection, new Refusal('too_many_requests'), to)
  }

  async #subscribe(connection: Connection, { key, id, since }: FrameOf<'sub'>): Promise<void> {
    const delivery = await findDelivery(this.#context.db, key)
    if (delivery === undefined) throw new Refusal('not_found')
    for (const viewer of this.#viewers) {
      const right = await watchRight(this.#context.db, this.#context.clock.now(), delivery.id, viewer)
      if (!right.may) continue
      const isMain = delivery.id === this.#main.deliveryId
      const watch = new DeliveryWatch(this.#context, {
        deliveryId: delivery.id,
        number: delivery.number,
        viewer,
        role: right.role,
        dialect: 'v1',
        since,
        requestId: id,
        isOneOfMany: !isMain,
      })
      if (!this.#context.hub.watch(connection, watch))
        throw new Refusal('too_many_requests', { detail: `A socket watches at most ${mostWatches} deliveries.` })
      return
    }
    throw new Refusal('not_allowed')
  }

  #unsubscribe(connection: Connection, { key }: FrameOf<'unsub'>): void {
    const watch = this.#watchOf(connection, key)
    if (watch === undefined) return refuseFrame(connection, new Refusal('not_found'), {})
    this.#context.hub.unwatch(connection, watch.channel)
    connection.send(endFrame(watch.channel, 'unsubscribed'))
  }

  async #fixes(connection: Connection, { key, fixes, battery }: FrameOf<'fixes'>): Promise<void> {
    const watch = this.#mustDrive(connection, key)
    const outcome = await this.#desk.recordAndKeep(
      watch.deliveryId,
      fixes.map(({ fix }) => fix),
    )
    const most = fixes.reduce((sum, { n }) => Math.max(sum, n), 0)
    const bad = outcome.refused.map(({ index, why }) => [fixes[index]?.n ?? 0, why] as const)
    connection.send(fixAckFrame(most, bad))
    await this.#tellPlan(connection, watch, outcome, battery)
  }

  async #step(connection: Connection, { key, id, to, at, code, reason }: FrameOf<'step'>): Promise<void> {
    const watch = this.#mustDrive(connection, key)
    await this.#desk.move({ deliveryId: watch.deliveryId, to, code, reason, clientId: id, occurredAt: at })
    connection.send(actionAckFrame(id))
  }

  /** Tells the phone how to send from now on, when that has changed. */
  async #tellPlan(connection: Connection, watch: DeliveryWatch, outcome: PositionOutcome, battery: number | undefined): Promise<void> {
    const { delivery, newest } = outcome
    if (delivery === undefined || newest === undefined) return
    const plan = planSending({
      state: delivery.state,
      isWatched: await this.#isWatched(watch),
      distanceM: distanceM(newest, { lat: delivery.destLat, lng: delivery.destLng }),
      speedMps: newest.speedMps,
      battery,
    })
    const before = this.#plans?.get(watch.deliveryId)
    if (
      before !== undefined &&
      before.intervalMs === plan.intervalMs &&
      before.minMoveM === plan.minMoveM &&
      before.accuracyM === plan.accuracyM
    )
      return
    this.#plans ??= new Map()
    this.#plans.set(watch.deliveryId, plan)
    connection.send(cfgFrame(watch.deliveryId, plan))
  }

  async #isWatched(watch: DeliveryWatch): Promise<boolean> {
    const { hub } = this.#context
    const channel = deliveryChannel(watch.deliveryId)
    if (hub.watchersOf(channel, (other) => (other as DeliveryWatch).role !== 'driver') > 0) return true
    // This process listens too; any other does because somebody watches there. Unknown counts as watched: better too often.
    return ((await hub.processesWatching(channel)) ?? 2) > 1
  }

  /** The watch a driver's frame is about. Refuses with `not_found` for one this socket does not watch, `not_allowed`. */
  #mustDrive(connection: Connection, key: string | undefined): DeliveryWatch {
    const watch = key === undefined ? this.#main : this.#watchOf(connection, key)
    if (watch === undefined) throw new Refusal('not_found')
    if (watch.role !== 'driver') throw new Refusal('not_allowed')
    return watch
  }

  #watchOf(connection: Connection, key: string): DeliveryWatch | undefined {
    const name = key.toLowerCase()
    return connection.members
      .map(({ watch }) => watch as DeliveryWatch)
      .find(({ deliveryId, number }) => deliveryId === name || String(number) === name)
  }
}

interface AnswerTo {
  readonly id?: string | undefined
  readonly n?: number | undefined
}

function refuseFrame(connection: Connection, refusal: Refusal, { id, n }: AnswerTo): void {
  connection.send(errFrame(refusal, { ...(id === undefined ? {} : { id }), ...(n === undefined ? {} : { n }) }))
}
