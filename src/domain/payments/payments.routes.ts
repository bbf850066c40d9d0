import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { isStaff } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { TransactionShape, transactionView } from './payments.schema.ts'
import { findTransaction } from './transaction.queries.ts'

/** Reading transactions. */
export const paymentsRoutes = (context: Context) =>
  new Elysia({ tags: ['Payments'] }).use(actorGuard(context.identify)).get(
    '/api/v1/transactions/:id',
    async ({ actor, params, set }) => {
      set.headers['cache-control'] = 'private, no-store'
      const reader = { accountId: asPerson(actor).accountId, isStaff: isStaff(actor) }
      const row = isUuid(params.id) ? await findTransaction(context.db, params.id, reader) : undefined
      if (row === undefined) throw new Refusal('not_found')
      return transactionView(row)
    },
    {
      as: 'person',
      params: t.Object({ id: t.String({ maxLength: 64 }) }),
      response: { 200: TransactionShape, ...problems('not_signed_in', 'not_found') },
      detail: {
        operationId: 'getTransaction',
        summary: 'One movement of money',
        description: 'For the owner of its order, or staff. Anybody else: not found.',
      },
    },
  )
