import { Elysia } from 'elysia'
import type { Context } from '../../../context.ts'
import { actorGuard, asPerson } from '../../../platform/http/actor-guard.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { CodeBody, RenewedShape, SecondFactorShape, TotpConfirmedShape, TotpOfferShape } from '../accounts.schema.ts'
import { sessionCookie } from '../sessions/session.cookie.ts'
import { confirmTotp } from './confirm-totp.ts'
import { enrolTotp } from './enrol-totp.ts'
import { factorOf, recoveryCodesLeft } from './factor.queries.ts'
import { removeTotp } from './remove-totp.ts'

const jsonBody = ['malformed_json', 'unsupported_media_type'] as const

/** The second factor of one's account: an authenticator app and recovery codes. */
export const secondFactorRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/me/second-factor', tags: ['Accounts'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ actor }) => {
        const { accountId } = asPerson(actor)
        const [factor, left] = await Promise.all([factorOf(context.db, accountId), recoveryCodesLeft(context.db, accountId)])
        return { isOn: factor !== undefined, confirmedAt: factor?.confirmedAt?.toISOString() ?? null, recoveryCodesLeft: left }
      },
      {
        as: 'person',
        response: { 200: SecondFactorShape, ...problems('not_signed_in') },
        detail: { operationId: 'getSecondFactor', summary: 'Whether a second factor is set up' },
      },
    )
    .post(
      '',
      async ({ actor, set }) => {
        set.headers['cache-control'] = 'no-store'
        set.status = 201
        return await enrolTotp(context, asPerson(actor))
      },
      {
        as: 'person',
        response: { 201: TotpOfferShape, ...problems('not_signed_in', 'step_up_required', 'factor_exists') },
        detail: {
          operationId: 'enrolTotp',
          summary: 'Begin setting up an authenticator app',
          description: 'Protects nothing before a code confirms it.',
        },
      },
    )
    .post(
      '/confirmation',
      async ({ actor, body, set }) => {
        const { session, recoveryCodes } = await confirmTotp(context, asPerson(actor), body.code)
        set.headers['set-cookie'] = sessionCookie(context.config, session)
        set.headers['cache-control'] = 'no-store'
        return { token: session.token, expiresAt: session.expiresAt.toISOString(), recoveryCodes }
      },
      {
        as: 'person',
        body: CodeBody,
        response: { 200: TotpConfirmedShape, ...problems('not_signed_in', 'wrong_code', 'factor_exists', ...jsonBody) },
        detail: {
          operationId: 'confirmTotp',
          summary: 'Confirm the app with its first code',
          description: 'Every other session ends, this one gets a new token.',
        },
      },
    )
    .post(
      '/removal',
      async ({ actor, body, set }) => {
        const session = await removeTotp(context, asPerson(actor), body.code)
        set.headers['set-cookie'] = sessionCookie(context.config, session)
        set.headers['cache-control'] = 'no-store'
        return { token: session.token, expiresAt: session.expiresAt.toISOString() }
      },
      {
        as: 'person',
        body: CodeBody,
        response: { 200: RenewedShape, ...problems('not_signed_in', 'wrong_code', 'too_many_requests', ...jsonBody) },
        detail: { operationId: 'removeTotp', summary: 'Remove the second factor with a code of it' },
      },
    )
