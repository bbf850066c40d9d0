import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { deliveriesOfOrder } from '../../domain/delivery/delivery.queries.ts'
import { deliveryStates } from '../../domain/delivery/delivery.states.ts'
import { dropOffCode } from '../../domain/delivery/drop-off-code.ts'
import { listInvoices } from '../../domain/invoicing/invoice.queries.ts'
import type { ReturnState } from '../../domain/returns/return.states.ts'
import { returnsOfOrder } from '../../domain/returns/return.queries.ts'
import { stepsOfOrder } from '../../domain/orders/order-event.queries.ts'
import { orderByNumber } from '../../domain/orders/order.queries.ts'
import { paymentStatusForOrder } from '../../domain/payments/transaction.queries.ts'
import { isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { orderToken } from '../../workflows/checkout/place-order.ts'
import { orderWords } from '../i18n/order.words.ts'
import { localPath } from '../i18n/words.ts'
import { showPage } from '../show-page.ts'
import { OrderPage } from './order-page.tsx'

/** One order, for its account, the holder of its link, or staff. */
export const orderPages = (context: Context) =>
  new Elysia({ detail: { hide: true } }).use(actorGuard(context.identify)).get(
    '/orders/:number',
    async ({ actor, params, request }) => {
      const linkToken = new URL(request.url).searchParams.get('token') ?? undefined
      const reader = { accountId: actor.kind === 'person' ? actor.accountId : undefined, token: linkToken, isStaff: isStaff(actor) }
      const order = await orderByNumber(context.db, params.number, reader)
      if (order === undefined) throw new Refusal('not_found')
      const [steps, status, returns, documents, deliveries] = await Promise.all([
        stepsOfOrder(context.db, order.id),
        paymentStatusForOrder(context.db, order.id),
        returnsOfOrder(context.db, order.id),
        listInvoices(context.db, reader, { orderNumber: order.number, limit: 10 }),
        deliveriesOfOrder(context.db, order.id),
      ])
      const token = orderToken(context, order.id)
      const withToken = linkToken === undefined ? '' : `?token=${encodeURIComponent(linkToken)}`
      // Staff may look at the order, but the code at the door is between the shopper and the rider.
      const isShopper = !isStaff(actor) || (actor.kind === 'person' && order.accountId === actor.accountId)
      const coming = isShopper ? deliveries.filter(({ state }) => !deliveryStates.isFinal(state)) : []
      return showPage(
        context,
        request,
        {
          title: orderWords().orderTitle(order.number),
          path: `/orders/${order.number}`,
          isPrivate: true,
          body: (
            <OrderPage
              order={order}
              steps={steps}
              status={status}
              codes={coming.map(({ id, number }) => ({ number, code: dropOffCode(context.config.appSecret, id) }))}
              payHref={localPath(`/pay/${token}`)}
              trackHref={localPath(`/track/${token}`)}
              editHref={localPath(`/orders/${order.number}/edit${withToken}`)}
              returnHref={localPath(`/orders/${order.number}/return${withToken}`)}
              linkToken={linkToken}
              isReviewed={new URL(request.url).searchParams.get('reviewed') === 'yes'}
              cancelPath={localPath(`/pay/${token}/cancel`)}
              returns={returns.map(({ number, state, lines }) => ({
                number,
                state: state as ReturnState,
                pieces: lines.map(({ quantity, name, size }) => `${quantity} × ${name}, ${size}`).join('; '),
              }))}
              asked={returns.find(({ number }) => number === new URL(request.url).searchParams.get('asked'))?.number}
              documents={documents.items.map(({ invoice }) => ({
                number: invoice.number,
                href: localPath(`/invoices/${invoice.number}${withToken}`),
              }))}
              supportPhone={context.config.supportPhone}
            />
          ),
        },
        // The address opens the order; it must not travel to other sites as a referrer.
        { keep: 'never', headers: { 'referrer-policy': 'same-origin' } },
      )
    },
    { as: 'anyone', params: t.Object({ number: t.String({ maxLength: 20 }) }) },
  )
