import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { setCookie } from '../../platform/http/cookies.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { accountView } from './account.queries.ts'
import { AccountShape, LoginBody, SignedInShape } from './accounts.schema.ts'
import { sessionAgeMs, signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'

/** Signing in and out, and who one is. */
export const accountsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Accounts'] })
    .use(actorGuard(context.identify))
    .post(
      '/auth/login',
      async ({ body, request, set }) => {
        const session = await signIn(context, { ...body, userAgent: request.headers.get('user-agent') })
        const user = await accountView(context.db, session.accountId)
        if (user === undefined) throw new Refusal('wrong_credentials')
        set.headers['set-cookie'] = setCookie(context.config, 'sid', session.token, sessionAgeMs / 1_000)
        set.headers['cache-control'] = 'no-store'
        return { token: session.token, expiresAt: session.expiresAt.toISOString(), user }
      },
      {
        as: 'anyone',
        body: LoginBody,
        response: { 200: SignedInShape, ...problems('wrong_credentials', 'malformed_json', 'unsupported_media_type') },
        detail: {
          operationId: 'login',
          summary: 'Sign in by e-mail or phone and password',
          description: 'Answers a token for native clients and sets the same token as a cookie for browsers.',
        },
      },
    )
    .post(
      '/auth/logout',
      async ({ actor, set }) => {
        await signOut(context, asPerson(actor))
        set.headers['set-cookie'] = setCookie(context.config, 'sid', '', 0)
        set.status = 204
      },
      {
        as: 'person',
        response: { 204: t.Void({ description: 'Signed out.' }), ...problems('not_signed_in') },
        detail: { operationId: 'logout', summary: 'End this session' },
      },
    )
    .get(
      '/me',
      async ({ actor }) => {
        const view = await accountView(context.db, asPerson(actor).accountId)
        if (view === undefined) throw new Refusal('not_found')
        return view
      },
      {
        as: 'person',
        response: { 200: AccountShape, ...problems('not_signed_in', 'not_found') },
        detail: { operationId: 'me', summary: 'The signed-in account' },
      },
    )
