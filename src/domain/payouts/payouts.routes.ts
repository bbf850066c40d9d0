import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { moneyView } from '../../lib/money.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { vendorGuard, vendorQuery, vendorRefusals } from '../vendors/vendor-guard.ts'
import { decideBatch } from './decide-batch.ts'
import { exportBatch } from './export-batch.ts'
import { makeBatch } from './make-batch.ts'
import { batchById, listBatches, payoutsOfBatch, payoutsOfVendor } from './payout.queries.ts'
import {
  BalanceShape,
  BatchPage,
  BatchQuery,
  BatchShape,
  batchView,
  MakeBatchBody,
  PayoutPage,
  payoutView,
  ResultsBody,
  StatementDays,
  StatementShape,
  statementView,
} from './payouts.schema.ts'
import { settlePayouts } from './settle-payouts.ts'
import { ownStatement, statementCsv } from './own-statement.ts'
import { vendorBalance } from './vendor-account.queries.ts'

const ById = t.Object({ id: t.String({ maxLength: 64 }) })
const refused = ['not_signed_in', 'not_allowed'] as const
const body = ['malformed_json', 'unsupported_media_type', 'step_up_required'] as const
const CsvFile = t.String({ description: 'CSV in UTF-8, as a download.' })

/** Names the answer as a file to be kept, never shown inside a page of ours. */
function asFile(set: { headers: Record<string, string | number> }, name: string): void {
  set.headers['content-type'] = 'text/csv; charset=utf-8'
  set.headers['content-disposition'] = `attachment; filename="${name}"`
  set.headers['cache-control'] = 'private, no-store'
}

/** What vendors see of their money, and how it is paid to them. */
export const payoutsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Payouts'] }).use(actorGuard(context.identify)).use(ofVendors(context)).use(ofFinance(context))

