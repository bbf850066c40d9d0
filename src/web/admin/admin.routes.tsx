import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { liveDeliveries } from '../../domain/delivery/delivery.queries.ts'
import { ridersOnDuty } from '../../domain/delivery/driver.queries.ts'
import { listOrders, orderByNumber } from '../../domain/orders/order.queries.ts'
import { orderStates } from '../../domain/orders/order.states.ts'
import { countWaiting } from '../../domain/orders/staff-desk.queries.ts'
import { timelineOfOrder } from '../../domain/orders/timeline.queries.ts'
import { providerDays } from '../../domain/payments/statement.queries.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { after, days, nairobiDay, nairobiMidnight } from '../../lib/time.ts'
import { checkInvariants } from '../../platform/check-invariants.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { assignRun } from '../../workflows/dispatch/assign-run.ts'
import { unassignRun } from '../../workflows/dispatch/unassign-run.ts'
import { packOrder } from '../../workflows/dispatch/pack-order.ts'
import { fieldText, formBody } from '../form-values.ts'
import { dayText } from '../i18n/dates.ts'
import { showDesk } from './admin.desk.ts'
import { DispatchPage } from './dispatch-page.tsx'
import { HealthPage } from './health-page.tsx'
import { OrdersPage, StaffOrderPage } from './orders-page.tsx'
import { afterForm, outcomeOf } from '../parts/form-outcome.ts'
import { TodayPage } from './today-page.tsx'

const done = { packed: 'Packed. The delivery is made.', given: 'Given to the rider.', taken: 'Taken back from the rider.' } as const
const ByNumber = t.Object({ number: t.String({ maxLength: 20 }) })

/** The staff's desk beside money: today, orders, dispatch, health. */
export const adminPages = (context: Context) =>
  new Elysia({ prefix: '/admin', detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ request }) => {
        const now = context.clock.now()
        const from = nairobiMidnight(nairobiDay(now)) ?? now
        const [takings, waiting] = await Promise.all([
          providerDays(context.db, { from, to: after(from, days(1)) }),
          countWaiting(context.db, now),
        ])
        return await showDesk(context, request, {
          title: 'Today',
          path: '/admin',
          body: <TodayPage day={dayText(now)} takings={takings} waiting={waiting} />,
        })
      },
      { as: 'staff' },
    )
    .get(
      '/orders',
      async ({ request, query }) => {
        const state = orderStates.all.find((each) => each === query.state)
        const page = await listOrders(context.db, { accountId: undefined, state, cursor: query.cursor, limit: 50 })
        return await showDesk(context, request, {
          title: 'Orders',
          path: '/admin/orders',
          body: <OrdersPage state={state} items={page.items} nextCursor={page.nextCursor} />,
        })
      },
      {
        as: 'staff',
        query: t.Object({ state: t.Optional(t.String({ maxLength: 30 })), cursor: t.Optional(t.String({ maxLength: 500 })) }),
      },
    )
    .get(
      '/orders/:number',
      async ({ request, params }) => {
        const order = await orderByNumber(context.db, params.number, { accountId: undefined, token: undefined, isStaff: true })
        if (order === undefined) throw new Refusal('not_found')
        const timeline = await timelineOfOrder(context.db, order.id)
        return await showDesk(context, request, {
          title: order.number,
          path: `/admin/orders/${order.number}`,
          body: <StaffOrderPage order={order} timeline={timeline} outcome={outcomeOf(request, done)} />,
        })
      },
      { as: 'staff', params: ByNumber },
    )
    .post(
      '/orders/:number/pack',
      async ({ actor, params }) =>
        await afterForm(`/admin/orders/${encodeURIComponent(params.number)}`, 'packed', () => packOrder(context, actor, params.number)),
      { as: 'staff', params: ByNumber },
    )
    .get(
      '/dispatch',
      async ({ request }) => {
        const [live, riders] = await Promise.all([liveDeliveries(context.db), ridersOnDuty(context.db)])
        return await showDesk(context, request, {
          title: 'Dispatch',
          path: '/admin/dispatch',
          body: <DispatchPage live={live} riders={riders} now={context.clock.now()} outcome={outcomeOf(request, done)} />,
        })
      },
      { as: 'staff' },
    )
    .post(
      '/dispatch/:id/assign',
      async ({ actor, params, body }) =>
        await afterForm('/admin/dispatch', 'given', async () => {
          const driverId = fieldText(formBody(body), 'rider', 36)
          if (!isUuid(params.id) || !isUuid(driverId)) throw new Refusal('not_found')
          await assignRun(context, actor, { deliveryId: params.id, driverId })
        }),
      { as: 'staff', params: t.Object({ id: t.String({ maxLength: 36 }) }) },
    )
    .post(
      '/dispatch/:id/unassign',
      async ({ actor, params }) =>
        await afterForm('/admin/dispatch', 'taken', async () => {
          if (!isUuid(params.id)) throw new Refusal('not_found')
          await unassignRun(context, actor, { deliveryId: params.id, reason: 'dispatch board' })
        }),
      { as: 'staff', params: t.Object({ id: t.String({ maxLength: 36 }) }) },
    )
    .get(
      '/health',
      async ({ request }) => {
        const [violations, jobs] = await Promise.all([checkInvariants(context.db), context.jobs.lastRuns()])
        return await showDesk(context, request, {
          title: 'Health',
          path: '/admin/health',
          body: <HealthPage violations={violations} jobs={jobs} />,
        })
      },
      { as: 'staff' },
    )
