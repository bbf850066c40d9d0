import { type Refusal, refusals } from '../../lib/refusal.ts'
import { requestScope } from './request-scope.ts'

/** The body of every error answer (RFC 9457), with our stable `code`. Holds nothing the client sent and nothing an exception said. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  code: string
  detail: string
  requestId: string
  fields?: { path: string; code: string; message: string }[]
  [extra: string]: unknown
}

/** The problem body of a refusal. */
export function problemBody(refusal: Refusal): ProblemBody {
  return {
    type: `/swagger#${refusal.code}`,
    title: refusals[refusal.code].message,
    status: refusal.status,
    code: refusal.code,
    detail: refusal.detail,
    requestId: requestScope()?.requestId ?? '',
    ...(refusal.fields.length > 0 ? { fields: refusal.fields.map((field) => ({ ...field })) } : {}),
    ...refusal.extra,
  }
}

/** The answer of a refusal as problem+json. */
export function problemResponse(refusal: Refusal): Response {
  return new Response(JSON.stringify(problemBody(refusal)), {
    status: refusal.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(refusal.retryAfterS === undefined ? {} : { 'retry-after': String(refusal.retryAfterS) }),
    },
  })
}
