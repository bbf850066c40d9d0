import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import { type OrderState, orderStates } from '../../domain/orders/order.states.ts'
import type { TimelineEntry } from '../../domain/orders/timeline.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone } from '../../lib/phone.ts'
import { momentText } from '../i18n/dates.ts'
import { Flash } from '../parts/flash.tsx'
import { GridTable } from '../parts/grid-table.tsx'
import { Pager } from '../parts/pager.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { FilterForm } from './filter-form.tsx'
import type { Outcome } from '../parts/form-outcome.ts'

/** Everybody's orders, newest first. */
export function OrdersPage({
  state,
  items,
  nextCursor,
}: {
  state: string | undefined
  items: readonly OrderWithLines[]
  nextCursor: string | null
}) {
  return (
    <div class="stack">
      <h1>Orders</h1>
      <FilterForm action="/admin/orders" fields={[{ name: 'state', label: 'State', value: state, options: orderStates.all }]} />
      {items.length === 0 ? (
        <p>No orders.</p>
      ) : (
        <GridTable
          caption="Orders, newest first"
          rows={items}
          keyOf={({ id }) => id}
          columns={[
            { label: 'Number', cell: ({ number }) => <a href={`/admin/orders/${number}`}>{number}</a> },
            { label: 'State', cell: (order) => <StateBadge order={order.state as OrderState} /> },
            { label: 'Who', cell: ({ contactName }) => contactName },
            { label: 'Where', cell: ({ town, county }) => `${town}, ${county}` },
            { label: 'Pieces', isNumber: true, cell: ({ lines }) => String(lines.reduce((sum, { quantity }) => sum + quantity, 0)) },
            { label: 'Total', isNumber: true, cell: ({ totalMinor, currency }) => formatMoney(totalMinor, currency) },
            { label: 'Placed', cell: ({ createdAt }) => momentText(createdAt) },
          ]}
        />
      )}
      <Pager
        next={
          nextCursor === null
            ? undefined
            : `/admin/orders?${state === undefined ? '' : `state=${state}&`}cursor=${encodeURIComponent(nextCursor)}`
        }
      />
    </div>
  )
}

/** One order for staff: who, what, where, everything that happened, and packing. */
export function StaffOrderPage({
  order,
  timeline,
  outcome,
}: {
  order: OrderWithLines
  timeline: readonly TimelineEntry[]
  outcome: Outcome
}) {
  const canPack = order.state === 'paid' || (order.state === 'awaiting_payment' && order.paymentMethod === 'cod')
  return (
    <div class="stack">
      <h1>
        {order.number} <StateBadge order={order.state as OrderState} />
      </h1>
      {outcome !== undefined && <Flash tone={outcome.tone}>{outcome.text}</Flash>}
      <div class="columns">
        <div class="stack">
          <GridTable
            caption="What was ordered"
            rows={order.lines}
            keyOf={({ id }) => id}
            columns={[
              { label: 'Piece', cell: ({ name, size, colour }) => `${name}, ${size}, ${colour}` },
              { label: 'Number', cell: ({ sku }) => sku },
              { label: 'Pieces', isNumber: true, cell: ({ quantity }) => String(quantity) },
              { label: 'Price', isNumber: true, cell: ({ unitPriceMinor }) => formatMoney(unitPriceMinor, order.currency) },
            ]}
          />
          <h2>What happened</h2>
          <GridTable
            caption="Timeline, oldest first"
            rows={timeline.map((entry, at) => ({ ...entry, key: String(at) }))}
            keyOf={({ key }) => key}
            columns={[
              { label: 'When', cell: ({ at }) => momentText(at) },
              {
                label: 'What',
                cell: ({ about, event, to }) => `${about}: ${event.replaceAll('_', ' ')}${to === '' ? '' : `, ${to.replaceAll('_', ' ')}`}`,
              },
              { label: 'Who', cell: ({ actor }) => actor.name ?? actor.kind },
              { label: 'Why', cell: ({ reason }) => reason },
            ]}
          />
        </div>
        <aside class="stack">
          <div class="panel stack">
            <h2>{order.contactName}</h2>
            <p>
              <a href={`tel:+${order.contactPhone}`}>{formatPhone(order.contactPhone)}</a>
            </p>
            <p>
              {order.landmark}
              <br />
              {order.town}, {order.county}
            </p>
            <p class="font-bold">{formatMoney(order.totalMinor, order.currency)}</p>
            <p>
              <a href={`/admin/money?order=${order.number}`}>Its payments</a>
            </p>
          </div>
          {canPack && (
            <form class="panel stack" method="post" action={`/admin/orders/${order.number}/pack`}>
              <h2>Packed?</h2>
              <p>The delivery is made and given to a rider on duty.</p>
              <button class="btn">It is packed</button>
            </form>
          )}
        </aside>
      </div>
    </div>
  )
}
