import { states } from '../../lib/states.ts'

/** What a batch of payouts can be. `closed`: each of its payouts has reached its vendor or has failed. */
export type PayoutBatchState = 'draft' | 'approved' | 'closed' | 'cancelled'

/** The allowed moves of a batch; the same table is enforced in the database (machine `payout_batch`). */
export const payoutBatchStates = states<PayoutBatchState>('draft', {
  draft: ['approved', 'cancelled'],
  approved: ['closed'],
  closed: [],
  cancelled: [],
})
