import { Elysia } from 'elysia'
import { type FieldProblem, Refusal } from '../../lib/refusal.ts'
import type { Log } from '../log.ts'
import { chain, isConnectionLoss, sqlState } from '../db-error.ts'
import { problemResponse } from './problem.ts'
import { requestScope } from './request-scope.ts'

/** Renders a refusal for a person in a browser; undefined where the JSON answer should be given. */
export type ErrorPage = (request: Request, refusal: Refusal) => Response | Promise<Response> | undefined

/**
 * Turns everything thrown into a problem. Installed first, because an Elysia hook covers only what is registered after it, and
 * without it the framework sends an exception's own words (a statement with its parameters) to the client.
 */
export const errorMapping = (log: Log, errorPage: ErrorPage) => {
  const answer = errorAnswer(log, errorPage)
  return new Elysia({ name: 'errors' }).onError({ as: 'global' }, ({ code, error, request }) => answer(code, error, request))
}

/** Answers what was thrown while a request was served. */
export type ErrorAnswer = (code: string | number, error: unknown, request: Request) => Response | Promise<Response>

/** Makes that answer, for routes of the framework and for what is served past it. */
export const errorAnswer =
  (log: Log, errorPage: ErrorPage): ErrorAnswer =>
  (code, error, request) => {
    const refusal = refusalFor(code, error)
    if (refusal.status >= 500)
      log.error(
        { error: refusal.cause ?? error, requestId: requestScope()?.requestId, path: new URL(request.url).pathname },
        'request failed',
      )
    return errorPage(request, refusal) ?? problemResponse(refusal)
  }

/** The refusal that stands for any thrown thing. */
export function refusalFor(code: string | number, error: unknown): Refusal {
  // The gate in front of the database refuses from inside a statement, which drizzle wraps.
  for (const part of chain(error)) if (part instanceof Refusal && (part === error || part.code === 'overloaded')) return part
  if (code === 'VALIDATION') return validationRefusal(error)
  if (code === 'NOT_FOUND') return new Refusal('not_found')
  // The framework wraps what a body parser throws; our own refusals are inside (too large, wrong media type).
  if (code === 'PARSE')
    return (error as Error).cause instanceof Refusal ? ((error as Error).cause as Refusal) : new Refusal('malformed_json')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new Refusal('malformed_request')
  return databaseRefusal(error) ?? new Refusal('internal', { cause: error })
}

/** Database trouble that is nobody's mistake: the client is told to try again, never what went wrong. */
function databaseRefusal(error: unknown): Refusal | undefined {
  if (isConnectionLoss(error)) return new Refusal('unavailable', { cause: error, retryAfterS: 2 })
  const state = sqlState(error)
  if (state === undefined) return undefined
  // 57014 statement time-out, 55P03 lock time-out, 53xxx out of resources, 57P0x shutting down, 25006 read-only, 40xxx gave up retrying.
  if (/^(57014|55P03|53|57P0|25006|40001|40P01)/.test(state))
    return new Refusal(state.startsWith('57P0') ? 'unavailable' : 'overloaded', { cause: error, retryAfterS: 2 })
  return undefined
}

interface ValidationIssue {
  readonly path?: string
  readonly type?: number
  readonly message?: string
}

/** Path and kind of each wrong value, never the value: a rejected password must not come back in the answer. */
function validationRefusal(error: unknown): Refusal {
  const failed = error as { type?: string; validator?: { Errors?(value: unknown): Iterable<ValidationIssue> }; value?: unknown }
  // A response that breaks its own schema is our fault, not the client's.
  if (failed.type === 'response') return new Refusal('internal', { cause: new Error('the response does not fit its schema') })
  const fields: FieldProblem[] = []
  for (const issue of failed.validator?.Errors?.(failed.value) ?? []) {
    const path = `/${failed.type ?? 'body'}${issue.path ?? ''}`
    if (fields.length < 20 && !fields.some((field) => field.path === path))
      fields.push({ path, code: `type_${issue.type ?? 0}`, message: issue.message ?? 'Not right.' })
  }
  return new Refusal('invalid_input', { fields })
}
