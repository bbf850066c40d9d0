import { and, eq, gte, inArray, lt, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { matchCharge } from '../../domain/payments/match-charge.ts'
import { closeBreaks, type FoundBreak, noteBreak } from '../../domain/payments/note-break.ts'
import type { ListedMovement, PaymentProvider } from '../../domain/payments/provider.port.ts'
import { holdsMoney } from '../../domain/payments/transaction.projection.ts'
import { transactions } from '../../domain/payments/transaction.table.ts'
import { after, hours } from '../../lib/time.ts'
import { askProvider } from './ask-provider.ts'
import { askRefund } from './ask-refund.ts'

/** What comparing one provider's list with ours came to. */
export interface Reconciliation {
  readonly provider: string
  readonly compared: number
  readonly breaks: readonly FoundBreak[]
}

// Lists lag behind (PayPal's by three hours), and a payment is told to us a little later than it happened.
const lagMs = hours(3)

/**
 * Lays a provider's own list of movements beside ours. What is certain is mended: money the provider has and we did not know of is
 * asked about and settled like any other news. The rest is kept as a break for a person. With `isDryRun` nothing is asked, settled or
 * kept. Answers undefined for a provider that is switched off or has no list; a list that breaks off throws, and nothing is concluded
 * from what is missing in it.
 */
export async function reconcileProvider(
  context: Context,
  name: string,
  period: { readonly from: Date; readonly to: Date },
  isDryRun = false,
): Promise<Reconciliation | undefined> {
  const provider = context.providers.get(name)
  if (provider?.listSince === undefined) return undefined
  const found: FoundBreak[] = []
  const listed = new Set<string>()
  let compared = 0
  for await (const movement of provider.listSince(period.from, period.to)) {
    compared += 1
    listed.add(movement.providerRef)
    const broken = await compare(context, provider, movement, isDryRun)
    if (broken !== undefined) found.push(broken)
    else if (!isDryRun) await closeBreaks(context.payDb, context.clock.now(), name, movement.providerRef)
  }
  found.push(...(await missingThere(context, name, period, listed)))
  if (!isDryRun) for (const each of found) await noteBreak(context.payDb, { now: context.clock.now(), ids: context.ids }, each)
  const open = found.filter((each) => each.resolution === undefined)
  const line = { provider: name, compared, mended: found.length - open.length, open: open.length, isDryRun }
  if (open.length > 0) context.log.error(line, 'the provider and the shop disagree')
  else context.log.info(line, 'reconciled')
  return { provider: name, compared, breaks: found }
}

type Ours = typeof transactions.$inferSelect

async function compare(
  context: Context,
  provider: PaymentProvider,
  movement: ListedMovement,
  isDryRun: boolean,
): Promise<FoundBreak | undefined> {
  const ours = await findOurs(context, provider.name, movement)
  const base = {
    provider: provider.name,
    providerRef: movement.providerRef,
    transactionId: ours?.id,
    theirMinor: movement.amountMinor,
    ourMinor: ours?.providerAmountMinor,
    currency: movement.currency,
    occurredAt: movement.occurredAt,
    resolution: undefined,
  }
  if (ours === undefined) return movement.status === 'succeeded' ? { ...base, kind: 'missing_here' } : undefined
  if (
    movement.status !== 'failed' &&
    (ours.providerAmountMinor !== movement.amountMinor || ours.providerCurrency !== movement.currency.toUpperCase())
  )
    return { ...base, kind: 'amount_differs' }
  if (agrees(ours, movement)) return undefined
  // Their money that is not ours yet is certain enough to ask about; anything else is for a person.
  if (movement.status === 'succeeded' && !isDryRun) {
    await (ours.kind === 'refund' ? askRefund(context, ours.id) : askProvider(context, ours.id))
    const asked = await findOurs(context, provider.name, movement)
    if (asked !== undefined && agrees(asked, movement)) return { ...base, kind: 'state_differs', resolution: 'asked_and_settled' }
  }
  return movement.status === 'pending' ? undefined : { ...base, kind: 'state_differs' }
}

const agrees = (ours: Ours, { status }: ListedMovement): boolean =>
  status === 'succeeded' ? holdsMoney(ours.state) : status === 'failed' ? !holdsMoney(ours.state) : true

async function findOurs(context: Context, provider: string, movement: ListedMovement): Promise<Ours | undefined> {
  const id = movement.kind === 'charge' ? await chargeOf(context, provider, movement) : undefined
  const [row] = await context.payDb
    .select()
    .from(transactions)
    .where(
      movement.kind === 'charge'
        ? eq(transactions.id, id ?? '00000000-0000-0000-0000-000000000000')
        : and(
            eq(transactions.provider, provider),
            eq(transactions.kind, 'refund'),
            sql`(${transactions.sessionRef} = ${movement.providerRef} or ${transactions.reference} = ${movement.ourReference ?? ''} or ${transactions.id}::text = ${movement.ourReference ?? ''})`,
          ),
    )
    .limit(1)
  return row
}

async function chargeOf(context: Context, provider: string, movement: ListedMovement): Promise<string | undefined> {
  const match = await matchCharge(context.payDb, provider, {
    providerRefs: [movement.providerRef],
    transactionId: movement.ourReference,
    reference: movement.ourReference,
  })
  return match.kind === 'unknown' ? undefined : match.id
}

/** Money we hold that the provider's list does not name, away from the edges of the period. */
async function missingThere(
  context: Context,
  provider: string,
  period: { readonly from: Date; readonly to: Date },
  listed: ReadonlySet<string>,
): Promise<FoundBreak[]> {
  const rows = await context.payDb
    .select()
    .from(transactions)
    .where(
      and(
        eq(transactions.provider, provider),
        inArray(transactions.kind, ['charge']),
        inArray(transactions.state, ['succeeded', 'duplicate']),
        gte(transactions.createdAt, period.from),
        gte(transactions.succeededAt, period.from),
        lt(transactions.succeededAt, after(period.to, -lagMs)),
      ),
    )
  return rows
    .filter((row) => ![row.sessionRef, row.paymentRef, row.receipt].some((ref) => ref !== null && listed.has(ref)))
    .map((row) => ({
      provider,
      kind: 'missing_there',
      providerRef: row.paymentRef ?? row.sessionRef ?? row.reference,
      transactionId: row.id,
      theirMinor: undefined,
      ourMinor: row.providerAmountMinor,
      currency: row.providerCurrency,
      occurredAt: row.succeededAt ?? row.createdAt,
      resolution: undefined,
    }))
}
