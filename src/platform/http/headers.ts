import type { Config } from '../config.ts'

const strictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const tokenPages = /^\/(?:sw\/)?(pay|track|account\/(activate|reset|contact))(\/|$)/

/**
 * The headers every answer carries. A page brings its own Content-Security-Policy (with the hash of its inlined style); anything
 * else gets one that allows nothing.
 */
export function addSecurityHeaders(response: Response, config: Config, requestId: string, path: string): void {
  const headers = response.headers
  headers.set('x-request-id', requestId)
  headers.set('x-content-type-options', 'nosniff')
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', strictPolicy)
  // An address with a token in it opens something; it is told to nobody, not even to our own pages.
  if (!headers.has('referrer-policy'))
    headers.set('referrer-policy', tokenPages.test(path) ? 'no-referrer' : 'strict-origin-when-cross-origin')
  // What the API answers is somebody's own unless the route says that everybody may keep it.
  if (path.startsWith('/api/') && !headers.has('cache-control')) headers.set('cache-control', 'private, no-store')
  if (!headers.has('permissions-policy')) headers.set('permissions-policy', 'geolocation=(), camera=(), microphone=(), payment=(), usb=()')
  headers.set('cross-origin-opener-policy', 'same-origin')
  if (!headers.has('cross-origin-resource-policy')) headers.set('cross-origin-resource-policy', 'same-origin')
  headers.set('x-frame-options', 'DENY')
  if (config.publicUrl.startsWith('https:')) headers.set('strict-transport-security', 'max-age=63072000; includeSubDomains')
}
