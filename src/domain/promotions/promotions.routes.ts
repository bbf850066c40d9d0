import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { changePromo } from './change-promo.ts'
import { makePromo } from './make-promo.ts'
import { listPromos } from './promo.queries.ts'
import { ChangePromoBody, MakePromoBody, StaffPromoPage, StaffPromoShape, staffPromoView } from './promotions.schema.ts'

const refused = ['not_signed_in', 'not_allowed'] as const

/** Promotion codes, for staff. Shoppers meet them in their bag. */
export const promotionsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/admin/promotions', tags: ['Promotions'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ query }) => {
        const { items, nextCursor } = await listPromos(context.db, { cursor: query.cursor, limit: query.limit ?? 50 })
        return { items: items.map(staffPromoView), nextCursor }
      },
      {
        as: 'staff',
        query: t.Object({
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
        }),
        response: { 200: StaffPromoPage, ...problems(...refused) },
        detail: { operationId: 'listPromotions', summary: 'Promotion codes, newest first' },
      },
    )
    .post(
      '',
      async ({ actor, body, set }) => {
        set.status = 201
        return staffPromoView(await makePromo(context, asPerson(actor), body))
      },
      {
        as: 'staff',
        body: MakePromoBody,
        response: { 201: StaffPromoShape, ...problems(...refused, 'conflict', 'malformed_json', 'unsupported_media_type') },
        detail: { operationId: 'makePromotion', summary: 'Make a promotion code' },
      },
    )
    .patch('/:id', async ({ actor, params, body }) => staffPromoView(await changePromo(context, asPerson(actor), params.id, body)), {
      as: 'staff',
      params: t.Object({ id: t.String({ maxLength: 36 }) }),
      body: ChangePromoBody,
      response: { 200: StaffPromoShape, ...problems(...refused, 'not_found', 'malformed_json', 'unsupported_media_type') },
      detail: { operationId: 'changePromotion', summary: 'Change the terms of a code, or end it' },
    })
