import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { firstName } from '../../domain/delivery/delivery.view.ts'
import { formatPhone } from '../../lib/phone.ts'
import { formatTime } from '../../lib/time.ts'
import { dayText } from '../i18n/dates.ts'
import { orderWords } from '../i18n/order.words.ts'
import { localPath } from '../i18n/words.ts'
import { RouteDrawing } from './route-drawing.tsx'
import { deliveryHeadline, etaText, eventText, failText, orderHeadline, type TrackedDelivery } from './track.view.ts'

export type TrackView = {
  order: OrderWithLines
  token: string
  tracked: readonly TrackedDelivery[]
  now: Date
  support: { phone: string }
  /** Where tiles of streets come from; undefined without a configured server. */
  tiles: string | undefined
  /** The visitor has asked for streets, and accepts what they weigh. */
  wantsStreets: boolean
}

// Older than this the phone has no signal; older than the other the page speaks of the window again.
const silentMs = 120_000

/** An order on its way, for whoever has the link: text first, and the drawing when asked for. Complete without scripts. */
export function TrackPage({ order, token, tracked, now, support, tiles, wantsStreets }: TrackView) {
  const words = orderWords()
  const state = order.state as OrderState
  const [first] = tracked
  const headline = first === undefined || tracked.length > 1 ? orderHeadline(state) : deliveryHeadline(first)
  return (
    <div class="stack max-w-text" data-follow>
      <p class="meta">
        {words.order} <strong>{order.number}</strong>
      </p>
      <h1>
        <span aria-live="polite" data-headline>
          {headline}
        </span>
      </h1>
      {state === 'awaiting_payment' && (
        <p>
          <a class="btn btn-big" href={localPath(`/pay/${token}`)}>
            {words.payForIt}
          </a>
        </p>
      )}
      {tracked.length === 0 && (
        <div data-part="order" data-status={state}>
          {state === 'paid' && <p>{words.comes(windowText(order), `${order.landmark}, ${order.town}`)}</p>}
          {(state === 'cancelled' || state === 'expired') && <p>{words.nothingComes}</p>}
        </div>
      )}
      {tracked.map((each, index) => (
        <DeliveryPart
          key={each.delivery.id}
          tracked={each}
          title={tracked.length > 1 ? words.parcelOf(index + 1, tracked.length) : undefined}
          token={token}
          now={now}
          support={support}
          tiles={tiles}
          wantsStreets={wantsStreets}
          window={windowText(order)}
        />
      ))}
      <section class="stack">
        <h2>{words.coming}</h2>
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
          <a href={localPath(`/track/${token}`)}>{words.reload}</a>
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
  tiles: string | undefined
  wantsStreets: boolean
  window: string
}

function DeliveryPart({ tracked, title, token, now, support, window, tiles, wantsStreets }: PartProps) {
  const words = orderWords()
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
            <dt>{eta === undefined ? words.planned : words.arriving}</dt>
            <dd>{eta === undefined ? window : etaText(eta)}</dd>
          </div>
          <div>
            <dt>{words.to}</dt>
            <dd>{delivery.destText}</dd>
          </div>
          {rider !== undefined && (
            <div>
              <dt>{words.rider}</dt>
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
          <p>
            {failText(delivery.failReason)} {words.safe}
          </p>
          <p>
            <a href={`tel:+${support.phone}`}>{words.callUs(formatPhone(support.phone))}</a>
          </p>
        </div>
      )}
      {code !== undefined && (
        <div class="panel">
          <p>{words.codeAtDoor}</p>
          <p class="text-4xl font-bold tracking-widest">{code}</p>
        </div>
      )}
      {isRiding && (
        <p class="chips">
          {delivery.driverPhone !== null && (
            <>
              <a class="btn" href={`tel:+${delivery.driverPhone}`}>
                {words.call(rider ?? words.rider)}
              </a>
              <a class="btn btn-quiet" href={`https://wa.me/${delivery.driverPhone}`} rel="noopener noreferrer">
                WhatsApp
              </a>
            </>
          )}
        </p>
      )}
      {position !== undefined && <FixAge fixedAt={position.ts} rider={rider ?? words.theRider} now={now} />}
      {!isOver && delivery.state !== 'pending' && delivery.state !== 'failed' && (
        <details open={wantsStreets}>
          <summary>{words.showWhere(rider ?? words.theRider)}</summary>
          <RouteDrawing
            origin={{ lat: delivery.originLat, lng: delivery.originLng, name: delivery.warehouseName }}
            destination={{ lat: delivery.destLat, lng: delivery.destLng }}
            rider={position}
            riderName={rider ?? words.rider}
            tiles={wantsStreets ? tiles : undefined}
          />
          {tiles !== undefined && (
            <p class="meta">{wantsStreets ? words.mapBy : <a href={localPath(`/track/${token}?streets=yes`)}>{words.withStreets}</a>}</p>
          )}
          {position === undefined && <p class="meta">{words.seeLater}</p>}
        </details>
      )}
      <h3>{words.happened}</h3>
      <ol class="steps">
        {events.map((event, index) => (
          <li key={event.seq} class="past" aria-current={index === events.length - 1 && !isOver ? 'step' : undefined}>
            {eventText(event.kind)}{' '}
            <time class="meta" dateTime={event.at.toISOString()}>
              {formatTime(event.at)}
            </time>
          </li>
        ))}
      </ol>
      {delivery.state === 'delivered' && <p>{words.thanks}</p>}
    </section>
  )
}

function FixAge({ fixedAt, rider, now }: { fixedAt: number; rider: string; now: Date }) {
  const words = orderWords()
  const ms = Math.max(0, now.getTime() - fixedAt)
  return (
    <p class="meta" data-fixed-at={fixedAt} data-silent={words.silent(rider, '{n}')} data-seen={words.seen('{n}')}>
      {ms > silentMs ? words.silent(rider, String(Math.round(ms / 60_000))) : words.seen(String(Math.round(ms / 1_000)))}
    </p>
  )
}

const windowText = ({ promisedFrom, promisedTo }: Pick<OrderWithLines, 'promisedFrom' | 'promisedTo'>): string =>
  dayText(promisedFrom) === dayText(promisedTo)
    ? orderWords().by(dayText(promisedTo), formatTime(promisedTo))
    : orderWords().between(dayText(promisedFrom), dayText(promisedTo))
