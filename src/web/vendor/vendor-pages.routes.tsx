import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { deskProducts } from '../../domain/catalog/desk/desk-product.queries.ts'
import { moveProduct } from '../../domain/catalog/desk/move-product.ts'
import { stockSheet } from '../../domain/catalog/stock/stock-sheet.queries.ts'
import { takeStock } from '../../domain/catalog/stock/take-stock.ts'
import { TooManyEntries, vendorAccount, vendorBalance } from '../../domain/payouts/vendor-account.queries.ts'
import { vendorGuard, vendorQuery } from '../../domain/vendors/vendor-guard.ts'
import { vendorKpis } from '../../domain/vendors/vendor-kpi.queries.ts'
import { vendorOrders } from '../../domain/vendors/vendor-order.queries.ts'
import { vendorProfile } from '../../domain/vendors/vendor.queries.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { nairobiDay, nairobiMidnight } from '../../lib/time.ts'
import { asPerson } from '../../platform/http/actor-guard.ts'
import { packOrder } from '../../workflows/dispatch/pack-order.ts'
import { fieldText, type FormBody, formBody } from '../form-values.ts'
import { afterForm, outcomeOf } from '../parts/form-outcome.ts'
import { showVendor, type VendorPlace, vendorPlace } from './vendor.desk.ts'
import { VendorProducts, VendorStock } from './vendor-goods.tsx'
import { VendorMoney } from './vendor-money.tsx'
import { VendorOrders } from './vendor-orders.tsx'
import { VendorToday } from './vendor-today.tsx'

const done = {
  packed: 'Packed. A rider comes for it.',
  counted: 'The count is written down.',
  moved: 'The product is changed.',
} as const

const cursor = t.Optional(t.String({ maxLength: 500 }))
const told = { done: t.Optional(t.String({ maxLength: 20 })), problem: t.Optional(t.String({ maxLength: 40 })) }

