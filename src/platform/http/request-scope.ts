import { AsyncLocalStorage } from 'node:async_hooks'
import type { Actor } from '../../lib/actor.ts'
import type { Lang } from '../../lib/language.ts'

/** What is known of the request being served, wherever it is asked for: one object a request. */
export interface RequestScope {
  readonly requestId: string
  /** The client's address: the socket's, or the one a trusted proxy named. */
  readonly address: string
  readonly startedAtMs: number
  /** The language pages are written in for this request. */
  lang?: Lang
  /** Set by the hub when the request became a WebSocket; the answer is then ignored. */
  upgraded: boolean
  /** SHA-256 of the body as it came, where a signature covers it. */
  bodySha256?: string
  /** Whom the guard knew: `account:<id>`, `key:<id>`, or `guest`. Unset where no guard asked. */
  sender?: string
  /** Asks the policy table whether somebody may do what a route does; refuses when not. */
  readonly authorize?: (actor: Actor, method: string, route: string) => void
  /** The template of the route that serves it, once one is found. */
  route?: string
}

const storage = new AsyncLocalStorage<RequestScope>()

/** Runs a request inside its scope. */
export const withRequestScope = <Answer>(scope: RequestScope, run: () => Answer): Answer => storage.run(scope, run)

/** The scope of the request being served; undefined in jobs. */
export const requestScope = (): RequestScope | undefined => storage.getStore()

const safeRequestId = /^[A-Za-z0-9_-]{8,64}$/

/** The caller's request id when it is harmless, else a new one. */
export const requestIdFrom = (header: string | null): string =>
  header !== null && safeRequestId.test(header) ? header : Bun.randomUUIDv7().replaceAll('-', '')

/**
 * The client's address. X-Forwarded-For is believed only from the right and only over as many hops as proxies are configured,
 * because everything to the left of that is whatever the client wrote.
 */
export function clientAddress(forwardedFor: string | null, socketAddress: string, trustedProxies: number): string {
  if (trustedProxies === 0 || forwardedFor === null) return socketAddress
  const hops = forwardedFor
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '')
  return hops.at(-trustedProxies) ?? socketAddress
}
