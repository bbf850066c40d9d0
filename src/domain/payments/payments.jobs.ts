import type { Context } from '../../context.ts'
import { after, days, hours } from '../../lib/time.ts'
import { pruneOutbox } from '../../platform/prune-outbox.ts'
import { findProjectionDifferences } from './rebuild-projection.ts'

/** The night work of payments. Settling itself is wired in checkout.jobs.ts, because it moves orders and goods too. */
export function paymentsJobs(context: Context): void {
  const { jobs, payDb, clock, log } = context
  jobs.schedule('compare-projections', '20 3 * * *', async () => {
    const differences = await findProjectionDifferences(payDb, after(clock.now(), -hours(50)))
    for (const difference of differences) log.error(difference, 'a transaction and its events disagree')
  })
  // Thirty days outlive every provider's redelivery, so that a removed dedupe key cannot let an old message out again.
  jobs.schedule('prune-outbox', '50 3 * * *', async () => await pruneOutbox(payDb, after(clock.now(), -days(30))))
}
