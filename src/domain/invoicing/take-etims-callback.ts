import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { etimsSubmissions, invoices } from './invoice.table.ts'
import { settleEtims } from './settle-etims.ts'

/** Takes what the revenue authority tells by itself. Refuses with not_found where it is not configured, signature_invalid, malformed_json. */
export async function takeEtimsCallback(context: Context, body: Uint8Array, signature: string | undefined): Promise<void> {
  if (context.etims === undefined) throw new Refusal('not_found')
  const { number, verdict } = context.etims.readCallback(body, signature)
  await context.payDb.transaction(async (tx) => {
    const [found] = await tx
      .select({ submission: etimsSubmissions })
      .from(etimsSubmissions)
      .innerJoin(invoices, eq(invoices.id, etimsSubmissions.invoiceId))
      .where(eq(invoices.number, number))
      .for('update', { of: etimsSubmissions })
    if (found === undefined) return context.log.warn({ number }, 'eTIMS speaks of a document we do not have')
    await settleEtims(context, tx, found.submission, verdict)
  })
}
