import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed, whole } from '../../platform/http/shapes.ts'
import { DeliveryStateShape } from '../../domain/delivery/deliveries.schema.ts'
import { packOrder } from './pack-order.ts'

const PackBody = closed(
  {
    lines: t.Optional(
      t.Array(closed({ lineId: t.String({ maxLength: 36 }), quantity: whole(1, 20) }), {
        minItems: 1,
        maxItems: 50,
        description: 'What is ready now; without it everything that is left.',
      }),
    ),
  },
  { examples: [{}] },
)

const PackedShape = closed({
  deliveries: t.Array(closed({ id: t.String(), number: t.Number(), state: DeliveryStateShape, driverId: t.Union([t.String(), t.Null()]) })),
})

/** What warehouses do: packing starts the deliveries. */
export const dispatchRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/orders', tags: ['Dispatch'] }).use(actorGuard(context.identify)).post(
    '/:number/pack',
    async ({ actor, params, body }) => {
      const packed = await packOrder(context, actor, params.number, body?.lines)
      return { deliveries: packed.map(({ id, number, state, driverId }) => ({ id, number, state, driverId })) }
    },
    {
      as: 'vendor',
      params: t.Object({ number: t.String({ maxLength: 20 }) }),
      body: t.Optional(PackBody),
      response: {
        200: PackedShape,
        ...problems('not_signed_in', 'not_allowed', 'not_found', 'order_state', 'conflict', 'malformed_json', 'unsupported_media_type'),
      },
      detail: {
        operationId: 'packOrder',
        summary: 'A paid order is packed, whole or in part',
        description:
          'Makes one delivery a warehouse and gives each to a free driver if there is one. For staff, and a vendor of the goods with the scope `orders` or `delivery`.',
      },
    },
  )
