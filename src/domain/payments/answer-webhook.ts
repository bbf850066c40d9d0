import type { Context } from '../../context.ts'
import { readBytes } from '../../platform/http/body-parser.ts'
import type { ErrorAnswer } from '../../platform/http/errors.ts'
import type { RequestScope } from '../../platform/http/request-scope.ts'
import { takeWebhook, type WebhookTarget } from './take-webhook.ts'

// Plain addresses only. Whatever is spelt otherwise (a final slash, an escape, a query) is left to the router, which knows all spellings.
const signed = /^https?:\/\/[^/]+(\/(?:orders\/)?webhooks?)\/(stripe|paystack|paypal)$/
const prompt = /^https?:\/\/[^/]+(\/webhooks?\/mpesa)\/([\w-]{1,100})$/

/**
 * Answers a provider's message past the framework, or undefined for any other request. Callbacks come in bursts when a network has
 * been away, and then everything that is not the row in the inbox is time taken from it. The routes of webhooks.routes.ts describe
 * the same addresses and answer by the same function; entrance, headers and logs are the caller's for both.
 */
export const answerWebhook =
  (context: Context, answerError: ErrorAnswer) =>
  (request: Request, scope: RequestScope): Promise<Response> | undefined => {
    if (request.method !== 'POST' || !request.url.includes('/webhook')) return undefined
    const found = targetOf(request.url)
    if (found === undefined) return undefined
    scope.route = found.route
    return answer(context, request, found.target).catch((error: unknown) => answerError('UNKNOWN', error, request))
  }

function targetOf(url: string): { readonly target: WebhookTarget; readonly route: string } | undefined {
  const [, family, token] = prompt.exec(url) ?? []
  if (token !== undefined) return { target: { kind: 'prompt', token }, route: `${family}/:token` }
  const [, base, provider] = signed.exec(url) ?? []
  return provider === undefined ? undefined : { target: { kind: 'signed', provider }, route: `${base}/:provider` }
}

async function answer(context: Context, request: Request, target: WebhookTarget): Promise<Response> {
  const body = await readBytes(request, context.config.limits.webhookBodyBytes)
  return Response.json(await takeWebhook(context, target, body, Object.fromEntries(request.headers)))
}
