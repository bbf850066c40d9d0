import { dropOffTries } from '../../domain/delivery/drop-off-code.ts'
import type { DeliveryDetail } from '../../domain/delivery/delivery.queries.ts'
import { formatPhone } from '../../lib/phone.ts'
import { Flash, type Tone } from '../parts/flash.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { failChoices, nextStep } from './driver.steps.ts'

export type DriverView = {
  name: string
  isOnDuty: boolean
  own: readonly DeliveryDetail[]
  waiting: readonly DeliveryDetail[]
  message: { tone: Tone; text: string } | undefined
}

/** A rider's day on one page: duty, the next stop with big buttons, the stops after it. Every button is a form. */
export function DriverPage({ name, isOnDuty, own, waiting, message }: DriverView) {
  const [next, ...later] = own
  const live = own.filter(({ state }) => state !== 'failed')
  return (
    <div class="stack max-w-text">
      <h1>Today</h1>
      {message !== undefined && <Flash tone={message.tone}>{message.text}</Flash>}
      <form method="post" action="/driver/duty">
        <p class="meta">
          {name}, {isOnDuty ? 'you are on duty.' : 'you are off duty and get no new work.'}
        </p>
        <button class={isOnDuty ? 'btn btn-quiet btn-block' : 'btn btn-big btn-block'} name="duty" value={isOnDuty ? 'off' : 'on'}>
          {isOnDuty ? 'Go off duty' : 'Come on duty'}
        </button>
      </form>
      {live.length > 0 && (
        <section class="panel stack">
          <button type="button" class="btn btn-block" data-share hidden aria-pressed="false">
            Share my place
          </button>
          {live.map(({ id }) => (
            <span key={id} hidden data-share-socket={`/ws/delivery/track/${id}`} />
          ))}
          <p class="meta" role="status" data-share-status>
            Customers see where you are from pick-up to hand-over. Keep this page open: a dark screen stops it.
          </p>
        </section>
      )}
      {next === undefined ? <p>{isOnDuty ? 'Nothing to bring right now.' : ''}</p> : <Stop delivery={next} />}
      {later.length > 0 && (
        <section class="stack">
          <h2>After that</h2>
          {later.map((delivery) => (
            <details key={delivery.id} class="panel">
              <summary>
                {delivery.landmark}, {delivery.town} <StateBadge delivery={delivery.state} />
              </summary>
              <Stop delivery={delivery} />
            </details>
          ))}
        </section>
      )}
      {isOnDuty && waiting.length > 0 && (
        <section class="stack">
          <h2>Waiting for a rider</h2>
          {waiting.map((delivery) => (
            <form key={delivery.id} class="panel stack" method="post" action={`/driver/deliveries/${delivery.id}/accept`}>
              <p>
                <strong>{delivery.warehouseName}</strong> to {delivery.town}, {delivery.county}
              </p>
              <button class="btn btn-block">Take it</button>
            </form>
          ))}
        </section>
      )}
    </div>
  )
}

function Stop({ delivery }: { delivery: DeliveryDetail }) {
  const step = nextStep(delivery.state)
  const action = (verb: string) => `/driver/deliveries/${delivery.id}/${verb}`
  const place =
    delivery.state === 'assigned' ? { lat: delivery.originLat, lng: delivery.originLng } : { lat: delivery.destLat, lng: delivery.destLng }
  return (
    <section class="stack" aria-label={`Stop ${delivery.orderNumber}`}>
      <p>
        <StateBadge delivery={delivery.state} /> <span class="meta">{delivery.orderNumber}</span>
      </p>
      {delivery.state === 'assigned' ? (
        <p class="text-2xl font-bold">Fetch it at {delivery.warehouseName}</p>
      ) : (
        <p class="text-2xl font-bold">
          {delivery.landmark}
          <br />
          {delivery.town}, {delivery.county}
        </p>
      )}
      <p>
        {delivery.contactName}
        {delivery.note !== '' && <span class="meta block">{delivery.note}</span>}
      </p>
      <p class="chips">
        <a class="btn btn-quiet" href={`tel:+${delivery.contactPhone}`}>
          Call {formatPhone(delivery.contactPhone)}
        </a>
        <a class="btn btn-quiet" href={`https://wa.me/${delivery.contactPhone}`} rel="noopener noreferrer">
          WhatsApp
        </a>
        {(delivery.destIsPinned || delivery.state === 'assigned') && (
          <a
            class="btn btn-quiet"
            href={`https://www.google.com/maps/dir/?api=1&destination=${place.lat},${place.lng}`}
            rel="noopener noreferrer"
          >
            Directions
          </a>
        )}
      </p>
      {step !== undefined && (
        <form method="post" action={action(step.verb)}>
          <button class="btn btn-big btn-block">{step.label}</button>
        </form>
      )}
      {(delivery.state === 'en_route' || delivery.state === 'arriving') && (
        <form class="panel" method="post" action={action('deliver')}>
          <div class="field">
            <label for={`code-${delivery.number}`}>The customer’s code</label>
            <span class="hint">Ask for it when they have the parcel. {Math.max(0, dropOffTries - delivery.codeTries)} tries left.</span>
            <input
              class="input input-short text-3xl"
              id={`code-${delivery.number}`}
              name="code"
              inputmode="numeric"
              autocomplete="off"
              pattern="[0-9]{4}"
              maxlength={4}
              required
            />
          </div>
          <button class="btn btn-big btn-block">Delivered</button>
        </form>
      )}
      {(delivery.state === 'picked_up' || delivery.state === 'en_route' || delivery.state === 'arriving') && (
        <details>
          <summary>Could not deliver</summary>
          <form class="stack" method="post" action={action('fail')}>
            {failChoices.map(([value, label]) => (
              <button key={value} class="btn btn-danger btn-block" name="reason" value={value}>
                {label}
              </button>
            ))}
          </form>
        </details>
      )}
    </section>
  )
}
