import type { OrderState } from '../../domain/orders/order.states.ts'
import type { VendorOrder } from '../../domain/vendors/vendor-order.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { dayText, momentText } from '../i18n/dates.ts'
import { Flash, type Tone } from '../parts/flash.tsx'
import { Pager } from '../parts/pager.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import type { VendorPlace } from './vendor.desk.ts'

/** A vendor's orders as cards with what to take from which shelf; packing is a button on each. */
export function VendorOrders({
  place,
  items,
  isAll,
  next,
  outcome,
}: {
  place: VendorPlace
  items: readonly VendorOrder[]
  isAll: boolean
  next: string | undefined
  outcome: { tone: Tone; text: string } | undefined
}) {
  return (
    <div class="stack">
      <h1>{isAll ? 'All orders' : 'Orders to pack'}</h1>
      {outcome !== undefined && <Flash tone={outcome.tone}>{outcome.text}</Flash>}
      <p>
        {isAll ? (
          <a href={place.at('/vendor/orders')}>Only what is to be packed</a>
        ) : (
          <a href={place.at('/vendor/orders', { show: 'all' })}>All orders</a>
        )}
      </p>
      {items.length === 0 && <p>{isAll ? 'No orders yet.' : 'Everything is packed.'}</p>}
      {items.map((order) => (
        <section key={order.orderId} class="panel stack" aria-label={`Order ${order.number}`}>
          <h2>
            {order.number} <StateBadge order={order.state as OrderState} />
          </h2>
          <p class="meta">
            Placed {momentText(order.placedAt)}, to {order.town}, {order.county}. Promised from {dayText(order.promisedFrom)}.
          </p>
          <ul>
            {order.lines.map((line) => (
              <li key={`${line.sku} ${line.warehouse}`}>
                <strong>
                  {line.quantity} × {line.name}, {line.size}, {line.colour}
                </strong>
                <span class="meta">
                  {' '}
                  {line.sku}, shelf {line.warehouse}
                  {line.packedQuantity > 0 && `, ${line.packedQuantity} packed`}
                </span>
              </li>
            ))}
          </ul>
          <p>
            {formatMoney(order.grossMinor)}, of which {formatMoney(order.grossMinor - order.commissionMinor)} is yours
          </p>
          {order.lines.some(({ quantity, packedQuantity }) => packedQuantity < quantity) && !isAll && (
            <form method="post" action={place.at(`/vendor/orders/${order.number}/pack`)}>
              <button class="btn btn-big">It is packed</button>
            </form>
          )}
        </section>
      ))}
      <Pager next={next} />
    </div>
  )
}
