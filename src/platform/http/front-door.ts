import { isStorableText } from '../../lib/strict-json.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Config } from '../config.ts'
import { cookieName, readCookie } from './cookies.ts'
import { foreignOrigin } from './cors.ts'

const unsafe: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * What every request must pass before the router sees it. Host first: the framework finds the path by offset, so that a very
 * short Host header over plain HTTP would move the path (design: stack.md finding 3). Refuses with wrong_host, malformed_request,
 * malformed_text, cross_site.
 */
export function checkRequest(request: Request, config: Config): Refusal | undefined {
  const host = (request.headers.get('host') ?? (URL.canParse(request.url) ? new URL(request.url).host : '')).toLowerCase()
  if (!isAllowedHost(host, config.allowedHosts) && !isProbe(request, host)) return new Refusal('wrong_host')
  if (!URL.canParse(request.url) || request.url.length > 8_192) return new Refusal('malformed_request')
  const url = new URL(request.url)
  if (!isCleanEncoding(url.pathname) || !isCleanEncoding(url.search.replaceAll('+', ' '))) return new Refusal('malformed_text')
  if (unsafe.has(request.method) && isFromAnotherSite(request, host) && !isListedProgram(request, config)) return new Refusal('cross_site')
  return undefined
}

/** A script of a listed origin that brings a token and no cookie of ours; a cookie beside it is somebody being ridden on. */
const isListedProgram = (request: Request, config: Config): boolean =>
  foreignOrigin(request, config) !== undefined &&
  request.headers.has('authorization') &&
  readCookie(request, cookieName(config, 'sid')) === undefined

/**
 * A platform asks its probes by the address of the machine, which is in no list of hosts. Only these two, only by an IP address,
 * and without a query, in which the framework would look for a path.
 */
function isProbe(request: Request, host: string): boolean {
  return (
    request.method === 'GET' &&
    /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d{1,5})?$/.test(host) &&
    /^http:\/\/[^/]+\/(healthz|readyz)$/.test(request.url)
  )
}

function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const name = host.replace(/:\d{1,5}$/, '')
  return /^[a-z0-9.[\]:-]{1,255}$/.test(host) && (allowed.includes(host) || allowed.includes(name))
}

function isCleanEncoding(part: string): boolean {
  try {
    return isStorableText(decodeURIComponent(part))
  } catch (error) {
    if (error instanceof URIError) return false
    throw error
  }
}

/**
 * Cross-site request forgery: browsers say where a request comes from (Fetch Metadata, and Origin on every unsafe method);
 * programs that are no browsers say neither and carry no ambient cookie. A same-site sibling is foreign too.
 */
function isFromAnotherSite(request: Request, host: string): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = request.headers.get('origin')
  return origin !== null && !isOwnOrigin(origin, host)
}

/** Whether an Origin header is this shop's own, judged against the (already allowed) Host. */
export const isOwnOrigin = (origin: string, host: string): boolean =>
  URL.canParse(origin) && new URL(origin).host.toLowerCase() === host.toLowerCase()
