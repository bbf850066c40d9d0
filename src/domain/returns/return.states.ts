import { states } from '../../lib/states.ts'

/** What a return can be. Received ends it: what was in the parcel is paid back from then on, and a later thought is a new return. */
export type ReturnState = 'requested' | 'approved' | 'received' | 'refused' | 'cancelled'

/** The allowed moves of a return. The same table is enforced in the database (state_transitions, machine `return`). */
export const returnStates = states<ReturnState>('requested', {
  // Received at once: brought to the counter, or handed to the rider at the door.
  requested: ['approved', 'received', 'refused', 'cancelled'],
  approved: ['received', 'refused', 'cancelled'],
  received: [],
  refused: [],
  cancelled: [],
})
