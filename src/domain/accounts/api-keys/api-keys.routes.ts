import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import { isUuid } from '../../../lib/ids.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../../platform/http/actor-guard.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { KeyBody, KeyList, MadeKeyShape } from '../accounts.schema.ts'
import { listApiKeys } from './api-key.queries.ts'
import { createApiKey } from './create-api-key.ts'
import { revokeApiKey } from './revoke-api-key.ts'

/** Keys for programs. */
export const apiKeysRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/api-keys', tags: ['API keys'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ actor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const keys = await listApiKeys(context.db, asPerson(actor).accountId)
        const asText = (moment: Date | null): string | null => moment?.toISOString() ?? null
        return {
          items: keys.map((key) => ({
            ...key,
            createdAt: key.createdAt.toISOString(),
            expiresAt: asText(key.expiresAt),
            lastUsedAt: asText(key.lastUsedAt),
          })),
        }
      },
      {
        as: 'person',
        response: { 200: KeyList, ...problems('not_signed_in') },
        detail: { operationId: 'listApiKeys', summary: 'One’s keys, without the keys themselves' },
      },
    )
    .post(
      '',
      async ({ actor, body, set }) => {
        set.headers['cache-control'] = 'no-store'
        set.status = 201
        const made = await createApiKey(context, asPerson(actor), body)
        return { ...made, expiresAt: made.expiresAt?.toISOString() ?? null }
      },
      {
        as: 'vendor',
        body: KeyBody,
        response: {
          201: MadeKeyShape,
          ...problems(
            'not_signed_in',
            'not_allowed',
            'step_up_required',
            'vendor_required',
            'not_found',
            'malformed_json',
            'unsupported_media_type',
          ),
        },
        detail: {
          operationId: 'createApiKey',
          summary: 'Make a key for a program',
          description:
            'By the owner or a manager of a vendor, or an admin for the whole shop. A key never does more than its maker may on the day, and only within its scopes.\n\nWith `isSigning` each request carries `X-Key-Id`, `X-Timestamp` (Unix seconds, at most five minutes off) and `X-Signature`: the hex HMAC-SHA256, with the signing secret, of `timestamp`, `METHOD`, `path?query` and the hex SHA-256 of the body, joined by line feeds. A signature works once.',
        },
      },
    )
    .delete(
      '/:id',
      async ({ actor, params, set }) => {
        if (!isUuid(params.id) || !(await revokeApiKey(context, asPerson(actor), params.id))) throw new Refusal('not_found')
        set.status = 204
      },
      {
        as: 'person',
        params: t.Object({ id: t.String({ maxLength: 64 }) }),
        response: { 204: t.Void({ description: 'It opens nothing any more.' }), ...problems('not_signed_in', 'not_found') },
        detail: { operationId: 'revokeApiKey', summary: 'End a key at once' },
      },
    )
