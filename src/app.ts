import { Elysia } from 'elysia'
import type { Context } from './context.ts'
import { accountsRoutes } from './domain/accounts/accounts.routes.ts'
import { apiKeysRoutes } from './domain/accounts/api-keys/api-keys.routes.ts'
import { secondFactorRoutes } from './domain/accounts/second-factor/second-factor.routes.ts'
import { sessionsRoutes } from './domain/accounts/sessions/sessions.routes.ts'
import { staffAccountsRoutes } from './domain/accounts/staff-accounts.routes.ts'
import { cartRoutes } from './domain/cart/cart.routes.ts'
import { catalogRoutes } from './domain/catalog/catalog.routes.ts'
import { productDeskRoutes } from './domain/catalog/desk/product-desk.routes.ts'
import { shelfDeskRoutes } from './domain/catalog/desk/shelf-desk.routes.ts'
import { stockDeskRoutes } from './domain/catalog/stock/stock-desk.routes.ts'
import { asyncapiRoutes } from './domain/delivery/asyncapi.routes.ts'
import { deliveryRoutes } from './domain/delivery/delivery.routes.ts'
import { followRoutes } from './domain/delivery/follow.routes.ts'
import { trackSocket } from './domain/delivery/track.socket.ts'
import { notificationsRoutes } from './domain/notifications/notifications.routes.ts'
import { notificationsSocket } from './domain/notifications/notifications.socket.ts'
import { ordersRoutes } from './domain/orders/orders.routes.ts'
import { answerWebhook } from './domain/payments/answer-webhook.ts'
import { paymentsRoutes } from './domain/payments/payments.routes.ts'
import { mpesaSimulatorRoutes } from './domain/payments/simulators/mpesa-simulator.routes.ts'
import { paypalSimulatorRoutes } from './domain/payments/simulators/paypal-simulator.routes.ts'
import { paystackSimulatorRoutes } from './domain/payments/simulators/paystack-simulator.routes.ts'
import { stripeSimulatorRoutes } from './domain/payments/simulators/stripe-simulator.routes.ts'
import { etimsSimulatorRoutes } from './domain/invoicing/etims-simulator.routes.ts'
import { invoicingRoutes } from './domain/invoicing/invoicing.routes.ts'
import { webhooksRoutes } from './domain/payments/webhooks.routes.ts'
import { integratorsRoutes } from './domain/integrators/integrators.routes.ts'
import { payoutsRoutes } from './domain/payouts/payouts.routes.ts'
import { applicationsRoutes } from './domain/vendors/applications/applications.routes.ts'
import { membersRoutes } from './domain/vendors/people/members.routes.ts'
import { vendorDeskRoutes } from './domain/vendors/vendor-desk.routes.ts'
import { vendorsRoutes } from './domain/vendors/vendors.routes.ts'
import { messagesRoutes } from './domain/notifications/messages.routes.ts'
import { zonesRoutes } from './domain/delivery/zones.routes.ts'
import { reviewsRoutes } from './domain/reviews/reviews.routes.ts'
import { wishlistRoutes } from './domain/wishlist/wishlist.routes.ts'
import { promotionsRoutes } from './domain/promotions/promotions.routes.ts'
import { docsRoutes } from './platform/docs/docs.routes.ts'
import { healthRoutes } from './platform/health/health.routes.ts'
import type { Readiness } from './platform/health/readiness.ts'
import { metricsRoutes } from './platform/metrics.routes.ts'
import { bodyParser } from './platform/http/body-parser.ts'
import { errorAnswer, errorMapping } from './platform/http/errors.ts'
import { createEntrance } from './platform/http/entrance.ts'
import { addSecurityHeaders } from './platform/http/headers.ts'
import { compilePolicies, createAuthorize } from './platform/http/policy.ts'
import { spokenLanguage } from './platform/http/spoken-language.ts'
import { clientAddress, type RequestScope, requestIdFrom, withRequestScope } from './platform/http/request-scope.ts'
import { routeLabel } from './platform/http/route-label.ts'
import { traceId, withSpan } from './platform/tracing.ts'
import { checkoutRoutes } from './workflows/checkout/checkout.routes.ts'
import { doorRoutes } from './workflows/checkout/door.routes.ts'
import { moneyDeskRoutes } from './workflows/checkout/money-desk.routes.ts'
import { returnsRoutes } from './workflows/returns/returns.routes.ts'
import { dispatchRoutes } from './workflows/dispatch/dispatch.routes.ts'
import { privacyRoutes } from './workflows/privacy/privacy.routes.ts'
import { assistantRoutes } from './workflows/assistant/assistant.routes.ts'
import { webPages } from './web/web.routes.ts'
import { errorPage } from './web/error-page.tsx'
import { pageFromWindow } from './web/show-page.ts'

/** The whole shop behind one function from request to answer. */
export interface App {
  /** Answers one request; undefined when it became a WebSocket. `address` is the socket's peer. */
  handle(request: Request, address?: string): Promise<Response | undefined>
  /** Requests being answered right now; a drain waits for zero. */
  inFlight(): number
  /** Every route, for the docs and for tests that walk them. */
  readonly routes: readonly { readonly method: string; readonly path: string; readonly hooks: unknown }[]
}

