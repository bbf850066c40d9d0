import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { accountView } from './account.queries.ts'
import {
  AccountShape,
  ActivateBody,
  ChangePasswordBody,
  ContactBody,
  ForgotBody,
  LoginBody,
  ProfileBody,
  RegisterBody,
  RenewedShape,
  ResetBody,
  SentShape,
  SignedInShape,
} from './accounts.schema.ts'
import { activate } from './activate.ts'
import { changeContact, confirmContact } from './change-contact.ts'
import { changePassword } from './change-password.ts'
import { changeProfile } from './change-profile.ts'
import { forgotPassword } from './forgot-password.ts'
import { register } from './register.ts'
import { resetPassword } from './reset-password.ts'
import type { SignedIn } from './sessions/open-session.ts'
import { endedSessionCookie, sessionCookie } from './sessions/session.cookie.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'

const jsonBody = ['malformed_json', 'unsupported_media_type'] as const
const sent = { status: 'sent' as const }

/** Getting an account, signing in and out, and what is one's own. */
export const accountsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1', tags: ['Accounts'] })
    .use(actorGuard(context.identify))
    .post(
      '/auth/register',
      async ({ body, set }) => {
        const { acceptsTerms: _, ...input } = body
        await register(context, input)
        set.status = 202
        return sent
      },
      {
        as: 'anyone',
        body: RegisterBody,
        response: { 202: SentShape, ...problems('password_weak', 'phone_invalid', 'too_many_requests', ...jsonBody) },
        detail: {
          operationId: 'register',
          summary: 'Ask for an account',
          description:
            'A link goes to the e-mail or phone, and opening it makes the account. The answer is the same where there is one already.',
        },
      },
    )
    .post(
      '/auth/activate',
      async ({ body, request, set }) =>
        signedIn(context, set, await activate(context, { ...body, userAgent: request.headers.get('user-agent') })),
      {
        as: 'anyone',
        body: ActivateBody,
        response: { 200: SignedInShape, ...problems('gone', ...jsonBody) },
        detail: { operationId: 'activate', summary: 'Make the account of a link and sign in' },
      },
    )
    .post(
      '/auth/login',
      async ({ body, request, set }) =>
        signedIn(context, set, await signIn(context, { ...body, userAgent: request.headers.get('user-agent') })),
      {
        as: 'anyone',
        body: LoginBody,
        response: {
          200: SignedInShape,
          ...problems('wrong_credentials', 'code_required', 'wrong_code', 'too_many_requests', ...jsonBody),
        },
        detail: {
          operationId: 'login',
          summary: 'Sign in by e-mail or phone and password',
          description:
            'Answers a token for native clients and sets the same token as a cookie for browsers. After five failures each further try has to wait, the same for logins that do not exist.',
        },
      },
    )
    .post(
      '/auth/logout',
      async ({ actor, set }) => {
        await signOut(context, asPerson(actor))
        set.headers['set-cookie'] = endedSessionCookie(context.config)
        set.status = 204
      },
      {
        as: 'person',
        response: { 204: t.Void({ description: 'Signed out.' }), ...problems('not_signed_in') },
        detail: { operationId: 'logout', summary: 'End this session' },
      },
    )
    .post(
      '/auth/password/forgot',
      async ({ body, set }) => {
        await forgotPassword(context, body.login)
        set.status = 202
        return sent
      },
      {
        as: 'anyone',
        body: ForgotBody,
        response: { 202: SentShape, ...problems('too_many_requests', ...jsonBody) },
        detail: {
          operationId: 'forgotPassword',
          summary: 'Ask for a link to set a new password',
          description: 'The same answer whether or not there is such an account.',
        },
      },
    )
    .post(
      '/auth/password/reset',
      async ({ body, set }) => {
        await resetPassword(context, body)
        set.status = 204
      },
      {
        as: 'anyone',
        body: ResetBody,
        response: {
          204: t.Void({ description: 'The password is set; sign in with it.' }),
          ...problems('gone', 'password_weak', ...jsonBody),
        },
        detail: {
          operationId: 'resetPassword',
          summary: 'Set a new password by a link',
          description: 'Ends every session of the account.',
        },
      },
    )
    .get('/me', async ({ actor }) => mustView(context, asPerson(actor)), {
      as: 'person',
      response: { 200: AccountShape, ...problems('not_signed_in', 'not_found') },
      detail: { operationId: 'me', summary: 'The signed-in account' },
    })
    .patch(
      '/me',
      async ({ actor, body }) => {
        await changeProfile(context, asPerson(actor), body)
        return mustView(context, asPerson(actor))
      },
      {
        as: 'person',
        body: ProfileBody,
        response: { 200: AccountShape, ...problems('not_signed_in', 'not_found', ...jsonBody) },
        detail: { operationId: 'changeMe', summary: 'Change the name, or whether letters about offers are wanted' },
      },
    )
    .post('/me/password', async ({ actor, body, set }) => renewed(context, set, await changePassword(context, asPerson(actor), body)), {
      as: 'person',
      body: ChangePasswordBody,
      response: { 200: RenewedShape, ...problems('not_signed_in', 'wrong_credentials', 'password_weak', 'too_many_requests', ...jsonBody) },
      detail: {
        operationId: 'changePassword',
        summary: 'Change the password',
        description: 'Every other session ends; this one gets a new token.',
      },
    })
    .post(
      '/me/contacts',
      async ({ actor, body, set }) => {
        await changeContact(context, asPerson(actor), body)
        set.status = 202
        return sent
      },
      {
        as: 'person',
        body: ContactBody,
        response: { 202: SentShape, ...problems('not_signed_in', 'wrong_credentials', 'too_many_requests', ...jsonBody) },
        detail: {
          operationId: 'changeContact',
          summary: 'Ask for a new e-mail or phone',
          description: 'A link goes to the new one; nothing changes before it is opened.',
        },
      },
    )
    .post(
      '/me/contacts/confirm',
      async ({ actor, body }) => {
        await confirmContact(context, asPerson(actor), body.token)
        return mustView(context, asPerson(actor))
      },
      {
        as: 'person',
        body: ActivateBody,
        response: { 200: AccountShape, ...problems('not_signed_in', 'gone', 'not_found', ...jsonBody) },
        detail: { operationId: 'confirmContact', summary: 'Take the new e-mail or phone of a link' },
      },
    )

interface Answer {
  headers: Record<string, string | number | undefined>
}

async function signedIn(context: Context, set: Answer, session: SignedIn) {
  const user = await accountView(context.db, session.accountId)
  if (user === undefined) throw new Refusal('wrong_credentials')
  return { ...renewed(context, set, session), user }
}

/** A session's token for programs and, as a cookie, for browsers. */
export function renewed(context: Context, set: Answer, session: SignedIn) {
  set.headers['set-cookie'] = sessionCookie(context.config, session)
  set.headers['cache-control'] = 'no-store'
  return { token: session.token, expiresAt: session.expiresAt.toISOString() }
}

async function mustView(context: Context, actor: PersonActor) {
  const view = await accountView(context.db, actor.accountId)
  if (view === undefined) throw new Refusal('not_found')
  return view
}
