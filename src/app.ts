import { Elysia } from 'elysia'
import type { Context } from './context.ts'
import { accountsRoutes } from './domain/accounts/accounts.routes.ts'
import { cartRoutes } from './domain/cart/cart.routes.ts'
import { catalogRoutes } from './domain/catalog/catalog.routes.ts'
import { deliveryRoutes } from './domain/delivery/delivery.routes.ts'
import { trackSocket } from './domain/delivery/track.socket.ts'
import { ordersRoutes } from './domain/orders/orders.routes.ts'
import { answerWebhook } from './domain/payments/answer-webhook.ts'
import { paymentsRoutes } from './domain/payments/payments.routes.ts'
import { mpesaSimulatorRoutes } from './domain/payments/simulators/mpesa-simulator.routes.ts'
import { paypalSimulatorRoutes } from './domain/payments/simulators/paypal-simulator.routes.ts'
import { paystackSimulatorRoutes } from './domain/payments/simulators/paystack-simulator.routes.ts'
import { stripeSimulatorRoutes } from './domain/payments/simulators/stripe-simulator.routes.ts'
import { webhooksRoutes } from './domain/payments/webhooks.routes.ts'
import { Refusal } from './lib/refusal.ts'
import { docsRoutes } from './platform/docs/docs.routes.ts'
import { healthRoutes } from './platform/health/health.routes.ts'
import type { Readiness } from './platform/health/readiness.ts'
import { bodyParser } from './platform/http/body-parser.ts'
import { errorAnswer, errorMapping } from './platform/http/errors.ts'
import { checkRequest } from './platform/http/front-door.ts'
import { addSecurityHeaders } from './platform/http/headers.ts'
import { problemResponse } from './platform/http/problem.ts'
import { clientAddress, type RequestScope, requestIdFrom, withRequestScope } from './platform/http/request-scope.ts'
import { checkoutRoutes } from './workflows/checkout/checkout.routes.ts'
import { doorRoutes } from './workflows/checkout/door.routes.ts'
import { moneyDeskRoutes } from './workflows/checkout/money-desk.routes.ts'
import { dispatchRoutes } from './workflows/dispatch/dispatch.routes.ts'
import { webPages } from './web/web.routes.ts'
import { errorPage } from './web/error-page.tsx'

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
  const elysia = new Elysia({ normalize: false })
    .use(errorMapping(context.log, errorPage(context)))
    .use(bodyParser(context.config.limits.jsonBodyBytes))
    .use(docsRoutes(context.config))
    .use(healthRoutes(readiness))
    .use(accountsRoutes(context))
    .use(catalogRoutes(context))
    .use(cartRoutes(context))
    .use(ordersRoutes(context))
    .use(checkoutRoutes(context))
    .use(moneyDeskRoutes(context))
    .use(doorRoutes(context))
    .use(paymentsRoutes(context))
    .use(webhooksRoutes(context))
    .use(deliveryRoutes(context))
    .use(dispatchRoutes(context))
    .use(trackSocket(context))
    .use(context.config.sandbox ? mpesaSimulatorRoutes(context) : new Elysia())
    .use(context.config.sandbox ? paystackSimulatorRoutes(context) : new Elysia())
    .use(context.config.sandbox ? paypalSimulatorRoutes(context) : new Elysia())
    .use(context.config.sandbox ? stripeSimulatorRoutes(context) : new Elysia())
    .use(webPages(context))

  let inFlight = 0
  const showError = errorAnswer(context.log, errorPage(context))
  const answer = async (request: Request, url: URL | null): Promise<Response> => {
    const refusal = checkRequest(request, url, context.config)
    if (refusal !== undefined || url === null) return problemResponse(refusal ?? new Refusal('malformed_request'))
    try {
      return await (answerWebhook(context, request, url.pathname) ?? elysia.handle(request))
    } catch (error) {
      return await showError('UNKNOWN', error, request)
    }
  }
  return {
    routes: elysia.routes,
    inFlight: () => inFlight,
    async handle(request, address = '127.0.0.1') {
      const url = URL.parse(request.url)
      const scope: RequestScope = {
        requestId: requestIdFrom(request.headers.get('x-request-id')),
        address: clientAddress(request.headers.get('x-forwarded-for'), address, context.config.trustedProxies),
        startedAtMs: context.clock.monotonicMs(),
        upgraded: false,
      }
      inFlight++
      try {
        const response = await withRequestScope(scope, () => answer(request, url))
        if (scope.upgraded) return undefined
        addSecurityHeaders(response, context.config, scope.requestId)
        logAccess(context, request, url, response, scope)
        return response
      } finally {
        inFlight--
      }
    },
  }
}

function logAccess(context: Context, request: Request, url: URL | null, response: Response, scope: RequestScope): void {
  // A token in a path opens an order; the log keeps its place, not its value.
  const safePath = (url?.pathname ?? '').replace(/^(\/(?:pay|track|webhooks\/mpesa)\/).+/, '$1…')
  context.log.info(
    {
      requestId: scope.requestId,
      method: request.method,
      path: safePath,
      status: response.status,
      ms: Math.round(context.clock.monotonicMs() - scope.startedAtMs),
    },
    'request',
  )
}
