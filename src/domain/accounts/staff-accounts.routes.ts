import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { accountView, listAccounts } from './account.queries.ts'
import { AccountList, AccountShape, ChangeAccountBody } from './accounts.schema.ts'
import { changeAccount } from './change-account.ts'

/** People and their roles, for admins. */
export const staffAccountsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/admin/accounts', tags: ['People'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { items, nextCursor } = await listAccounts(context.db, { ...query, limit: query.limit ?? 50 })
        return { items: items.map((item) => ({ ...item, createdAt: item.createdAt.toISOString() })), nextCursor }
      },
      {
        as: 'admin',
        query: t.Object({
          search: t.Optional(t.String({ maxLength: 120, description: 'Part of a name, an e-mail or a phone number.' })),
          role: t.Optional(t.Union([t.Literal('driver'), t.Literal('support'), t.Literal('finance'), t.Literal('admin')])),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
        }),
        response: { 200: AccountList, ...problems('not_signed_in', 'not_allowed') },
        detail: { operationId: 'listAccounts', summary: 'People with an account, newest first' },
      },
    )
    .patch(
      '/:id',
      async ({ actor, params, body }) => {
        if (!isUuid(params.id)) throw new Refusal('not_found')
        await changeAccount(context, asPerson(actor), params.id, body)
        const view = await accountView(context.db, params.id)
        if (view === undefined) throw new Refusal('not_found')
        return view
      },
      {
        as: 'admin',
        params: t.Object({ id: t.String({ maxLength: 64 }) }),
        body: ChangeAccountBody,
        response: {
          200: AccountShape,
          ...problems('not_signed_in', 'not_allowed', 'step_up_required', 'not_found', 'malformed_json', 'unsupported_media_type'),
        },
        detail: {
          operationId: 'changeAccount',
          summary: 'Give or take roles, disable or enable',
          description:
            'Ends every session of the person, so that nobody goes on with rights they no longer have. Nobody changes their own.',
        },
      },
    )