/** Every routes module of the shop in one list. Errors, bodies and docs first: a hook covers only what comes after it. */
export function createApp(context: Context, readiness: () => Promise<Readiness>): App {
  const showRefusal = errorPage(context)
  const elysia = new Elysia({ normalize: false })
    .use(errorMapping(context.log, showRefusal))
    .use(routeLabel())
    .use(bodyParser(context.config.limits.jsonBodyBytes))
    .use(docsRoutes(context.config))
    .use(asyncapiRoutes(context.config))
    .use(healthRoutes(readiness))
    .use(metricsRoutes(context))
    .use(accountsRoutes(context))
    .use(sessionsRoutes(context))
    .use(secondFactorRoutes(context))
    .use(apiKeysRoutes(context))
    .use(staffAccountsRoutes(context))
    .use(privacyRoutes(context))
    .use(catalogRoutes(context))
    .use(productDeskRoutes(context))
    .use(shelfDeskRoutes(context))
    .use(stockDeskRoutes(context))
    .use(cartRoutes(context))
    .use(promotionsRoutes(context))
    .use(messagesRoutes(context))
    .use(zonesRoutes(context))
    .use(reviewsRoutes(context))
    .use(wishlistRoutes(context))
    .use(returnsRoutes(context))
    .use(ordersRoutes(context))
    .use(checkoutRoutes(context))
    .use(moneyDeskRoutes(context))
    .use(doorRoutes(context))
    .use(paymentsRoutes(context))
    .use(webhooksRoutes(context))
    .use(deliveryRoutes(context))
    .use(followRoutes(context))
    .use(dispatchRoutes(context))
    .use(trackSocket(context))
    .use(notificationsRoutes(context))
    .use(notificationsSocket(context))
    .use(vendorsRoutes(context))
    .use(vendorDeskRoutes(context))
    .use(membersRoutes(context))
    .use(applicationsRoutes(context))
    .use(payoutsRoutes(context))
    .use(integratorsRoutes(context))
    .use(invoicingRoutes(context))
    .use(assistantRoutes(context))
    .use(context.config.sandbox ? etimsSimulatorRoutes(context) : new Elysia())
    .use(context.config.sandbox ? mpesaSimulatorRoutes(context) : new Elysia())
    .use(context.config.sandbox ? paystackSimulatorRoutes(context) : new Elysia())
    .use(context.config.sandbox ? paypalSimulatorRoutes(context) : new Elysia())
    .use(context.config.sandbox ? stripeSimulatorRoutes(context) : new Elysia())
    .use(webPages(context))

  const authorize = createAuthorize(compilePolicies(elysia.routes), {
    clock: context.clock,
    stepUpMinutes: context.config.access.stepUpMinutes,
  })
  const entrance = createEntrance({ ...context, errorPage: showRefusal })
  const webhooks = answerWebhook(context, errorAnswer(context.log, showRefusal))
  const serve = async (request: Request, scope: RequestScope): Promise<Response> => {
    const taken = webhooks(request, scope)
    if (taken !== undefined) return await taken
    const spoken = spokenLanguage(request, context.config)
    scope.lang = spoken.lang
    return (spoken.isShared ? await pageFromWindow(context, spoken.request) : undefined) ?? elysia.handle(spoken.request)
  }
  let inFlight = 0
  return {
    routes: elysia.routes,
    inFlight: () => inFlight,
    async handle(request, address = '127.0.0.1') {
      const scope: RequestScope = {
        requestId: requestIdFrom(request.headers.get('x-request-id')),
        address: clientAddress(request.headers.get('x-forwarded-for'), address, context.config.trustedProxies),
        startedAtMs: context.clock.monotonicMs(),
        upgraded: false,
        authorize,
      }
      inFlight++
      try {
        const response = await withRequestScope(scope, () =>
          traced(request, scope, () => entrance(request, scope, () => serve(request, scope))),
        )
        if (scope.upgraded) return undefined
        addSecurityHeaders(response, context.config, scope.requestId, pathOf(request))
        noteAccess(context, request, response, scope)
        return response
      } finally {
        inFlight--
      }
    },
  }
}

/** Serves a request inside a span that is named after its route, never after its address. */
const traced = (request: Request, scope: RequestScope, run: () => Promise<Response>): Promise<Response> =>
  withSpan(request.method, { 'http.request.method': request.method, 'request.id': scope.requestId }, async (span) => {
    const response = await run()
    span.rename(`${request.method} ${scope.route ?? 'none'}`)
    span.note({ 'http.route': scope.route ?? 'none', 'http.response.status_code': response.status })
    return response
  })

/** The path of a request; empty for an address that is none. */
const pathOf = (request: Request): string => (URL.canParse(request.url) ? new URL(request.url).pathname : '')

function noteAccess(context: Context, request: Request, response: Response, scope: RequestScope): void {
  const path = pathOf(request)
  // A token in a path opens an order; the log keeps its place, not its value.
  const safePath = path.replace(/^((?:\/sw)?\/(?:pay|track|webhooks\/mpesa)\/).+/, '$1…')
  const tookMs = context.clock.monotonicMs() - scope.startedAtMs
  context.metrics.observeRequest({ method: request.method, route: scope.route, status: response.status, tookMs })
  const trace = traceId()
  context.log.info(
    {
      requestId: scope.requestId,
      ...(trace === undefined ? {} : { trace }),
      method: request.method,
      path: safePath,
      status: response.status,
      ms: Math.round(tookMs),
    },
    'request',
  )
}
