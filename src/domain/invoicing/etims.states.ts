import { states } from '../../lib/states.ts'

/** How far a document is on its way to the revenue authority. `stuck` waits for a person. */
export type EtimsState = 'queued' | 'submitted' | 'accepted' | 'rejected' | 'stuck'

/** The allowed moves; the same table is enforced in the database (machine `etims`). A late word of the authority still counts. */
export const etimsStates = states<EtimsState>('queued', {
  queued: ['submitted', 'accepted', 'rejected', 'stuck'],
  submitted: ['accepted', 'rejected', 'stuck'],
  accepted: [],
  rejected: ['queued'],
  stuck: ['queued', 'accepted', 'rejected'],
})