/** A vendor's desk: what needs doing, orders, products, stock and money. Every form is complete without scripts. */
export const vendorPages = (context: Context) => {
  const placeOf = async (actor: Actor, vendorId: string): Promise<VendorPlace> => {
    const profile = await vendorProfile(context.db, vendorId)
    if (profile === undefined) throw new Refusal('not_found')
    return vendorPlace(asPerson(actor), vendorId, profile.name)
  }
  const next = (place: VendorPlace, path: string, query: Record<string, string>, to: string | null): string | undefined =>
    to === null ? undefined : place.at(path, { ...query, cursor: to })
  return new Elysia({ prefix: '/vendor', detail: { hide: true } })
    .use(vendorGuard(context))
    .get(
      '',
      async ({ actor, vendor, request }) => {
        const place = await placeOf(actor, vendor.vendorId)
        const [kpis, low, balance] = await Promise.all([
          vendorKpis(context.db, vendor.vendorId, context.clock.now(), 14),
          stockSheet(context.db, { vendorId: vendor.vendorId, isLow: true, limit: 99 }),
          vendorBalance(context.db, vendor.vendorId),
        ])
        return await showVendor(context, request, place, {
          title: 'Today',
          path: '/vendor',
          body: <VendorToday place={place} kpis={kpis} low={low.items.length} {...balance} />,
        })
      },
      { vendorScope: 'member', query: t.Object(vendorQuery) },
    )
    .get(
      '/orders',
      async ({ actor, vendor, request, query }) => {
        const place = await placeOf(actor, vendor.vendorId)
        const isAll = query.show === 'all'
        const page = await vendorOrders(context.db, vendor.vendorId, { show: isAll ? 'all' : 'to_pack', cursor: query.cursor, limit: 30 })
        return await showVendor(context, request, place, {
          title: 'Orders',
          path: '/vendor/orders',
          body: (
            <VendorOrders
              place={place}
              items={page.items}
              isAll={isAll}
              next={next(place, '/vendor/orders', isAll ? { show: 'all' } : {}, page.nextCursor)}
              outcome={outcomeOf(request, done)}
            />
          ),
        })
      },
      { vendorScope: 'orders', query: t.Object({ ...vendorQuery, ...told, cursor, show: t.Optional(t.String({ maxLength: 10 })) }) },
    )
    .post(
      '/orders/:number/pack',
      async ({ actor, vendor, params }) => {
        const place = await placeOf(actor, vendor.vendorId)
        return await afterForm(place.at('/vendor/orders'), 'packed', () => packOrder(context, actor, params.number))
      },
      { vendorScope: 'orders', params: t.Object({ number: t.String({ maxLength: 20 }) }), query: t.Object(vendorQuery) },
    )
    .get(
      '/products',
      async ({ actor, vendor, request, query }) => {
        const place = await placeOf(actor, vendor.vendorId)
        const q = query.q ?? ''
        const page = await deskProducts(context.db, { vendorId: vendor.vendorId, q, cursor: query.cursor, limit: 50 })
        return await showVendor(context, request, place, {
          title: 'Products',
          path: '/vendor/products',
          body: (
            <VendorProducts
              place={place}
              items={page.items}
              q={q}
              next={next(place, '/vendor/products', q === '' ? {} : { q }, page.nextCursor)}
              outcome={outcomeOf(request, done)}
            />
          ),
        })
      },
      { vendorScope: 'member', query: t.Object({ ...vendorQuery, ...told, cursor, q: t.Optional(t.String({ maxLength: 100 })) }) },
    )
    .post(
      '/products/:id/status',
      async ({ actor, vendor, params, body }) => {
        const place = await placeOf(actor, vendor.vendorId)
        return await afterForm(place.at('/vendor/products'), 'moved', async () => {
          const status = fieldText(formBody(body), 'status', 10)
          if (!isUuid(params.id)) throw new Refusal('not_found')
          if (status !== 'active' && status !== 'draft') throw new Refusal('invalid_input')
          await context.db.transaction((tx) =>
            moveProduct(
              tx,
              { now: context.clock.now(), ids: context.ids, actor },
              { vendorId: vendor.vendorId, productId: params.id },
              status,
            ),
          )
        })
      },
      { vendorScope: 'catalog', params: t.Object({ id: t.String({ maxLength: 36 }) }), query: t.Object(vendorQuery) },
    )
    .get(
      '/stock',
      async ({ actor, vendor, request, query }) => {
        const place = await placeOf(actor, vendor.vendorId)
        const isLow = query.low === 'true'
        const page = await stockSheet(context.db, { vendorId: vendor.vendorId, isLow, cursor: query.cursor, limit: 100 })
        const warehouses = [...new Set(page.items.flatMap(({ shelves }) => shelves.map((shelf) => shelf.warehouse)))]
        const warehouse = warehouses.find((code) => code === query.warehouse) ?? warehouses[0] ?? ''
        return await showVendor(context, request, place, {
          title: 'Stock',
          path: '/vendor/stock',
          body: (
            <VendorStock
              place={place}
              items={page.items}
              warehouses={warehouses}
              warehouse={warehouse}
              isLow={isLow}
              next={next(place, '/vendor/stock', { warehouse, ...(isLow ? { low: 'true' } : {}) }, page.nextCursor)}
              outcome={outcomeOf(request, done)}
            />
          ),
        })
      },
      {
        vendorScope: 'member',
        query: t.Object({
          ...vendorQuery,
          ...told,
          cursor,
          low: t.Optional(t.String({ maxLength: 5 })),
          warehouse: t.Optional(t.String({ maxLength: 40 })),
        }),
      },
    )
    .post(
      '/stock',
      async ({ actor, vendor, body }) => {
        const place = await placeOf(actor, vendor.vendorId)
        const form = formBody(body)
        const warehouse = fieldText(form, 'warehouse', 40)
        return await afterForm(place.at('/vendor/stock', { warehouse }), 'counted', async () => {
          const lines = changedCounts(form)
          if (lines.length === 0) return
          await context.db.transaction((tx) =>
            takeStock(tx, { now: context.clock.now(), ids: context.ids, actor }, vendor.vendorId, { warehouse, lines }),
          )
        })
      },
      { vendorScope: 'catalog', query: t.Object(vendorQuery) },
    )
    .get(
      '/statement',
      async ({ actor, vendor, request, query }) => {
        const place = await placeOf(actor, vendor.vendorId)
        const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(query.month ?? '') ? (query.month ?? '') : nairobiDay(context.clock.now()).slice(0, 7)
        const account = await accountOf(context, vendor.vendorId, month)
        return await showVendor(context, request, place, {
          title: 'Money',
          path: '/vendor/statement',
          body: <VendorMoney place={place} month={month} account={account} />,
        })
      },
      { vendorScope: 'finance', query: t.Object({ ...vendorQuery, month: t.Optional(t.String({ maxLength: 7 })) }) },
    )
}

/** What somebody changed on the sheet. Refuses with invalid_input for what is no number of pieces. */
function changedCounts(form: FormBody): { sku: string; counted: number }[] {
  return Object.keys(form).flatMap((name) => {
    if (!name.startsWith('now ')) return []
    const sku = name.slice(4)
    const now = fieldText(form, name, 6)
    if (now === fieldText(form, `was ${sku}`, 6)) return []
    if (!/^\d{1,6}$/.test(now)) throw new Refusal('invalid_input')
    return { sku, counted: Number(now) }
  })
}

async function accountOf(context: Context, vendorId: string, month: string) {
  const [year = 0, number = 0] = month.split('-').map(Number)
  const following = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`
  const [from, to] = [nairobiMidnight(`${month}-01`), nairobiMidnight(`${following}-01`)]
  if (from === undefined || to === undefined) throw new Refusal('invalid_input')
  try {
    return await vendorAccount(context.db, vendorId, { from, to }, 2_000)
  } catch (error) {
    if (error instanceof TooManyEntries)
      throw new Refusal('invalid_input', { detail: 'There are too many entries for one page. Take the statement as a table.' })
    throw error
  }
}
