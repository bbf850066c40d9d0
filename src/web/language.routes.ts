import { Elysia, t } from 'elysia'
import type { Context } from '../context.ts'
import { days } from '../lib/time.ts'
import { setCookie } from '../platform/http/cookies.ts'
import { ownPath } from './form-values.ts'
import { localPath } from './i18n/words.ts'

const ageMs = days(365)

/** Changes the language: notes it in a cookie, for pages of one visitor, and leads to the same page in it. */
export const languageRoutes = (context: Context) =>
  new Elysia({ detail: { hide: true } }).get(
    '/language/:lang',
    ({ params, query }) =>
      new Response(null, {
        status: 303,
        headers: {
          location: localPath(ownPath(query.next ?? '') ?? '/', params.lang),
          'cache-control': 'no-store',
          'set-cookie': setCookie(context.config, 'lang', params.lang, ageMs / 1_000),
        },
      }),
    {
      params: t.Object({ lang: t.Union([t.Literal('en'), t.Literal('sw')]) }),
      query: t.Object({ next: t.Optional(t.String({ maxLength: 400 })) }),
    },
  )
