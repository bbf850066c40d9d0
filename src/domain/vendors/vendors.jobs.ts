import type { Context } from '../../context.ts'
import { closeDays } from './close-days.ts'

/** Work of the night. */
export function vendorsJobs(context: Context): void {
  context.jobs.schedule('close-vendor-days', '25 0 * * *', async () => await closeDays(context))
}
