import { distanceM, type Place } from '../../lib/geo.ts'
import type { DeliveryState } from './delivery.states.ts'

/** Where a rider counts as at the gate, and where as gone again. Apart, so that a fix that trembles on the line moves nothing. */
export const fence = { enterM: 150, leaveM: 300, accuracyM: 50 } as const

/** A fix the fence may go by. */
export interface FenceFix extends Place {
  readonly accuracyM: number | null
}

/**
 * What crossing the fence makes of a delivery: `arriving` after two exact fixes in a row within 150 m of the shopper's pin,
 * `en_route` again after two beyond 300 m; undefined while nothing changes (design: realtime.md section 3). Pure.
 */
export function crossing(
  state: DeliveryState,
  door: Place,
  before: FenceFix | undefined,
  fix: FenceFix,
): 'arriving' | 'en_route' | undefined {
  if (before === undefined || !isExact(before) || !isExact(fix)) return undefined
  const farthest = Math.max(distanceM(before, door), distanceM(fix, door))
  const nearest = Math.min(distanceM(before, door), distanceM(fix, door))
  if (state === 'en_route' && farthest <= fence.enterM) return 'arriving'
  return state === 'arriving' && nearest > fence.leaveM ? 'en_route' : undefined
}

// A phone that does not say how exact it is was accepted as exact enough to show.
const isExact = ({ accuracyM }: FenceFix): boolean => (accuracyM ?? 0) <= fence.accuracyM
