import type { Context } from '../context.ts'
import { checkInvariants } from './check-invariants.ts'

/** The night watch: every invariant is asked, and what is broken is told to whoever reads the log and to the job's own row. */
export function upkeepJobs({ jobs, db, log }: Pick<Context, 'jobs' | 'db' | 'log'>): void {
  jobs.schedule('check-invariants', '40 2 * * *', async () => {
    const violations = await checkInvariants(db)
    for (const violation of violations) log.error(violation, 'an invariant is broken')
    if (violations.length > 0) throw new Error(`broken invariants: ${violations.map(({ name }) => name).join(', ')}`)
  })
}
