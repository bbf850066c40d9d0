import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { KpiShape, kpiDayView, VendorOrderPage, VendorOrderShape, vendorOrderView } from './vendor-desk.schema.ts'
import { vendorGuard, vendorQuery, vendorRefusals } from './vendor-guard.ts'
import { vendorKpis } from './vendor-kpi.queries.ts'
import { vendorOrders } from './vendor-order.queries.ts'

/** What a vendor works with every day: figures, and its part of the orders. Packing is `POST /api/v1/orders/:number/pack`. */
export const vendorDeskRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/vendor', tags: ['Vendors'] })
    .use(vendorGuard(context))
    .get(
      '/kpis',
      async ({ vendor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const kpis = await vendorKpis(context.db, vendor.vendorId, context.clock.now(), query.days ?? 14)
        return { today: kpiDayView(kpis.today), days: kpis.days.map(kpiDayView), toPack: kpis.toPack }
      },
      {
        vendorScope: 'member',
        query: t.Object({ ...vendorQuery, days: t.Optional(t.Numeric({ minimum: 1, maximum: 92, multipleOf: 1 })) }),
        response: { 200: KpiShape, ...problems(...vendorRefusals) },
        detail: { operationId: 'getVendorKpis', summary: 'Sales of the last days, and of today so far' },
      },
    )
    .get(
      '/orders',
      async ({ vendor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const found = await vendorOrders(context.db, vendor.vendorId, {
          show: query.show ?? 'to_pack',
          cursor: query.cursor,
          limit: query.limit ?? 20,
        })
        return { items: found.items.map(vendorOrderView), nextCursor: found.nextCursor }
      },
      {
        vendorScope: 'orders',
        query: t.Object({
          ...vendorQuery,
          show: t.Optional(
            t.Union([t.Literal('to_pack'), t.Literal('all')], { description: 'What is left to pack, unless told otherwise.' }),
          ),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 50, multipleOf: 1 })),
        }),
        response: { 200: VendorOrderPage, ...problems(...vendorRefusals) },
        detail: {
          operationId: 'listVendorOrders',
          summary: 'One’s part of the orders, newest first',
          description: 'Own lines only, with the commission frozen when they were sold; of the shopper only the town.',
        },
      },
    )
    .get(
      '/orders/:number',
      async ({ vendor, params, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { items } = await vendorOrders(context.db, vendor.vendorId, { show: 'all', number: params.number, limit: 1 })
        if (items[0] === undefined) throw new Refusal('not_found')
        return vendorOrderView(items[0])
      },
      {
        vendorScope: 'orders',
        params: t.Object({ number: t.String({ maxLength: 20 }) }),
        query: t.Object({ ...vendorQuery }),
        response: { 200: VendorOrderShape, ...problems(...vendorRefusals) },
        detail: { operationId: 'getVendorOrder', summary: 'One’s part of one order' },
      },
    )
