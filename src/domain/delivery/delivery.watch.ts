import type { Context } from '../../context.ts'
import { type CloseReason, closeCodes } from '../../platform/realtime/close-codes.ts'
import type { Present, Voice, Watch } from '../../platform/realtime/watch.ts'
import { arrivalOf } from './delivery.arrival.ts'
import { deliveryChannel, eventFacts, type PositionFacts } from './delivery.facts.ts'
import { oldStatusUpdateFrame } from './delivery.frames.ts'
import type { DeliveryRow } from './delivery.row.ts'
import { type DeliverySource, deliverySource } from './delivery.source.ts'
import { visibleDeliveryStates } from './delivery.states.ts'
import { type Dialect, roundTo, sseMessage } from './delivery.voices.ts'
import { endFrame, snapFrame } from './track-v1.frames.ts'
import { isInsiderRole, type Viewer, type WatchRight, type WatchRole } from './watch-right.ts'

/** What a watch of a delivery is made of. */
export interface DeliveryWatchOptions {
  readonly deliveryId: string
  readonly number: number
  readonly viewer: Viewer
  readonly role: WatchRole
  readonly dialect: Dialect
  readonly since?: number | undefined
  /** The client's name of the `sub` that is answered. */
  readonly requestId?: string | undefined
  readonly isOneOfMany?: boolean
}

/** Somebody watching one delivery, in one dialect, as what they are to it now. */
export class DeliveryWatch implements Watch {
  readonly deliveryId: string
  readonly number: number
  readonly viewer: Viewer
  readonly since: number | undefined
  readonly isOneOfMany: boolean
  readonly source: DeliverySource
  readonly #context: Context
  readonly #dialect: Dialect
  readonly #requestId: string | undefined
  #role: WatchRole

  constructor(context: Context, options: DeliveryWatchOptions) {
    this.#context = context
    this.source = deliverySource(context)
    this.deliveryId = options.deliveryId
    this.number = options.number
    this.viewer = options.viewer
    this.since = options.since
    this.isOneOfMany = options.isOneOfMany ?? false
    this.#dialect = options.dialect
    this.#requestId = options.requestId
    this.#role = options.role
  }

  get channel(): string {
    return deliveryChannel(this.deliveryId)
  }

  get role(): WatchRole {
    return this.#role
  }

  get voice(): Voice {
    return this.source.voices(this.#dialect, this.#role)
  }

  /** Takes in what the rule says now; answers why the watch has to end, if it has to. */
  learn(right: WatchRight): CloseReason | undefined {
    if (right.may) this.#role = right.role
    return closeReason(right)
  }

  greet(present: Present): string[] {
    const row = present.facts['row'] as DeliveryRow
    if (this.#dialect === 'old') {
      return [
        oldStatusUpdateFrame(eventFacts(row, { kind: row.state, state: row.state, at: row.createdAt })),
        ...(present.position === undefined ? [] : this.voice.say(present.position)),
      ]
    }
    const frame = this.#snapshot(row, present)
    return [this.#dialect === 'sse' ? sseMessage('snap', frame, present.version) : frame]
  }

  over(reason: CloseReason): string | undefined {
    if (this.#dialect === 'old') return undefined
    const frame = endFrame(this.channel, reason.reason)
    return this.#dialect === 'sse' ? sseMessage('end', frame) : frame
  }

  #snapshot(row: DeliveryRow, present: Present): string {
    const { since } = this
    const isInsider = isInsiderRole(this.#role)
    const position =
      present.position !== undefined && (isInsider || visibleDeliveryStates.includes(row.state)) ? present.position : undefined
    const places = isInsider ? 6 : this.#context.config.limits.positionShopperPlaces
    const facts = position?.facts as PositionFacts | undefined
    const isRecovered = since !== undefined && present.isComplete && since <= present.version
    if (since !== undefined) {
      const { counters } = this.#context.hub
      if (isRecovered) counters.resumesComplete += 1
      else counters.resumesIncomplete += 1
    }
    return snapFrame({
      channel: this.channel,
      requestId: this.#requestId,
      version: present.version,
      isRecovered,
      state: {
        id: row.id,
        number: row.number,
        role: this.#role,
        state: row.state,
        assignedAt: row.assignedAt?.toISOString() ?? null,
        pickedUpAt: row.pickedUpAt?.toISOString() ?? null,
        enRouteAt: row.enRouteAt?.toISOString() ?? null,
        arrivedAt: row.arrivedAt?.toISOString() ?? null,
        deliveredAt: row.deliveredAt?.toISOString() ?? null,
      },
      position:
        facts === undefined || position === undefined
          ? undefined
          : { version: position.version, facts: { ...facts, lat: roundTo(facts.lat, places), lng: roundTo(facts.lng, places) } },
      eta: facts === undefined ? undefined : arrivalOf(this.#context, row, facts),
      events: since === undefined ? [] : present.events.filter(({ version }) => version > since),
    })
  }
}

/** The close code that says why somebody may no longer watch; undefined when they may. */
export function closeReason(right: WatchRight): CloseReason | undefined {
  if (right.may) return right.isEnded ? closeCodes.ended : undefined
  return { not_found: closeCodes.notFound, signed_out: closeCodes.signedOut, forbidden: closeCodes.forbidden }[right.why]
}
