import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { ProofBody } from '../../domain/accounts/accounts.schema.ts'
import { endedSessionCookie } from '../../domain/accounts/sessions/session.cookie.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed, Instant } from '../../platform/http/shapes.ts'
import { erasePerson } from './erase-person.ts'
import { exportPerson } from './export-person.ts'

const Anything = t.Array(t.Unknown())
const ExportShape = closed(
  {
    exportedAt: Instant,
    account: t.Unknown(),
    consents: Anything,
    sessions: Anything,
    orders: Anything,
    payments: Anything,
    deliveries: Anything,
    bag: Anything,
  },
  { description: 'Everything the shop keeps about the person.' },
)

/** What the law gives every person over their data: to take it away, and to have it forgotten. */
export const privacyRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/me', tags: ['Accounts'] })
    .use(actorGuard(context.identify))
    .get(
      '/export',
      async ({ actor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        set.headers['content-disposition'] = 'attachment; filename="rahim-online-my-data.json"'
        return await exportPerson(context, asPerson(actor))
      },
      {
        as: 'person',
        response: { 200: ExportShape, ...problems('not_signed_in', 'step_up_required') },
        detail: { operationId: 'exportMe', summary: 'Take everything away that the shop keeps about you' },
      },
    )
    .post(
      '/erasure',
      async ({ actor, body, set }) => {
        await erasePerson(context, asPerson(actor), body)
        set.headers['set-cookie'] = endedSessionCookie(context.config)
        set.status = 204
      },
      {
        as: 'person',
        body: ProofBody,
        response: {
          204: t.Void({ description: 'Forgotten, and signed out everywhere.' }),
          ...problems(
            'not_signed_in',
            'wrong_credentials',
            'wrong_code',
            'account_busy',
            'too_many_requests',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: {
          operationId: 'eraseMe',
          summary: 'Have the shop forget you',
          description: 'What was bought and paid stays in the books without your name. Cannot be undone.',
        },
      },
    )
