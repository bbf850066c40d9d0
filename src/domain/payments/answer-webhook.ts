import type { Context } from '../../context.ts'
import { readBytes } from '../../platform/http/body-parser.ts'
import { takeWebhook, type WebhookTarget } from './take-webhook.ts'

// Plain addresses only. Whatever is spelt otherwise (a final slash, an escape) is left to the router, which knows all spellings.
const signed = /^\/(?:orders\/)?webhooks?\/(stripe|paystack|paypal)$/
const prompt = /^\/webhooks?\/mpesa\/([\w-]{1,100})$/

/**
 * Answers a provider's message past the framework, or undefined for any other request. Callbacks come in bursts when a network has
 * been away, and then everything that is not the row in the inbox is time taken from it. The routes of webhooks.routes.ts describe
 * the same addresses and answer by the same function; limits, errors, headers and logs are the caller's for both.
 */
export function answerWebhook(context: Context, request: Request, path: string): Promise<Response> | undefined {
  if (request.method !== 'POST' || !path.includes('webhook')) return undefined
  const target = targetOf(path)
  return target === undefined ? undefined : answer(context, request, target)
}

function targetOf(path: string): WebhookTarget | undefined {
  const token = prompt.exec(path)?.[1]
  if (token !== undefined) return { kind: 'prompt', token }
  const provider = signed.exec(path)?.[1]
  return provider === undefined ? undefined : { kind: 'signed', provider }
}

async function answer(context: Context, request: Request, target: WebhookTarget): Promise<Response> {
  const body = await readBytes(request, context.config.limits.webhookBodyBytes)
  return Response.json(await takeWebhook(context, target, body, Object.fromEntries(request.headers)))
}
