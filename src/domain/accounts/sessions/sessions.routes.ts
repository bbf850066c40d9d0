import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { isUuid } from '../../../lib/ids.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../../platform/http/actor-guard.ts'
import { csrfToken } from '../../../platform/http/csrf.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { CsrfShape, EndedShape, ProofBody, SessionList, StepUpShape } from '../accounts.schema.ts'
import { endOtherSessions } from './end-other-sessions.ts'
import { revokeSession } from './revoke-session.ts'
import { listSessions } from './session.queries.ts'
import { endedSessionCookie } from './session.cookie.ts'
import { stepUp } from './step-up.ts'

/** Where one is signed in, ending it, and proving afresh that it is still oneself. */
export const sessionsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/auth', tags: ['Accounts'] })
    .use(actorGuard(context.identify))
    .get(
      '/sessions',
      async ({ actor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const person = asPerson(actor)
        const open = await listSessions(context.db, context.clock.now(), person.accountId)
        return {
          items: open.map((session) => ({
            id: session.id,
            userAgent: session.userAgent,
            createdAt: session.createdAt.toISOString(),
            lastSeenAt: session.lastSeenAt.toISOString(),
            expiresAt: session.expiresAt.toISOString(),
            isCurrent: session.id === person.sessionId,
          })),
        }
      },
      {
        as: 'person',
        response: { 200: SessionList, ...problems('not_signed_in') },
        detail: { operationId: 'listSessions', summary: 'Where one is signed in' },
      },
    )
    .delete(
      '/sessions/:id',
      async ({ actor, params, set }) => {
        const person = asPerson(actor)
        if (!isUuid(params.id) || !(await revokeSession(context, person, params.id))) throw new Refusal('not_found')
        if (params.id === person.sessionId) set.headers['set-cookie'] = endedSessionCookie(context.config)
        set.status = 204
      },
      {
        as: 'person',
        params: t.Object({ id: t.String({ maxLength: 64 }) }),
        response: { 204: t.Void({ description: 'Ended, with its sockets.' }), ...problems('not_signed_in', 'not_found') },
        detail: { operationId: 'revokeSession', summary: 'End one of one’s sessions' },
      },
    )
    .delete('/sessions', async ({ actor }) => ({ ended: await endOtherSessions(context, asPerson(actor)) }), {
      as: 'person',
      response: { 200: EndedShape, ...problems('not_signed_in') },
      detail: { operationId: 'revokeOtherSessions', summary: 'End every session but this one' },
    })
    .post('/step-up', async ({ actor, body }) => ({ until: (await stepUp(context, asPerson(actor), body)).until.toISOString() }), {
      as: 'person',
      body: ProofBody,
      response: {
        200: StepUpShape,
        ...problems(
          'not_signed_in',
          'wrong_credentials',
          'code_required',
          'wrong_code',
          'too_many_requests',
          'malformed_json',
          'unsupported_media_type',
        ),
      },
      detail: {
        operationId: 'stepUp',
        summary: 'Prove afresh that it is you',
        description:
          'Opens refunds, payouts and changes of rights to this session for the next minutes. With a code where the account has a second factor.',
      },
    })
    .get(
      '/csrf',
      ({ actor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        return { token: csrfToken(context.config, asPerson(actor).sessionId) }
      },
      {
        as: 'person',
        response: { 200: CsrfShape, ...problems('not_signed_in') },
        detail: {
          operationId: 'getCsrfToken',
          summary: 'A token for browsers that name no origin',
          description: 'Only for clients that sign in by cookie and send neither Sec-Fetch-Site nor Origin. Bound to the session.',
        },
      },
    )
