import type { Clock } from '../lib/clock.ts'
import type { CircuitPass, Circuits } from './circuit.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { withSpan } from './tracing.ts'

/** Why a call to another machine gave no usable answer. */
export type OutgoingFailure = 'host_refused' | 'circuit_open' | 'timeout' | 'network' | 'redirect' | 'too_large' | 'not_json'

/** A call that gave no usable answer. `isUnknown`: the other side may have acted all the same, so the call must not be repeated blindly. */
export class OutgoingError extends Error {
  readonly failure: OutgoingFailure
  readonly status: number | undefined

  constructor(failure: OutgoingFailure, host: string, status?: number, cause?: unknown) {
    super(`${host}: ${failure}${status === undefined ? '' : ` (status ${status})`}`, cause === undefined ? undefined : { cause })
    this.name = 'OutgoingError'
    this.failure = failure
    this.status = status
  }

  get isUnknown(): boolean {
    return this.failure !== 'host_refused' && this.failure !== 'circuit_open'
  }
}

/** One call. The body, if any, is sent as JSON; text goes out as it is. */
export interface OutgoingCall {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Sent byte for byte instead of a body: forms, and messages whose exact bytes are signed. */
  readonly text?: { readonly type: string; readonly value: string }
  /** The answer is read as text and not as JSON: a certificate, or an answer nobody reads. */
  readonly takesText?: boolean
  /** Headers of the answer that are handed over, in lower case. */
  readonly keepHeaders?: readonly string[]
  /** Time until the answer's headers are there; the runtime does not tell connecting and waiting apart. */
  readonly headersTimeoutMs?: number
  /** Time until the whole answer is read. */
  readonly totalTimeoutMs?: number
  readonly maxBytes?: number
  /** For the log line: what this call is, without ids or secrets. */
  readonly purpose: string
}

