import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { listBreaks, listTransactions, listWebhookEvents, transactionHistory } from '../../domain/payments/money-desk.queries.ts'
import { transactionView } from '../../domain/payments/payments.schema.ts'
import { paybillToken } from '../../domain/payments/receive-paybill.ts'
import { providerDays, trialBalance, vendorStatement } from '../../domain/payments/statement.queries.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { idempotentRequest } from '../../platform/idempotency.ts'
import { confirmRefund } from './confirm-refund.ts'
import { decidePayment } from './decide-payment.ts'
import {
  BalanceList,
  BreakList,
  CompletionBody,
  HistoryShape,
  InboxQuery,
  InboxShape,
  MoneyQuery,
  OutcomeShape,
  PaybillAddresses,
  PeriodQuery,
  ProviderDays,
  ReconcileBody,
  ReconciledShape,
  RefundBody,
  RefundOpened,
  ReviewBody,
  TransactionPage,
  VendorDays,
} from './money-desk.schema.ts'
import { reconcileProvider } from './reconcile-provider.ts'
import { refundCharge } from './refund-charge.ts'
import { replayMessage } from './replay-message.ts'

const ById = t.Object({ id: t.String({ maxLength: 64 }) })
const refused = ['not_signed_in', 'not_allowed'] as const

/** Amounts of the books as JSON numbers; they are far below 2^53. */
const asNumbers = <Row extends object>(row: Row) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : (value as unknown)]),
  ) as {
    [Name in keyof Row]: Row[Name] extends bigint ? number : Row[Name]
  }

