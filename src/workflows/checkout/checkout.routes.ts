import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { ownBag } from '../../domain/cart/own-bag.ts'
import { countyDelivery } from '../../domain/delivery/zone.queries.ts'
import { orderByNumber } from '../../domain/orders/order.queries.ts'
import { orderView } from '../../domain/orders/order.view.ts'
import { OrderShape } from '../../domain/orders/orders.schema.ts'
import { isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { idempotentRequest } from '../../platform/idempotency.ts'
import { cancelOrder } from './cancel-order.ts'
import { CheckoutBody, EditOrderBody, PayAgainBody, PayAgainShape, PlacedShape, QuoteBody, QuoteShape } from './checkout.schema.ts'
import { checkoutScope } from './checkout.scope.ts'
import { editOrder } from './edit-order.ts'
import { payAgain } from './pay-again.ts'
import { placeOrder } from './place-order.ts'
import { quoteCart, quoteView } from './quote-cart.ts'

const OrderParams = t.Object({ number: t.String({ maxLength: 20 }) })
const TokenQuery = t.Object({ token: t.Optional(t.String({ maxLength: 64, description: 'The order’s token, for a guest.' })) })

/** Buying: from the bag to a placed order, and what can be done while it is unpaid. */
export const checkoutRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Checkout'] })
    .use(actorGuard(context.identify))
    .post(
      '/checkout/quote',
      async ({ actor, body }) => {
        const county = await countyDelivery(context.db, body.county, body)
        if (county === undefined) throw new Refusal('delivery_unavailable')
        return quoteView(quoteCart((await ownBag(context, actor)).cart, county, context.clock.now()))
      },
      {
        as: 'anyone',
        body: QuoteBody,
        response: { 200: QuoteShape, ...problems('delivery_unavailable', 'malformed_json', 'unsupported_media_type') },
        detail: { operationId: 'quoteCheckout', summary: 'What the bag costs delivered to a county, and when it comes' },
      },
    )
    .post(
      '/checkout',
      async ({ actor, body, headers }) => {
        const request = idempotentRequest(checkoutScope(actor), headers['idempotency-key'], body)
        const answer = await placeOrder(context, actor, request, body)
        // The stored bytes themselves, so that every reply under one key is the same to the last byte.
        return new Response(answer.body, {
          status: answer.status,
          headers: { 'content-type': 'application/json;charset=utf-8', 'cache-control': 'no-store' },
        })
      },
      {
        as: 'anyone',
        headers: t.Object({
          'idempotency-key': t.Optional(
            t.String({
              maxLength: 200,
              description:
                'Required: 8 to 100 letters, digits, dashes or underscores; one a checkout. The same key and body answer the same bytes.',
            }),
          ),
        }),
        body: CheckoutBody,
        response: {
          201: PlacedShape,
          ...problems(
            'idempotency_key_required',
            'idempotency_in_progress',
            'idempotency_mismatch',
            'cart_empty',
            'out_of_stock',
            'total_changed',
            'promo_refused',
            'own_listing',
            'delivery_unavailable',
            'phone_invalid',
            'payment_method_unavailable',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: {
          operationId: 'placeOrder',
          summary: 'Place the order and start the payment',
          description:
            'Holds the goods, writes the order and answers at once; the payment prompt follows within a second. Watch it at `payUrl` or by reading the order.',
        },
      },
    )
    .post(
      '/orders/:number/pay',
      async ({ actor, params, query, body, set }) => {
        const attempt = await payAgain(context, actor, params.number, query.token, body)
        set.status = 201
        return attempt
      },
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        body: PayAgainBody,
        response: {
          201: PayAgainShape,
          ...problems(
            'not_found',
            'order_state',
            'payment_open',
            'phone_invalid',
            'payment_method_unavailable',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: { operationId: 'payOrder', summary: 'Try to pay an unpaid order again' },
      },
    )
    .patch(
      '/orders/:number',
      async ({ actor, params, query, body }) => orderView(await editOrder(context, actor, params.number, query.token, body)),
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        body: EditOrderBody,
        response: {
          200: OrderShape,
          ...problems(
            'not_found',
            'order_state',
            'payment_open',
            'cart_empty',
            'out_of_stock',
            'total_changed',
            'promo_refused',
            'own_listing',
            'variant_unavailable',
            'delivery_unavailable',
            'phone_invalid',
            'payment_method_unavailable',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: {
          operationId: 'editOrder',
          summary: 'Change an unpaid order',
          description: 'Priced at today’s prices, with its goods set aside anew, in one step. Not while a payment may still arrive.',
        },
      },
    )
    .post(
      '/orders/:number/cancel',
      async ({ actor, params, query }) => {
        await cancelOrder(context, actor, params.number, query.token)
        const order = await orderByNumber(context.db, params.number, {
          accountId: actor.kind === 'person' ? actor.accountId : undefined,
          token: query.token,
          isStaff: isStaff(actor),
        })
        if (order === undefined) throw new Refusal('not_found')
        return orderView(order)
      },
      {
        as: 'anyone',
        params: OrderParams,
        query: TokenQuery,
        response: { 200: OrderShape, ...problems('not_found', 'order_state', 'payment_open') },
        detail: {
          operationId: 'cancelOrder',
          summary: 'Cancel an order that is not packed yet',
          description: 'What was paid goes back by the way it came.',
        },
      },
    )
