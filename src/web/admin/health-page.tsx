import type { JobRun } from '../../platform/jobs.ts'
import type { Violation } from '../../platform/check-invariants.ts'
import { momentText } from '../i18n/dates.ts'
import { Flash } from '../parts/flash.tsx'
import { GridTable } from '../parts/grid-table.tsx'

/** Whether the laws of the data hold, and how the background work is doing. */
export function HealthPage({ violations, jobs }: { violations: readonly Violation[]; jobs: readonly JobRun[] }) {
  return (
    <div class="stack">
      <h1>Health</h1>
      {violations.length === 0 ? (
        <Flash tone="ok">Every invariant holds: the ledger sums to zero, counters equal their rows, nothing waits that should not.</Flash>
      ) : (
        violations.map(({ name, says, count, subjects }) => (
          <Flash key={name} tone="bad">
            <strong>{says}</strong> Broken by {count}: {subjects.join(', ')}
          </Flash>
        ))
      )}
      <h2>Background work</h2>
      {jobs.length === 0 ? (
        <p>Nothing has run yet.</p>
      ) : (
        <GridTable
          caption="The last run of each job"
          rows={jobs}
          keyOf={({ name }) => name}
          columns={[
            { label: 'Job', cell: ({ name }) => name },
            { label: 'Begun', cell: ({ startedAt }) => momentText(startedAt) },
            { label: 'Took', isNumber: true, cell: ({ tookMs }) => (tookMs === null ? '' : `${tookMs} ms`) },
            {
              label: 'Outcome',
              cell: ({ startedAt, failedAt, lastError }) =>
                failedAt !== null && failedAt >= startedAt ? (
                  <span class="badge bad">{lastError ?? 'failed'}</span>
                ) : (
                  <span class="badge ok">well</span>
                ),
            },
          ]}
        />
      )}
    </div>
  )
}
