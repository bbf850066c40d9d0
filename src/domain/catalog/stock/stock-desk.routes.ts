import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import type { Actor } from '../../../lib/actor.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { actorGuard } from '../../../platform/http/actor-guard.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { closed } from '../../../platform/http/shapes.ts'
import { vendorGuard, vendorQuery, vendorRefusals } from '../../vendors/vendor-guard.ts'
import { CountBody, CountShape, MovedShape, MovesShape, ReceiptBody, StockPage, TransferBody } from '../desk/desk.schema.ts'
import { receiveStock } from './receive-stock.ts'
import { stockMovesOf, stockSheet } from './stock-sheet.queries.ts'
import { takeStock } from './take-stock.ts'
import { transferStock } from './transfer-stock.ts'
import { wantBack } from './want-back.ts'

const writes = [...vendorRefusals, 'malformed_json', 'unsupported_media_type'] as const

/** What lies where: for vendors their own goods, for staff any vendor's; and the list of those who wait for a sold-out size. */
export const stockDeskRoutes = (context: Context) => {
  const stampOf = (actor: Actor): Stamp => ({ now: context.clock.now(), ids: context.ids, actor })
  return new Elysia({ prefix: '/api/v1', tags: ['Stock'] })
    .use(actorGuard(context.identify))
    .use(vendorGuard(context))
    .get(
      '/vendor/stock',
      ({ vendor, query }) =>
        stockSheet(context.db, { vendorId: vendor.vendorId, isLow: query.low === 'true', cursor: query.cursor, limit: query.limit ?? 100 }),
      {
        vendorScope: 'member',
        query: t.Object({
          ...vendorQuery,
          low: t.Optional(t.Union([t.Literal('true'), t.Literal('false')], { description: 'Only what runs low.' })),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 500, multipleOf: 1 })),
        }),
        response: { 200: StockPage, ...problems(...vendorRefusals) },
        detail: { operationId: 'getStockSheet', summary: 'The stock sheet: every size and colour with its shelves, by SKU' },
      },
    )
    .get(
      '/vendor/stock/moves',
      async ({ vendor, query }) => ({
        items: (await stockMovesOf(context.db, vendor.vendorId, query.sku)).map((move) => ({
          ...move,
          at: new Date(move.at).toISOString(),
        })),
      }),
      {
        vendorScope: 'member',
        query: t.Object({ ...vendorQuery, sku: t.String({ maxLength: 64 }) }),
        response: { 200: MovesShape, ...problems(...vendorRefusals) },
        detail: { operationId: 'listStockMoves', summary: 'The last hundred moves of one SKU' },
      },
    )
    .post(
      '/vendor/stock/receipts',
      async ({ actor, vendor, body }) => ({
        isNew: await context.db.transaction((tx) => receiveStock(tx, stampOf(actor), vendor.vendorId, body)),
      }),
      {
        vendorScope: 'catalog',
        query: t.Object(vendorQuery),
        body: ReceiptBody,
        response: { 200: MovedShape, ...problems(...writes) },
        detail: { operationId: 'receiveStock', summary: 'Take goods into a warehouse' },
      },
    )
    .post(
      '/vendor/stock/transfers',
      async ({ actor, vendor, body }) => ({
        isNew: await context.db.transaction((tx) => transferStock(tx, stampOf(actor), vendor.vendorId, body)),
      }),
      {
        vendorScope: 'catalog',
        query: t.Object(vendorQuery),
        body: TransferBody,
        response: { 200: MovedShape, ...problems(...writes, 'out_of_stock') },
        detail: { operationId: 'transferStock', summary: 'Carry goods from one warehouse to another' },
      },
    )
    .post(
      '/vendor/stock/counts',
      async ({ actor, vendor, body }) => ({
        items: await context.db.transaction((tx) => takeStock(tx, stampOf(actor), vendor.vendorId, body)),
      }),
      {
        vendorScope: 'catalog',
        query: t.Object(vendorQuery),
        body: CountBody,
        response: { 200: CountShape, ...problems(...writes, 'out_of_stock') },
        detail: { operationId: 'takeStock', summary: 'Write down what a count found', description: 'The differences become moves.' },
      },
    )
    .post(
      '/stock-alerts',
      async ({ actor, body, set }) => {
        const isKept = await wantBack(context, actor, body)
        set.status = isKept ? 201 : 200
        return { isKept }
      },
      {
        as: 'anyone',
        body: closed(
          {
            variantId: t.String({ maxLength: 36, description: 'A variant that is sold out.' }),
            email: t.Optional(t.String({ maxLength: 254, format: 'email' })),
            phone: t.Optional(t.String({ maxLength: 20, description: 'A Kenyan mobile number in any form.' })),
          },
          {
            description: 'One of the two; somebody signed in may leave both out and is told by what the account knows.',
            examples: [{ variantId: '0199f3a0-0000-7000-8000-000000000001', phone: '0712 345 678' }],
          },
        ),
        response: {
          200: closed({ isKept: t.Boolean() }, { description: 'It is in stock already; nothing was kept.' }),
          201: closed({ isKept: t.Boolean() }, { description: 'You will be told once.' }),
          ...problems('variant_unavailable', 'phone_invalid', 'malformed_json', 'unsupported_media_type'),
        },
        detail: { operationId: 'createStockAlert', summary: 'Hear once when a sold-out size is back' },
      },
    )
}
