import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { listBreaks, listTransactions, listWebhookEvents, transactionHistory } from '../../domain/payments/money-desk.queries.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { confirmRefund } from '../../workflows/checkout/confirm-refund.ts'
import { decidePayment } from '../../workflows/checkout/decide-payment.ts'
import { refundCharge } from '../../workflows/checkout/refund-charge.ts'
import { replayMessage } from '../../workflows/checkout/replay-message.ts'
import { fieldText, formBody } from '../form-values.ts'
import { showDesk } from './admin.desk.ts'
import { MessagesPage } from './messages-page.tsx'
import { MoneyPage } from './money-page.tsx'
import { afterForm, outcomeOf } from '../parts/form-outcome.ts'
import { TransactionPage } from './transaction-page.tsx'

const short = t.Optional(t.String({ maxLength: 100 }))
const ById = t.Object({ id: t.String({ maxLength: 64 }) })
const wanted = (text: string | undefined): string | undefined => (text === undefined || text.trim() === '' ? undefined : text.trim())

const done = {
  refund: 'The refund is on its way. Beyond KES 20,000 it waits for a second member of staff.',
  confirmed: 'The refund is confirmed and on its way.',
  sent: 'Noted: the refund was sent by hand.',
  decided: 'The payment is decided.',
  replayed: 'The message is worked again. What it had done already is not done twice.',
} as const

/** Money and the messages that move it, as pages: every list has its filters in its address, every decision is a form. */
export const moneyPages = (context: Context) =>
  new Elysia({ prefix: '/admin', detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/money',
      async ({ request, query }) => {
        const filter = {
          kind: wanted(query.kind),
          provider: wanted(query.provider),
          state: wanted(query.state),
          order: wanted(query.order),
          reference: wanted(query.reference),
          waits: query.waits === 'true',
        }
        const [page, breaks] = await Promise.all([
          listTransactions(context.db, { ...filter, cursor: query.cursor, limit: 50 }),
          listBreaks(context.db, { isOpen: true, limit: 20 }),
        ])
        return await showDesk(context, request, {
          title: 'Money',
          path: '/admin/money',
          body: <MoneyPage filter={filter} items={page.items} nextCursor={page.nextCursor} breaks={breaks} />,
        })
      },
      {
        as: 'staff',
        does: 'listTransactions',
        query: t.Object({
          kind: short,
          provider: short,
          state: short,
          order: short,
          reference: short,
          waits: short,
          cursor: t.Optional(t.String({ maxLength: 500 })),
        }),
      },
    )
    .get(
      '/money/:id',
      async ({ request, params }) => {
        const history = await transactionHistory(context.db, params.id)
        if (history === undefined) throw new Refusal('not_found')
        return await showDesk(context, request, {
          title: history.transaction.reference,
          path: `/admin/money/${params.id}`,
          body: <TransactionPage {...history} outcome={outcomeOf(request, done)} formKey={crypto.randomUUID()} />,
        })
      },
      { as: 'staff', does: 'getTransactionHistory', params: ById },
    )
    .post(
      '/money/:id/refund',
      async ({ actor, params, body }) => {
        const form = formBody(body)
        return await afterForm(`/admin/money/${params.id}`, 'refund', async () => {
          const typed = fieldText(form, 'amount', 14)
          const amountMinor = typed === '' ? undefined : shillings(typed)
          const reason = fieldText(form, 'reason', 200)
          if (reason.length < 3) throw new Refusal('invalid_input')
          await refundCharge(context, asPerson(actor), { chargeId: params.id, amountMinor, reason, key: fieldText(form, 'key', 40) })
        })
      },
      { as: 'staff', does: 'refundTransaction', params: ById },
    )
    .post(
      '/money/:id/confirm',
      async ({ actor, params }) =>
        await afterForm(`/admin/money/${params.id}`, 'confirmed', () => confirmRefund(context, asPerson(actor), params.id)),
      { as: 'staff', does: 'confirmRefund', params: ById },
    )
    .post(
      '/money/:id/sent',
      async ({ actor, params, body }) =>
        await afterForm(`/admin/money/${params.id}`, 'sent', async () => {
          const receipt = fieldText(formBody(body), 'receipt', 60)
          if (receipt === '') throw new Refusal('invalid_input')
          await decidePayment(context, asPerson(actor), params.id, { kind: 'sent', receipt })
        }),
      { as: 'staff', does: 'completeRefund', params: ById },
    )
    .post(
      '/money/:id/decide',
      async ({ actor, params, body }) =>
        await afterForm(`/admin/money/${params.id}`, 'decided', async () => {
          const form = formBody(body)
          const decision = fieldText(form, 'decision', 10)
          const reason = fieldText(form, 'reason', 200)
          if ((decision !== 'accept' && decision !== 'reject') || reason.length < 3) throw new Refusal('invalid_input')
          const receipt = wanted(fieldText(form, 'receipt', 60))
          await decidePayment(
            context,
            asPerson(actor),
            params.id,
            decision === 'accept' ? { kind: 'accept', reason, receipt } : { kind: 'reject', reason },
          )
        }),
      { as: 'staff', does: 'closeReview', params: ById },
    )
    .get(
      '/messages',
      async ({ request, query }) => {
        const filter = { state: wanted(query.state), provider: wanted(query.provider) }
        const items = await listWebhookEvents(context.db, { ...filter, limit: 100 })
        return await showDesk(context, request, {
          title: 'Provider messages',
          path: '/admin/messages',
          body: <MessagesPage filter={filter} items={items} outcome={outcomeOf(request, done)} />,
        })
      },
      { as: 'staff', does: 'listWebhookEvents', query: t.Object({ state: short, provider: short, done: short, problem: short }) },
    )
    .post(
      '/messages/:id/replay',
      async ({ actor, params }) =>
        await afterForm('/admin/messages', 'replayed', async () => {
          if (!(await replayMessage(context, asPerson(actor), params.id))) throw new Refusal('not_found')
        }),
      { as: 'staff', does: 'replayWebhookEvent', params: ById },
    )

/** "1,450" or "1450.50" as cents. Refuses with invalid_input. */
function shillings(typed: string): bigint {
  const [, whole, cents = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(typed.replaceAll(',', '')) ?? []
  if (whole === undefined) throw new Refusal('invalid_input')
  return BigInt(whole) * 100n + BigInt(cents.padEnd(2, '0'))
}
