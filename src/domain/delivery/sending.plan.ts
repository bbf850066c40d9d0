import { seconds } from '../../lib/time.ts'
import type { DeliveryState } from './delivery.states.ts'

/** How a driver's phone is asked to send: at most every, only after moving, and how exact the fixes should be. */
export interface SendingPlan {
  readonly intervalMs: number
  readonly minMoveM: number
  readonly accuracyM: number
}

/** What the plan depends on. */
export interface SendingSituation {
  readonly state: DeliveryState
  readonly isWatched: boolean
  /** Straight-line metres to the door; undefined while unknown. */
  readonly distanceM: number | undefined
  readonly speedMps: number | null
  /** Percent, if the phone says. */
  readonly battery: number | undefined
}

const nearM = 1_000
const stillMps = 0.5
const lowBattery = 20

/**
 * How often to send (design: realtime.md section 3 and storefront.md 4.4): often when somebody looks and the door is near, seldom
 * when nobody does, half as often on a low battery. A phone that stands still sends a sign of life. Pure.
 */
export function planSending({ state, isWatched, distanceM, speedMps, battery }: SendingSituation): SendingPlan {
  const isTired = battery !== undefined && battery < lowBattery
  const base = basePlan()
  return isTired ? { ...base, intervalMs: base.intervalMs * 2, accuracyM: 100 } : base

  function basePlan(): SendingPlan {
    if (state === 'assigned' || state === 'picked_up' || state === 'returning')
      return { intervalMs: seconds(30), minMoveM: 100, accuracyM: 100 }
    if (speedMps !== null && speedMps < stillMps) return { intervalMs: seconds(30), minMoveM: 25, accuracyM: 50 }
    if (!isWatched) return { intervalMs: seconds(30), minMoveM: 100, accuracyM: 50 }
    if (state === 'arriving' || (distanceM !== undefined && distanceM < nearM))
      return { intervalMs: seconds(2), minMoveM: 5, accuracyM: 20 }
    return { intervalMs: seconds(5), minMoveM: 25, accuracyM: 50 }
  }
}