/** The money desk: what staff see and decide about payments. Every decision is in the audit log by the commit that makes it. */
export const moneyDeskRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/admin', tags: ['Money desk'] })
    .use(actorGuard(context.identify))
    .get(
      '/transactions',
      async ({ query }) => {
        const { from, to, waits, limit, ...filter } = query
        const found = await listTransactions(context.db, {
          ...filter,
          waits: waits === 'true',
          limit: Number(limit ?? 50),
          ...(from === undefined ? {} : { from: new Date(from) }),
          ...(to === undefined ? {} : { to: new Date(to) }),
        })
        return { items: found.items.map(transactionView), nextCursor: found.nextCursor }
      },
      {
        as: 'staff',
        query: MoneyQuery,
        response: { 200: TransactionPage, ...problems(...refused) },
        detail: { operationId: 'listTransactions', summary: 'Movements of money, newest first' },
      },
    )
    .get(
      '/transactions/:id/history',
      async ({ params }) => {
        const history = await transactionHistory(context.db, params.id)
        if (history === undefined) throw new Refusal('not_found')
        return { ...history, transaction: transactionView(history.transaction) }
      },
      {
        as: 'staff',
        params: ById,
        response: { 200: HistoryShape, ...problems(...refused, 'not_found') },
        detail: { operationId: 'getTransactionHistory', summary: 'Everything that was ever said about a movement, with the raw messages' },
      },
    )
    .post(
      '/transactions/:id/refunds',
      async ({ actor, params, body, headers, set }) => {
        const person = asPerson(actor)
        const { key } = idempotentRequest(`refund ${params.id}`, headers['idempotency-key'], body)
        const amountMinor = body.amountMinor === undefined ? undefined : BigInt(body.amountMinor)
        set.status = 201
        return await refundCharge(context, person, { chargeId: params.id, amountMinor, reason: body.reason, key })
      },
      {
        as: 'staff',
        params: ById,
        headers: t.Object({ 'idempotency-key': t.Optional(t.String({ maxLength: 200, description: 'Required; one a refund.' })) }),
        body: RefundBody,
        response: {
          201: RefundOpened,
          ...problems(
            ...refused,
            'idempotency_key_required',
            'not_found',
            'refund_exceeds',
            'conflict',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: {
          operationId: 'refundTransaction',
          summary: 'Send money of a charge back',
          description: 'What goes back from one charge beyond KES 20,000 waits until a second member of staff has confirmed it.',
        },
      },
    )
    .post(
      '/refunds/:id/confirmation',
      async ({ actor, params }) => {
        await confirmRefund(context, asPerson(actor), params.id)
        return { outcome: 'confirmed' }
      },
      {
        as: 'staff',
        params: ById,
        response: { 200: OutcomeShape, ...problems(...refused, 'not_found', 'second_person', 'conflict') },
        detail: { operationId: 'confirmRefund', summary: 'Confirm a large refund that somebody else asked for' },
      },
    )
    .post(
      '/refunds/:id/completion',
      async ({ actor, params, body }) => ({
        outcome: await decidePayment(context, asPerson(actor), params.id, { kind: 'sent', receipt: body.reference }),
      }),
      {
        as: 'staff',
        params: ById,
        body: CompletionBody,
        response: { 200: OutcomeShape, ...problems(...refused, 'not_found', 'conflict', 'malformed_json', 'unsupported_media_type') },
        detail: { operationId: 'completeRefund', summary: 'A refund was sent by hand' },
      },
    )
    .post(
      '/transactions/:id/review',
      async ({ actor, params, body }) => ({
        outcome: await decidePayment(context, asPerson(actor), params.id, {
          kind: body.decision,
          reason: body.reason,
          receipt: body.receipt,
          order: body.order,
        }),
      }),
      {
        as: 'staff',
        params: ById,
        body: ReviewBody,
        response: { 200: OutcomeShape, ...problems(...refused, 'not_found', 'conflict', 'malformed_json', 'unsupported_media_type') },
        detail: {
          operationId: 'closeReview',
          summary: 'Close the review of a payment',
          description: 'Accepting says the whole amount was seen at the provider; the order is then paid, or the money owed back.',
        },
      },
    )
    .get(
      '/webhook-events',
      async ({ query }) => ({ items: await listWebhookEvents(context.db, { state: query.state, provider: query.provider, limit: 100 }) }),
      {
        as: 'staff',
        query: InboxQuery,
        response: { 200: InboxShape, ...problems(...refused) },
        detail: { operationId: 'listWebhookEvents', summary: 'The last hundred messages of providers' },
      },
    )
    .post(
      '/webhook-events/:id/replay',
      async ({ actor, params }) => {
        if (!(await replayMessage(context, asPerson(actor), params.id))) throw new Refusal('not_found')
        return { outcome: 'queued' }
      },
      {
        as: 'staff',
        params: ById,
        response: { 200: OutcomeShape, ...problems(...refused, 'not_found') },
        detail: {
          operationId: 'replayWebhookEvent',
          summary: 'Work a stored message again',
          description: 'Safe at any time: what it had effected already is not effected again.',
        },
      },
    )
    .post(
      '/reconciliation',
      async ({ body }) => {
        const period = { from: new Date(body.since), to: context.clock.now() }
        const done = await reconcileProvider(context, body.provider, period, body.dryRun === true)
        if (done === undefined) throw new Refusal('not_found')
        const open = done.breaks.filter((each) => each.resolution === undefined).length
        return { compared: done.compared, mended: done.breaks.length - open, open }
      },
      {
        as: 'staff',
        body: ReconcileBody,
        response: { 200: ReconciledShape, ...problems(...refused, 'not_found', 'malformed_json', 'unsupported_media_type') },
        detail: { operationId: 'reconcile', summary: 'Compare a provider’s own list with ours now' },
      },
    )
    .get(
      '/reconciliation/breaks',
      async ({ query }) => ({ items: await listBreaks(context.db, { isOpen: query.all !== 'true', limit: 200 }) }),
      {
        as: 'staff',
        query: t.Object({ all: t.Optional(t.Literal('true')) }),
        response: { 200: BreakList, ...problems(...refused) },
        detail: { operationId: 'listReconciliationBreaks', summary: 'Where a provider and the shop disagree' },
      },
    )
    .get(
      '/mpesa/paybill-addresses',
      () => {
        const { mpesa } = context.config
        if (mpesa === undefined) throw new Refusal('not_found')
        const base = `${mpesa.callbackBaseUrl}/webhooks/mpesa/c2b/${paybillToken(context.config.appSecret, mpesa.shortCode)}`
        return { validationUrl: `${base}/validation`, confirmationUrl: `${base}/confirmation` }
      },
      {
        as: 'staff',
        response: { 200: PaybillAddresses, ...problems(...refused, 'not_found') },
        detail: {
          operationId: 'getPaybillAddresses',
          summary: 'The addresses to register at Safaricom for payments typed by hand',
          description: 'They are secrets: whoever knows them can claim that an order was paid.',
        },
      },
    )
    .get('/ledger/balances', async () => ({ accounts: (await trialBalance(context.db, context.clock.now())).map(asNumbers) }), {
      as: 'staff',
      response: { 200: BalanceList, ...problems(...refused) },
      detail: { operationId: 'getTrialBalance', summary: 'Every account of the books; each currency sums to zero' },
    })
    .get(
      '/ledger/vendors/:id',
      async ({ params, query }) => {
        if (!isUuid(params.id)) throw new Refusal('not_found')
        return {
          days: (await vendorStatement(context.db, params.id, { from: new Date(query.from), to: new Date(query.to) })).map(asNumbers),
        }
      },
      {
        as: 'staff',
        params: ById,
        query: PeriodQuery,
        response: { 200: VendorDays, ...problems(...refused, 'not_found') },
        detail: { operationId: 'getVendorStatement', summary: 'What a vendor earned and is owed, by day' },
      },
    )
    .get(
      '/ledger/providers',
      async ({ query }) => ({
        days: (await providerDays(context.db, { from: new Date(query.from), to: new Date(query.to) })).map(asNumbers),
      }),
      {
        as: 'staff',
        query: PeriodQuery,
        response: { 200: ProviderDays, ...problems(...refused) },
        detail: { operationId: 'getProviderStatement', summary: 'What each provider moved, by day' },
      },
    )