/** An answer: any status, with its body parsed; `text` only where it was asked for. */
export interface OutgoingAnswer {
  readonly status: number
  readonly json: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The only way out of this process to a provider: hosts outside the list are refused (design: product.md, deny by default). */
export interface Outgoing {
  /** Answers for every status that carries JSON; throws OutgoingError for everything else. Never follows a redirect. */
  call(call: OutgoingCall): Promise<OutgoingAnswer>
}

/** What the outgoing client needs. */
export interface OutgoingOptions {
  /** `host` or `host:port` as `URL.host` writes it. */
  readonly allowedHosts: readonly string[]
  /** Also every port of this machine; for simulators, which call whoever called them. Never for the shop itself. */
  readonly allowsLoopback?: boolean
  /** Limits and breakers by host; a call they hold back was not sent (`circuit_open`). Simulators have none: they are what is down. */
  readonly circuits?: Circuits
  readonly log: Log
  readonly clock: Clock
}

/** The hosts the configuration says we talk to. */
export const outgoingHosts = (config: Config): string[] => [
  ...new Set([
    ...[config.mpesa?.baseUrl, config.stripe?.baseUrl, config.paystack?.baseUrl, config.paypal?.baseUrl].flatMap((address) =>
      address === undefined ? [] : [new URL(address).host],
    ),
    ...(config.paypal?.verify === 'local' ? config.paypal.certHosts : []),
  ]),
]

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** Makes the client. */
export function createOutgoing(options: OutgoingOptions): Outgoing {
  const allowed = new Set(options.allowedHosts.map((host) => host.toLowerCase()))
  return {
    async call(call) {
      const url = new URL(call.url)
      const isAllowed = allowed.has(url.host) || (options.allowsLoopback === true && loopback.test(url.hostname))
      if (!isAllowed || !/^https?:$/.test(url.protocol)) throw new OutgoingError('host_refused', url.host)
      const startedMs = options.clock.monotonicMs()
      // The line holds neither query nor body: tokens, phone numbers and keys travel there.
      const line = { purpose: call.purpose, method: call.method, host: url.host }
      let pass: CircuitPass | undefined
      try {
        pass = await options.circuits?.of(circuitOf(url)).enter()
        if (options.circuits !== undefined && pass === undefined) throw new OutgoingError('circuit_open', url.host)
        // The wait for a place is part of the time the caller has.
        const answer = await withSpan(
          `call ${call.purpose}`,
          { 'http.request.method': call.method, 'server.address': url.hostname },
          async (span) => {
            const got = await exchange(call, url, options.clock.monotonicMs() - startedMs)
            span.note({ 'http.response.status_code': got.status })
            return got
          },
        )
        pass?.end(isDown(answer.status) ? 'failed' : 'answered')
        options.log.info({ ...line, status: answer.status, tookMs: Math.round(options.clock.monotonicMs() - startedMs) }, 'outgoing call')
        return answer
      } catch (error) {
        const failure = error instanceof OutgoingError ? error : asOutgoingError(error, url.host)
        pass?.end(failure.failure === 'timeout' || failure.failure === 'network' || isDown(failure.status) ? 'failed' : 'answered')
        options.log.warn(
          { ...line, failure: failure.failure, status: failure.status, tookMs: Math.round(options.clock.monotonicMs() - startedMs) },
          'outgoing call failed',
        )
        throw failure
      }
    },
  }
}

/** The simulators live side by side on one host, as providers never do; one that is down on purpose must not be all of them. */
const circuitOf = (url: URL): string => url.host + (/^\/sandbox\/[a-z]+/.exec(url.pathname)?.[0] ?? '')

/** Said by the machines in front of a provider. A plain 500 is not among them: Daraja says so of a prompt that still waits for its PIN. */
const isDown = (status: number | undefined): boolean => status === 429 || status === 502 || status === 503 || status === 504

async function exchange(call: OutgoingCall, url: URL, spentMs: number): Promise<OutgoingAnswer> {
  const abort = new AbortController()
  const stop = (): void => abort.abort(new DOMException('too slow', 'TimeoutError'))
  const totalMs = Math.max(1, (call.totalTimeoutMs ?? 10_000) - spentMs)
  const total = setTimeout(stop, totalMs)
  const headers = setTimeout(stop, Math.min(call.headersTimeoutMs ?? totalMs, totalMs))
  try {
    const response = await fetch(url, {
      method: call.method,
      // Some provider firewalls answer HTML to callers without a name (design: payments.md 4.1).
      headers: {
        accept: 'application/json',
        'user-agent': 'rahim-online',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.text === undefined ? {} : { 'content-type': call.text.type }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.text === undefined ? {} : { body: call.text.value }),
      redirect: 'manual',
      signal: abort.signal,
    })
    clearTimeout(headers)
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel()
      throw new OutgoingError('redirect', url.host, response.status)
    }
    const text = await readAtMost(response, call.maxBytes ?? 1_048_576, url.host)
    return {
      status: response.status,
      ...(call.takesText === true ? { json: undefined, text } : { json: parseJson(text, url.host, response.status) }),
      ...(call.keepHeaders === undefined ? {} : { headers: pick(response.headers, call.keepHeaders) }),
    }
  } finally {
    clearTimeout(total)
    clearTimeout(headers)
  }
}

const pick = (headers: Headers, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (headers.get(name) === null ? [] : [[name, headers.get(name) ?? '']])))

async function readAtMost(response: Response, maxBytes: number, host: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the stream, so an endless answer costs no more than the limit.
    if (size > maxBytes) throw new OutgoingError('too_large', host, response.status)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string, host: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new OutgoingError('not_json', host, status)
  }
}

function asOutgoingError(error: unknown, host: string): OutgoingError {
  const name = error instanceof Error ? error.name : ''
  return new OutgoingError(name === 'TimeoutError' || name === 'AbortError' ? 'timeout' : 'network', host, undefined, error)
}
