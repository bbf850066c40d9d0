import { eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { after } from '../../lib/time.ts'
import { describeError } from '../../platform/log.ts'
import { createRowQueue, type RowQueue } from '../../platform/row-queue.ts'
import { invoiceByNumber } from './invoice.queries.ts'
import { etimsSubmissions, invoices } from './invoice.table.ts'
import { settleEtims, wait } from './settle-etims.ts'

type Submission = typeof etimsSubmissions.$inferSelect

/** Sends documents to the revenue authority one by one, and asks about those it keeps quiet about. */
export const createEtimsQueue = (context: Context): RowQueue =>
  createRowQueue<{ invoiceId: string }>({
    name: 'etims',
    log: context.log,
    intervalMs: 5_000,
    mostInHand: 4,
    claim: async (limit) => {
      const now = context.clock.now()
      return await context.payDb.execute<{ invoiceId: string }>(sql`
        update etims_submissions set locked_until = ${after(now, 60_000).toISOString()}::timestamptz, attempts = attempts + 1
        where invoice_id in (
          select invoice_id from etims_submissions
          where next_at <= ${now.toISOString()}::timestamptz and (locked_until is null or locked_until <= ${now.toISOString()}::timestamptz)
          order by next_at limit ${limit} for update skip locked)
        returning invoice_id as "invoiceId"`)
    },
    work: async ({ invoiceId }) => await workOne(context, invoiceId),
  })

async function workOne(context: Context, invoiceId: string): Promise<void> {
  const [found] = await context.payDb
    .select({ submission: etimsSubmissions, number: invoices.number })
    .from(etimsSubmissions)
    .innerJoin(invoices, eq(invoices.id, etimsSubmissions.invoiceId))
    .where(eq(etimsSubmissions.invoiceId, invoiceId))
  if (found === undefined) return
  const { submission, number } = found
  if (context.etims === undefined) return await wait(context, context.payDb, submission, 'eTIMS is not configured')
  try {
    await settleEtims(context, context.payDb, submission, await verdictOn(context, submission, number))
  } catch (error) {
    context.log.warn({ error, number, attempts: submission.attempts }, 'a document could not be reported; it will be tried again')
    await wait(context, context.payDb, submission, String(describeError(error)['message']))
  }
}

async function verdictOn(context: Context, submission: Submission, number: string) {
  const { etims } = context
  if (etims === undefined) throw new Error('eTIMS is not configured')
  const heard = submission.state === 'submitted' ? await etims.ask(number) : { status: 'unknown' as const }
  if (heard.status !== 'unknown') return heard
  const document = await invoiceByNumber(context.payDb, number, { isStaff: true })
  if (document === undefined) throw new Error(`there is no document ${number}`)
  return await etims.submit(document)
}
