import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { positionThrottle } from './position.throttle.ts'
import { type PositionOutcome, type PositionReport, recordPosition, tellLater } from './record-position.ts'

/** A step of a delivery its driver asks for over a socket. */
export interface FrameStep {
  readonly deliveryId: string
  readonly to: string
  readonly code: unknown
  readonly reason: unknown
  /** The phone's own id of the action; sending it again changes nothing. */
  readonly clientId?: string | undefined
  readonly occurredAt?: Date | undefined
}

/** Moves a delivery for its driver. Handed in, because it moves the order too. */
export type MoveByFrame = (step: FrameStep) => Promise<void>

/** Opens the desk of somebody who turns out to be a driver; most who watch never need one. */
export type OpenDesk = (context: Context, actor: Actor) => DriverDesk

interface Later {
  readonly timer: ReturnType<typeof setTimeout>
}

/** What a driver does over a socket, whichever words they use. */
export class DriverDesk {
  readonly actor: Actor
  readonly move: MoveByFrame
  readonly #context: Context
  readonly #later = new Map<string, Later>()

  constructor(context: Context, actor: Actor, move: MoveByFrame) {
    this.#context = context
    this.actor = actor
    this.move = move
  }

  get driverId(): string {
    return this.actor.kind === 'person' ? this.actor.accountId : ''
  }

  /** Takes fixes; see `recordPosition`. */
  record(deliveryId: string, fixes: PositionReport['fixes']): Promise<PositionOutcome> {
    return recordPosition(this.#context, positionThrottle(this.#context), { deliveryId, driverId: this.driverId, actor: this.actor, fixes })
  }

  /**
   * Takes fixes, and tells the newest when its time comes if it is too soon now: a rider who stops must not be shown for good at
   * the place before.
   */
  async recordAndKeep(deliveryId: string, fixes: PositionReport['fixes']): Promise<PositionOutcome> {
    const outcome = await this.record(deliveryId, fixes)
    const { tooSoon } = outcome
    if (outcome.isPublished || tooSoon !== undefined) this.#forget(deliveryId)
    if (tooSoon !== undefined) {
      const throttle = positionThrottle(this.#context)
      const report = { deliveryId, driverId: this.driverId, actor: this.actor, fixes: [] }
      const timer = setTimeout(
        () => {
          this.#later.delete(deliveryId)
          tellLater(this.#context, throttle, report, tooSoon).catch((error: unknown) =>
            this.#context.log.warn({ error, deliveryId }, 'a position could not be told later'),
          )
        },
        throttle.waitMs(this.driverId, deliveryId) + 5,
      ).unref()
      this.#later.set(deliveryId, { timer })
    }
    return outcome
  }

  #forget(deliveryId: string): void {
    clearTimeout(this.#later.get(deliveryId)?.timer)
    this.#later.delete(deliveryId)
  }
}
