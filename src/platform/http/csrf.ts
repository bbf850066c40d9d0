import { CSRF } from 'bun'
import { hours } from '../../lib/time.ts'
import type { Config } from '../config.ts'

const lifeMs = hours(12)

/** A token that proves a form was made by our own page for this very session (Bun.CSRF). */
export const csrfToken = (config: Config, sessionId: string): string =>
  CSRF.generate(config.appSecret, { sessionId, expiresIn: lifeMs, encoding: 'base64url' })

/** Whether a token was made for this session. Without the session's id any token we ever made would do, so it is required. */
export const isCsrfToken = (config: Config, sessionId: string, token: string): boolean =>
  // The verifier throws on an empty text.
  /^[A-Za-z0-9_-]{1,512}$/.test(token) && CSRF.verify(token, { secret: config.appSecret, sessionId, maxAge: lifeMs, encoding: 'base64url' })
