import type Stripe from 'stripe'
import type { StripeConfig } from '../../../platform/payment.config.ts'
import { type Outgoing, OutgoingError } from '../../../platform/outgoing.ts'

/** A call Stripe has refused for good: nothing happened, and nothing will under the same words. */
export class StripeRefusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string) {
    super(`stripe refused: ${code}`)
    this.name = 'StripeRefusal'
    this.status = status
    this.code = code
  }
}

/** Stripe's own library behind our guard of outgoing calls. */
export interface StripeApi {
  /** Makes one call. Throws StripeRefusal for a definite no, OutgoingError for everything that leaves the outcome open. */
  call<Answer>(work: (stripe: Stripe) => Promise<Answer>): Promise<Answer>
  /** The library itself, for verifying and for lists. */
  library(): Promise<Stripe>
}

// Without `fetch` of its own the library cannot leave this process by another door.
type FetchArguments = [address: string | URL | Request, init?: RequestInit]

const keptHeaders = ['request-id', 'stripe-should-retry', 'idempotent-replayed', 'content-type']

/** Makes the door to Stripe. The library is loaded with the first call, because a shop that takes no cards should not carry it. */
export function createStripeApi(options: { stripe: StripeConfig; outgoing: Outgoing }): StripeApi {
  const { stripe: config, outgoing } = options
  const { host } = new URL(config.baseUrl)
  let loading: Promise<Stripe> | undefined

  async function load(): Promise<Stripe> {
    const { default: Library } = await import('stripe')
    return new Library(config.secretKey, {
      host: config.host,
      port: config.port,
      protocol: config.protocol,
      telemetry: false,
      timeout: 15_000,
      // Repeats are the outbox's work: it writes down what it does.
      maxNetworkRetries: 0,
      httpClient: Library.createFetchHttpClient(send as typeof fetch),
    })
  }

  async function send(...[address, init]: FetchArguments): Promise<Response> {
    const url = new URL(address instanceof Request ? address.url : address)
    const headers = Object.fromEntries(new Headers(init?.headers))
    const method = init?.method === 'POST' ? 'POST' : 'GET'
    const answer = await outgoing.call({
      method,
      url: `${config.baseUrl}${url.pathname}${url.search}`,
      headers,
      ...(typeof init?.body === 'string' && method === 'POST'
        ? { text: { type: headers['content-type'] ?? 'application/x-www-form-urlencoded', value: init.body } }
        : {}),
      takesText: true,
      keepHeaders: keptHeaders,
      totalTimeoutMs: method === 'GET' ? 10_000 : 15_000,
      maxBytes: 4_194_304,
      purpose: `stripe ${method} ${url.pathname
        .split('/')
        .slice(2, 4)
        .join(' ')
        .replace(/\b[a-z]{2,}_[A-Za-z0-9_]+/g, '')}`.trim(),
    })
    return new Response(answer.text ?? '', { status: answer.status, headers: { ...answer.headers } })
  }

  const library = async (): Promise<Stripe> => await (loading ??= load())

  return {
    library,
    async call(work) {
      const stripe = await library()
      try {
        return await work(stripe)
      } catch (error) {
        throw translated(error, host)
      }
    },
  }
}

/** The library's errors in our words. Its classes are told by name, so that telling them does not load it. */
function translated(error: unknown, host: string): unknown {
  if (!(error instanceof Error) || !('type' in error)) return error
  const told = error as Error & { type: string; statusCode?: number; code?: string; detail?: unknown }
  if (told.detail instanceof OutgoingError) return told.detail
  const status = told.statusCode ?? 0
  const isDefinite = [
    'StripeInvalidRequestError',
    'StripeCardError',
    'StripeAuthenticationError',
    'StripePermissionError',
    'StripeIdempotencyError',
  ].includes(told.type)
  // Two calls under one key at once: the other one decides.
  if (!isDefinite || status === 409 || status === 429 || status >= 500) return new OutgoingError('network', host, told.statusCode, error)
  return new StripeRefusal(status, /^[a-z_]{1,60}$/.test(told.code ?? '') ? (told.code ?? '') : 'refused')
}
