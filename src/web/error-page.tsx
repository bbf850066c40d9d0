import type { Context } from '../context.ts'
import type { Refusal } from '../lib/refusal.ts'
import type { ErrorPage } from '../platform/http/errors.ts'
import { requestScope } from '../platform/http/request-scope.ts'
import { renderPage } from './layout.tsx'
import { pageResponse } from './page-response.ts'
import { knownCategories, shelvesOf } from './shelves.ts'
import { readyAssets } from './show-page.ts'

/** What the page says for a status: what happened, and what did not. */
const words: Record<number, readonly [title: string, text: string]> = {
  401: ['Sign in to see this', 'This page belongs to an account.'],
  403: ['You cannot open this', 'This page is for somebody else. Nothing was changed.'],
  404: ['There is nothing at this address', 'The page may have moved, or the address has a typing mistake.'],
  405: ['That cannot be sent here', 'Go back and try the button again.'],
  409: ['This has changed in the meantime', 'Go back, load the page again and look before you repeat it.'],
  410: ['This link has expired', 'Ask for a new one, or find your order in your messages.'],
  413: ['That is too much at once', 'Send less text.'],
  422: ['We could not use that', 'Go back and check what you wrote.'],
  429: ['That was a lot at once', 'Wait a minute, then try again. Nothing was lost.'],
  500: ['Something went wrong on our side', 'It is not your fault, and nothing was charged by this. Try again; your bag is safe.'],
  503: ['The shop is very busy', 'Try again in a moment. Nothing was charged, and your bag is safe.'],
}

// Addresses that programs call; they get problem+json whatever they say they accept.
const programs = /^\/(api|webhooks?|sandbox\/mpesa|swagger|assets|media|metrics|healthz|readyz|ws)(\/|$)/

/** The page a person sees instead of problem+json: for browsers asking for HTML, outside the addresses programs use. */
export const errorPage =
  (context: Context): ErrorPage =>
  (request, refusal) => {
    if (!(request.headers.get('accept') ?? '').includes('text/html') || programs.test(new URL(request.url).pathname)) return undefined
    return answer(context, request, refusal)
  }

async function answer(context: Context, request: Request, refusal: Refusal): Promise<Response> {
  await readyAssets(context)
  const [title, text] = words[refusal.status] ?? words[refusal.status >= 500 ? 500 : 422] ?? ['', '']
  const requestId = requestScope()?.requestId ?? ''
  const path = new URL(request.url).pathname
  const html = renderPage(context.config, {
    title,
    path,
    isPrivate: true,
    // The database may be what is down: only what is already known.
    shelves: shelvesOf(knownCategories(context)),
    body: (
      <div class="stack max-w-text">
        <h1>{title}</h1>
        <p>{text}</p>
        {refusal.status < 500 && refusal.status !== 404 && refusal.detail !== text && <p>{refusal.detail}</p>}
        <p class="chips">
          {refusal.status === 401 ? (
            <a class="btn" href={`/account?next=${encodeURIComponent(path)}`}>
              Sign in
            </a>
          ) : refusal.status >= 500 || refusal.status === 429 ? (
            <a class="btn" href={request.method === 'GET' ? path : '/'}>
              Try again
            </a>
          ) : (
            <a class="btn" href="/">
              See what is new
            </a>
          )}
          <a class="btn btn-quiet" href="/cart">
            Your bag
          </a>
          <a class="btn btn-quiet" href="/help">
            Help
          </a>
        </p>
        {requestId !== '' && (
          <p class="meta">
            If you write to us about this, name this number: <code>{requestId}</code>
          </p>
        )}
      </div>
    ),
  })
  return pageResponse(request, html, {
    status: refusal.status,
    keep: 'never',
    headers: refusal.retryAfterS === undefined ? {} : { 'retry-after': String(refusal.retryAfterS) },
  })
}
