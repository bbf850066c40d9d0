/** Wraps a rendered page in the headers it needs: its policy with the hash of the inlined style, and how long it may be kept. */
import { inlineCss } from './assets.ts'
import { KeptPage } from './kept-page.ts'
import { chooseCoding, packAs } from './pack-text.ts'

/** Who may keep an answer: everybody for a minute, the visitor's own browser, or nobody. */
export type Keep = 'shared' | 'private' | 'never'

const keepHeaders: Record<Keep, string> = {
  shared: 'public, max-age=0, s-maxage=60, stale-while-revalidate=600, stale-if-error=86400',
  // no-cache and not no-store: the page must stay in the back-forward cache.
  private: 'private, no-cache',
  never: 'private, no-store',
}

export type PageResponseOptions = {
  status?: number
  keep?: Keep
  /** Other origins this page may send forms to or talk with, such as a map's tiles. */
  policy?: Partial<Record<'connect-src' | 'img-src' | 'form-action', string>>
  headers?: Record<string, string>
}

/** A page everybody gets alike, ready to be kept and answered many times. */
export const sharedPage = (html: string, { policy = {}, headers = {} }: PageResponseOptions): KeptPage =>
  new KeptPage(html, headersOf('shared', policy, { 'speculation-rules': '"/speculation.json"', ...headers }))

/** An HTML answer. Shared pages carry an ETag and Vary, so that a browser that has them downloads nothing. */
export function pageResponse(request: Request, html: string, options: PageResponseOptions = {}): Response {
  const { status = 200, keep = 'private', policy = {}, headers: extra = {} } = options
  if (keep === 'shared' && status === 200) return sharedPage(html, options).answer(request)
  const headers = headersOf(keep, policy, extra)
  const coding = chooseCoding(request.headers, html.length)
  if (coding === undefined) return new Response(html, { status, headers })
  return new Response(packAs(html, coding), { status, headers: { ...headers, 'content-encoding': coding } })
}

const headersOf = (keep: Keep, policy: PageResponseOptions['policy'], extra: Record<string, string>): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': pagePolicy(policy),
  'cache-control': keepHeaders[keep],
  vary: 'Accept-Encoding, Available-Dictionary',
  ...extra,
})

/** The Content-Security-Policy of our pages: own scripts from files only, the one inlined style by its hash, nothing else inline. */
export function pagePolicy(also: PageResponseOptions['policy'] = {}): string {
  const directives: Record<string, string> = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': `'self' ${inlineCss().hash}`,
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'connect-src': "'self'",
    'manifest-src': "'self'",
    'worker-src': "'self'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
    'base-uri': "'none'",
    'require-trusted-types-for': "'script'",
  }
  for (const [name, value] of Object.entries(also)) directives[name] = `${directives[name] ?? ''} ${value}`.trim()
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}