const ofVendors = (context: Context) =>
  new Elysia({ prefix: '/vendor' })
    .use(vendorGuard(context))
    .get(
      '/balance',
      async ({ vendor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { owedMinor, onItsWayMinor } = await vendorBalance(context.db, vendor.vendorId)
        return { owed: moneyView(owedMinor), onItsWay: moneyView(onItsWayMinor) }
      },
      {
        vendorScope: 'finance',
        query: t.Object({ ...vendorQuery }),
        response: { 200: BalanceShape, ...problems(...vendorRefusals) },
        detail: { operationId: 'getVendorBalance', summary: 'What one is owed, and what is on its way' },
      },
    )
    .get(
      '/statement',
      async ({ vendor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        return statementView({ from: query.from, to: query.to }, await ownStatement(context, vendor.vendorId, query))
      },
      {
        vendorScope: 'finance',
        query: t.Object({ ...vendorQuery, ...StatementDays }),
        response: { 200: StatementShape, ...problems(...vendorRefusals, 'period_too_long') },
        detail: {
          operationId: 'getOwnStatement',
          summary: 'One’s account over some days',
          description: 'Opening balance plus entries is the closing balance, to the cent. At most 5,000 entries and 366 days.',
        },
      },
    )
    .get(
      '/statement/csv',
      async ({ vendor, query, set }) => {
        const account = await ownStatement(context, vendor.vendorId, query)
        asFile(set, `statement-${query.from}-${query.to}.csv`)
        return statementCsv(account)
      },
      {
        vendorScope: 'finance',
        query: t.Object({ ...vendorQuery, ...StatementDays }),
        response: { 200: CsvFile, ...problems(...vendorRefusals, 'period_too_long') },
        detail: { operationId: 'downloadOwnStatement', summary: 'The same as a table for a spreadsheet (CSV)' },
      },
    )
    .get(
      '/payouts',
      async ({ vendor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const found = await payoutsOfVendor(context.db, vendor.vendorId, { cursor: query.cursor, limit: query.limit ?? 20 })
        return { items: found.items.map(payoutView), nextCursor: found.nextCursor }
      },
      {
        vendorScope: 'finance',
        query: t.Object({
          ...vendorQuery,
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
        }),
        response: { 200: PayoutPage, ...problems(...vendorRefusals) },
        detail: { operationId: 'listOwnPayouts', summary: 'Payouts to one’s vendor, newest first' },
      },
    )

const ofFinance = (context: Context) =>
  new Elysia({ prefix: '/admin/payout-batches' })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ query }) => {
        const found = await listBatches(context.db, { ...query, limit: query.limit ?? 50 })
        return { items: found.items.map(batchView), nextCursor: found.nextCursor }
      },
      {
        as: 'finance',
        query: BatchQuery,
        response: { 200: BatchPage, ...problems(...refused) },
        detail: { operationId: 'listPayoutBatches', summary: 'Batches of payouts, newest first' },
      },
    )
    .post(
      '',
      async ({ actor, body: wish, set }) => {
        set.status = 201
        return await shownBatch(context, await makeBatch(context, asPerson(actor), wish))
      },
      {
        as: 'finance',
        body: MakeBatchBody,
        response: { 201: BatchShape, ...problems(...refused, ...body, 'not_found', 'nothing_to_pay', 'payout_exceeds', 'conflict') },
        detail: {
          operationId: 'makePayoutBatch',
          summary: 'Make a batch of payouts',
          description: 'Takes the money from what the vendors are owed at once; it waits for approval. Cancelling gives it back.',
        },
      },
    )
    .get('/:id', async ({ params }) => await shownBatch(context, params.id), {
      as: 'finance',
      params: ById,
      response: { 200: BatchShape, ...problems(...refused, 'not_found') },
      detail: { operationId: 'getPayoutBatch', summary: 'A batch with its payouts' },
    })
    .post(
      '/:id/approval',
      async ({ actor, params }) => {
        await decideBatch(context, asPerson(actor), params.id, 'approved')
        return await shownBatch(context, params.id)
      },
      {
        as: 'finance',
        params: ById,
        response: { 200: BatchShape, ...problems(...refused, 'step_up_required', 'not_found', 'second_person', 'payout_state') },
        detail: {
          operationId: 'approvePayoutBatch',
          summary: 'Approve a batch',
          description: 'Above PAYOUT_SECOND_PERSON_KES by somebody else than its maker.',
        },
      },
    )
    .post(
      '/:id/cancellation',
      async ({ actor, params }) => {
        await decideBatch(context, asPerson(actor), params.id, 'cancelled')
        return await shownBatch(context, params.id)
      },
      {
        as: 'finance',
        params: ById,
        response: { 200: BatchShape, ...problems(...refused, 'step_up_required', 'not_found', 'payout_state') },
        detail: { operationId: 'cancelPayoutBatch', summary: 'Call a batch off before it is approved' },
      },
    )
    .post(
      '/:id/export',
      async ({ actor, params, set }) => {
        const { name, text } = await exportBatch(context, asPerson(actor), params.id)
        asFile(set, name)
        return text
      },
      {
        as: 'finance',
        params: ById,
        response: { 200: CsvFile, ...problems(...refused, 'step_up_required', 'not_found', 'payout_state') },
        detail: {
          operationId: 'exportPayoutBatch',
          summary: 'The file for the bank or the M-Pesa bulk portal (CSV)',
          description: 'Holds only payouts that still wait, so that a second file does not pay twice what has a result.',
        },
      },
    )
    .post(
      '/:id/results',
      async ({ actor, params, body: { results } }) => {
        await settlePayouts(context, asPerson(actor), params.id, results)
        return await shownBatch(context, params.id)
      },
      {
        as: 'finance',
        params: ById,
        body: ResultsBody,
        response: { 200: BatchShape, ...problems(...refused, ...body, 'not_found', 'payout_state', 'receipt_used') },
        detail: {
          operationId: 'settlePayouts',
          summary: 'Write down which payouts arrived and which did not',
          description: 'All or none. A failed payout is owed again and is paid by a later batch.',
        },
      },
    )

async function shownBatch(context: Context, batchId: string) {
  const found = await batchById(context.payDb, batchId)
  if (found === undefined) throw new Refusal('not_found')
  return { ...batchView(found), payouts: (await payoutsOfBatch(context.payDb, found.id)).map(payoutView) }
}
