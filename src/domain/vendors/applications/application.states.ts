import { states } from '../../../lib/states.ts'

/** What an application to sell can be. A refused applicant may apply again. */
export type ApplicationState = 'pending' | 'approved' | 'rejected'

/** The allowed moves; the same table is enforced in the database (machine `vendor_application`). */
export const applicationStates = states<ApplicationState>('pending', { pending: ['approved', 'rejected'], approved: [], rejected: [] })
