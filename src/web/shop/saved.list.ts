import type { Context } from '../../context.ts'
import { isUuid } from '../../lib/ids.ts'
import { days } from '../../lib/time.ts'
import { cookieName, readCookie, setCookie } from '../../platform/http/cookies.ts'

const ageMs = days(90)
/** As many as a cookie holds without growing every request beyond reason. */
export const mostSaved = 11

/** Products kept for later, newest first, by id: in a cookie, so that nobody needs an account and the shop knows nothing of it. */
export function savedProducts(context: Pick<Context, 'config'>, request: Request): string[] {
  const text = readCookie(request, cookieName(context.config, 'saved')) ?? ''
  return text
    .split('.')
    .filter((each) => /^[\w-]{22}$/.test(each))
    .map(uuidOf)
    .filter(isUuid)
    .slice(0, mostSaved)
}

/** The cookie for a list. */
export const savedCookie = (context: Pick<Context, 'config'>, ids: readonly string[]): readonly [string, string] => [
  'set-cookie',
  setCookie(context.config, 'saved', ids.slice(0, mostSaved).map(shortOf).join('.'), ids.length === 0 ? 0 : ageMs / 1_000),
]

const shortOf = (id: string): string => Uint8Array.fromHex(id.replaceAll('-', '')).toBase64({ alphabet: 'base64url', omitPadding: true })
const uuidOf = (short: string): string =>
  Uint8Array.fromBase64(short, { alphabet: 'base64url' })
    .toHex()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
