import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { moment } from './columns.ts'

/** The last run of every background job, one row a name, so that "has it run?" is one query. */
export const jobRuns = pgTable('job_runs', {
  name: text().primaryKey(),
  startedAt: moment().notNull(),
  finishedAt: moment(),
  tookMs: integer(),
  failedAt: moment(),
  lastError: text(),
})
