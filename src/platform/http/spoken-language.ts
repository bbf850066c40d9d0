import { isLang, type Lang, preferredLang } from '../../lib/language.ts'
import type { Config } from '../config.ts'
import { cookieName, readCookie } from './cookies.ts'

/** A request with the language it is answered in, and without the prefix that named it. */
export interface Spoken {
  readonly request: Request
  readonly lang: Lang
  /** Whether everybody gets the same page at this address. */
  readonly isShared: boolean
}

const prefix = /^\/sw(?=\/|$)/
// The same bytes for everybody, kept by caches: only the address may choose the language here.
const shared = /^\/(c\/|p\/|search$|help|privacy$|terms$|cookies$|about$|shops?\/|offline$|$)/

/**
 * Finds the language of a page. Swahili pages live under /sw, so that caches and search engines tell them apart by address alone;
 * pages of one visitor without the prefix follow the cookie a visitor has set, then what the browser asks for.
 */
export function spokenLanguage(request: Request, config: Config): Spoken {
  const start = request.url.indexOf('/', 8)
  const path = start < 0 ? '/' : request.url.slice(start)
  if (prefix.test(path)) {
    const rest = path.replace(prefix, '')
    const url = request.url.slice(0, start) + (rest.startsWith('/') ? rest : `/${rest}`)
    return { request: new Request(url, request), lang: 'sw', isShared: shared.test(bareOf(rest)) }
  }
  const bare = bareOf(path)
  const isShared = shared.test(bare)
  if (isShared || bare.startsWith('/api/')) return { request, lang: 'en', isShared }
  const chosen = readCookie(request, cookieName(config, 'lang'))
  return { request, lang: isLang(chosen) ? chosen : preferredLang(request.headers.get('accept-language')), isShared }
}

const bareOf = (path: string): string => path.split(/[?#]/, 1)[0] || '/'
