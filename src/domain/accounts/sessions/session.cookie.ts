import type { Config } from '../../../platform/config.ts'
import { setCookie } from '../../../platform/http/cookies.ts'
import type { SignedIn } from './open-session.ts'
import { cookieAgeS } from './session.rules.ts'

/** The Set-Cookie header of a fresh session, for browsers. */
export const sessionCookie = (config: Config, session: SignedIn): string =>
  setCookie(config, 'sid', session.token, cookieAgeS(config.access))

/** The Set-Cookie header that takes it back. */
export const endedSessionCookie = (config: Config): string => setCookie(config, 'sid', '', 0)
