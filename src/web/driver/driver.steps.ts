import type { DeliveryState } from '../../domain/delivery/delivery.states.ts'
import type { FailReason } from '../../workflows/dispatch/fail-run.ts'

/** The button that comes next, by the state of the delivery. */
export function nextStep(state: DeliveryState): { verb: 'pickup' | 'depart' | 'arrive'; label: string } | undefined {
  if (state === 'assigned') return { verb: 'pickup', label: 'Picked up' }
  if (state === 'picked_up') return { verb: 'depart', label: 'Start' }
  if (state === 'failed') return { verb: 'depart', label: 'Try again' }
  if (state === 'en_route') return { verb: 'arrive', label: 'Arrived' }
  return undefined
}

/** What a rider may give as the reason, in their words. */
export const failChoices: readonly (readonly [FailReason, string])[] = [
  ['no_answer', 'No answer'],
  ['wrong_place', 'Wrong place'],
  ['refused', 'They do not want it'],
  ['no_money', 'No money'],
  ['closed', 'Closed'],
  ['accident', 'Accident'],
  ['other', 'Something else'],
]

/** What the page says after a button. */
export const doneWords: Readonly<Record<string, string>> = {
  on: 'You are on duty.',
  off: 'You are off duty.',
  accept: 'It is yours.',
  pickup: 'Picked up. The customer sees you from now on.',
  depart: 'On the way.',
  arrive: 'You are there. Ask for the code.',
  deliver: 'Delivered. Well done.',
  fail: 'Noted. The parcel stays with you; you can try again.',
}
