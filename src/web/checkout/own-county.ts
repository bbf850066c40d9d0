import type { Context } from '../../context.ts'
import { days } from '../../lib/time.ts'
import { cookieName, readCookie, setCookie } from '../../platform/http/cookies.ts'

const ageMs = days(180)

/** The county a visitor chose last, kept on this browser only, so that the checkout knows the fee from the start. */
export const rememberCounty = (context: Pick<Context, 'config'>, county: string): readonly [string, string] => [
  'set-cookie',
  setCookie(context.config, 'county', county.replaceAll(' ', '_').replaceAll("'", '.'), ageMs / 1_000),
]

/** That county; empty when there is none. Whether it is one of ours the checkout finds out. */
export const rememberedCounty = (context: Pick<Context, 'config'>, request: Request): string =>
  (readCookie(request, cookieName(context.config, 'county')) ?? '').replaceAll('_', ' ').replaceAll('.', "'")
