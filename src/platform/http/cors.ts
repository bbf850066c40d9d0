import type { Config } from '../config.ts'

/**
 * The Origin of a request from another site's script that `CORS_ORIGINS` lists and that goes to the API; undefined for everything else,
 * our own pages included.
 */
export function foreignOrigin(request: Request, config: Config): string | undefined {
  const origin = request.headers.get('origin')
  if (origin === null || !config.access.corsOrigins.includes(origin.toLowerCase())) return undefined
  return new URL(request.url).pathname.startsWith('/api/') ? origin : undefined
}

/** What a browser asks before it sends: which methods and headers may be used. Never with cookies. */
export const preflight = (origin: string): Response => {
  const response = new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization, content-type, idempotency-key, x-request-id, x-vendor-id',
      'access-control-max-age': '600',
    },
  })
  allowOrigin(response, origin)
  return response
}

/**
 * Lets the script read the answer. Access-Control-Allow-Credentials is never sent: another site brings a token of its own, it never
 * rides on somebody's cookie.
 */
export function allowOrigin(response: Response, origin: string): void {
  response.headers.set('access-control-allow-origin', origin)
  response.headers.append('vary', 'origin')
  response.headers.set('access-control-expose-headers', 'x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset')
  response.headers.set('cross-origin-resource-policy', 'cross-origin')
}
