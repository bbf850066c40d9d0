import type { Context } from '../../context.ts'
import { forgetChanges } from './forget-changes.ts'

/** Background work of the catalogue. */
export function catalogJobs(context: Pick<Context, 'jobs' | 'db'>): void {
  context.jobs.schedule('forget-catalogue-changes', '20 4 * * *', async () => await forgetChanges(context.db))
}
