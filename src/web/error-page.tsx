import type { Context } from '../context.ts'
import type { Refusal } from '../lib/refusal.ts'
import { accountWords } from './i18n/account.words.ts'
import type { ErrorPage } from '../platform/http/errors.ts'
import { requestScope } from '../platform/http/request-scope.ts'
import { errorWords } from './i18n/error.words.ts'
import { frameWords } from './i18n/frame.words.ts'
import { refusalText } from './i18n/refusal.words.ts'
import { localPath } from './i18n/words.ts'
import { renderPage } from './layout.tsx'
import { pageResponse } from './page-response.ts'
import { knownCategories, shelvesOf } from './shelves.ts'
import { readyAssets } from './show-page.ts'

const spoken = [401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503] as const

/** The heading and the sentence of a status; of one we have no words for, those of its kind. */
function wordsFor(status: number): { title: string; text: string } {
  const words = errorWords()
  const known = spoken.find((each) => each === status) ?? (status >= 500 ? 500 : 422)
  return { title: words[`t${known}`], text: words[`d${known}`] }
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
  const { title, text } = wordsFor(refusal.status)
  const [words, frame] = [errorWords(), frameWords()]
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
        {refusal.status < 500 && refusal.status !== 404 && refusal.detail !== text && <p>{refusalText(refusal)}</p>}
        <p class="chips">
          {refusal.code === 'step_up_required' ? (
            <a class="btn" href={localPath(`/account/confirm?next=${encodeURIComponent(wayBack(request, path))}`)}>
              {accountWords().confirmTitle}
            </a>
          ) : refusal.code === 'second_factor_required' ? (
            <a class="btn" href={localPath('/account/settings')}>
              {accountWords().settingsTitle}
            </a>
          ) : refusal.status === 401 ? (
            <a class="btn" href={localPath(`/account?next=${encodeURIComponent(path)}`)}>
              {words.signIn}
            </a>
          ) : refusal.status >= 500 || refusal.status === 429 ? (
            <a class="btn" href={localPath(request.method === 'GET' ? path : '/')}>
              {words.again}
            </a>
          ) : (
            <a class="btn" href={localPath('/')}>
              {words.newest}
            </a>
          )}
          <a class="btn btn-quiet" href={localPath('/cart')}>
            {frame.bag}
          </a>
          <a class="btn btn-quiet" href={localPath('/help')}>
            {frame.help}
          </a>
        </p>
        {requestId !== '' && (
          <p class="meta">
            {words.nameNumber} <code>{requestId}</code>
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

/** Where to go on after proving who one is: the page itself, or for a form the page it was on. */
function wayBack(request: Request, path: string): string {
  const referer = request.headers.get('referer') ?? ''
  const from = URL.canParse(referer) ? new URL(referer) : undefined
  return request.method === 'GET' ? path : from === undefined ? '/account' : `${from.pathname}${from.search}`
}
