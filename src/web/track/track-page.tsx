import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { firstName } from '../../domain/delivery/delivery.view.ts'
import { formatPhone } from '../../lib/phone.ts'
import { formatDay, formatTime } from '../../lib/time.ts'
import { RouteDrawing } from './route-drawing.tsx'
import { deliveryHeadline, etaText, eventWords, failWords, orderHeadline, type TrackedDelivery } from './track.view.ts'

export type TrackView = {
  order: OrderWithLines
  token: string
  tracked: readonly TrackedDelivery[]
  now: Date
  support: { phone: string }
}

// Older than this the phone has no signal; older than the other the page speaks of the window again.
const silentMs = 120_000

/** An order on its way, for whoever has the link: text first, and the drawing when asked for. Complete without scripts. */
export function TrackPage({ order, token, tracked, now, support }: TrackView) {
  const state = order.state as OrderState
  const [first] = tracked
  const headline = first === undefined || tracked.length > 1 ? orderHeadline(state) : deliveryHeadline(first)
  return (
    <div class="stack max-w-text" data-follow>
      <p class="meta">
        Order <strong>{order.number}</strong>
      </p>
      <h1>
        <span aria-live="polite" data-headline>
          {headline}
        </span>
      </h1>
      {state === 'awaiting_payment' && (
        <p>
          <a class="btn btn-big" href={`/pay/${token}`}>
            Pay for this order
          </a>
        </p>
      )}
      {tracked.length === 0 && (
        <div data-part="order" data-status={state}>
          {state === 'paid' && (
            <p>
              It comes {windowText(order)}, to {order.landmark}, {order.town}.
            </p>
          )}
          {(state === 'cancelled' || state === 'expired') && <p>Nothing will be brought. What was paid goes back the way it came.</p>}
        </div>
      )}
      {tracked.map((each, index) => (
        <DeliveryPart
          key={each.delivery.id}
          tracked={each}
          title={tracked.length > 1 ? `Parcel ${index + 1} of ${tracked.length}` : undefined}
          token={token}
          now={now}
          support={support}
          window={windowText(order)}
        />
      ))}
      <section class="stack">
        <h2>What is coming</h2>
        <ul class="prose">
          {order.lines.map((line) => (
            <li key={line.id}>
              {line.quantity} × {line.name}, {line.size}, {line.colour}
            </li>
          ))}
        </ul>
      </section>
      <noscript>
        <p class="meta">
          <a href={`/track/${token}`}>Load this page again</a> to see what is new.
        </p>
      </noscript>
    </div>
  )
}

type PartProps = {
  tracked: TrackedDelivery
  title: string | undefined
  token: string
  now: Date
  support: { phone: string }
  window: string
}

function DeliveryPart({ tracked, title, token, now, support, window }: PartProps) {
  const { delivery, events, position, eta, code } = tracked
  const rider = delivery.driverName === null ? undefined : firstName(delivery.driverName)
  const isOver = delivery.state === 'delivered' || delivery.state === 'cancelled'
  const isRiding = delivery.state === 'en_route' || delivery.state === 'arriving'
  return (
    <section
      class="stack"
      data-part={delivery.id}
      data-status={delivery.state}
      data-socket={isOver ? undefined : `/ws/delivery/track/${delivery.id}?token=${token}`}
    >
      {title !== undefined && (
        <h2>
          {title}: {deliveryHeadline(tracked)}
        </h2>
      )}
      {!isOver && (
        <dl class="summary">
          <div>
            <dt>{eta === undefined ? 'Planned' : 'Arriving'}</dt>
            <dd>{eta === undefined ? window : etaText(eta)}</dd>
          </div>
          <div>
            <dt>To</dt>
            <dd>{delivery.destText}</dd>
          </div>
          {rider !== undefined && (
            <div>
              <dt>Rider</dt>
              <dd>
                {rider}
                {delivery.driverPlate !== null && delivery.driverPlate !== '' && `, ${delivery.driverPlate}`}
              </dd>
            </div>
          )}
        </dl>
      )}
      {delivery.state === 'failed' && (
        <div class="notice warn">
          <p>{failWords[delivery.failReason ?? 'other'] ?? failWords['other']} Your parcel is safe with the rider.</p>
          <p>
            Call us on <a href={`tel:+${support.phone}`}>{formatPhone(support.phone)}</a> and we bring it again.
          </p>
        </div>
      )}
      {code !== undefined && (
        <div class="panel">
          <p>Tell this code to the rider at the door, and only there:</p>
          <p class="text-4xl font-bold tracking-widest">{code}</p>
        </div>
      )}
      {isRiding && (
        <p class="chips">
          {delivery.driverPhone !== null && (
            <>
              <a class="btn" href={`tel:+${delivery.driverPhone}`}>
                Call {rider}
              </a>
              <a class="btn btn-quiet" href={`https://wa.me/${delivery.driverPhone}`} rel="noopener noreferrer">
                WhatsApp
              </a>
            </>
          )}
        </p>
      )}
      {position !== undefined && <FixAge fixedAt={position.ts} rider={rider ?? 'The rider'} now={now} />}
      {!isOver && delivery.state !== 'pending' && delivery.state !== 'failed' && (
        <details>
          <summary>Show where {rider ?? 'the rider'} is</summary>
          <RouteDrawing
            origin={{ lat: delivery.originLat, lng: delivery.originLng, name: delivery.warehouseName }}
            destination={{ lat: delivery.destLat, lng: delivery.destLng }}
            rider={position}
            riderName={rider ?? 'Rider'}
          />
          {position === undefined && <p class="meta">You see the rider from the moment they have your order.</p>}
        </details>
      )}
      <h3>What has happened</h3>
      <ol class="steps">
        {events.map((event, index) => (
          <li key={event.seq} class="past" aria-current={index === events.length - 1 && !isOver ? 'step' : undefined}>
            {eventWords[event.kind] ?? event.kind}{' '}
            <time class="meta" dateTime={event.at.toISOString()}>
              {formatTime(event.at)}
            </time>
          </li>
        ))}
      </ol>
      {delivery.state === 'delivered' && <p>Thank you. If something does not fit, you have seven days to send it back.</p>}
    </section>
  )
}

function FixAge({ fixedAt, rider, now }: { fixedAt: number; rider: string; now: Date }) {
  const ms = Math.max(0, now.getTime() - fixedAt)
  return (
    <p class="meta" data-fixed-at={fixedAt} data-rider-name={rider}>
      {ms > silentMs ? `${rider}’s phone has no signal. Seen ${Math.round(ms / 60_000)} min ago.` : `Seen ${Math.round(ms / 1_000)} s ago.`}
    </p>
  )
}

const windowText = ({ promisedFrom, promisedTo }: Pick<OrderWithLines, 'promisedFrom' | 'promisedTo'>): string =>
  formatDay(promisedFrom) === formatDay(promisedTo)
    ? `${formatDay(promisedTo)} by ${formatTime(promisedTo)}`
    : `${formatDay(promisedFrom)} to ${formatDay(promisedTo)}`
