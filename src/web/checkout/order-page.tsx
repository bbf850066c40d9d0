import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import type { OrderStep } from '../../domain/orders/order-event.queries.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import type { PaymentStatus } from '../../domain/payments/transaction.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone } from '../../lib/phone.ts'
import { formatTime } from '../../lib/time.ts'
import { paidWith } from '../i18n/method.words.ts'
import { OrderLines, SumTable } from '../parts/order-lines.tsx'
import { StateBadge, stateWords } from '../parts/state-badge.tsx'
import { momentText, promiseText } from '../i18n/dates.ts'

export type OrderPageView = {
  order: OrderWithLines
  steps: readonly OrderStep[]
  status: PaymentStatus | undefined
  /** The codes the rider asks for, one a parcel that is still to come. */
  codes: readonly { number: number; code: string }[]
  payHref: string
  trackHref: string
  supportPhone: string
}

const road: readonly OrderState[] = ['awaiting_payment', 'paid', 'packed', 'on_the_road', 'delivered']

/** An order for its owner: the number, what happens next, what was bought, and how it went so far. */
export function OrderPage({ order, steps, status, codes, payHref, trackHref, supportPhone }: OrderPageView) {
  const state = order.state as OrderState
  const isComing = state === 'paid' || state === 'packed' || state === 'on_the_road'
  return (
    <>
      <h1>
        Order <span class="nb">{order.number}</span>
      </h1>
      <p class="bar">
        <StateBadge order={state} /> <span class="meta">placed {momentText(order.createdAt)}</span>
      </p>
      <div class="split">
        <div class="stack">
          <section class="stack">
            <h2>What happens next</h2>
            <Next order={order} state={state} payHref={payHref} />
            {isComing && codes.length > 0 && <Codes codes={codes} />}
            <p class="chips no-print">
              {isComing && (
                <a class="btn" href={trackHref}>
                  Follow the delivery
                </a>
              )}
              <button class="btn btn-quiet" type="button" data-print hidden>
                Print
              </button>
              <a
                class="btn btn-quiet"
                href={`https://wa.me/${supportPhone}?text=${encodeURIComponent(`Order ${order.number}: `)}`}
                rel="noreferrer"
              >
                Ask on WhatsApp
              </a>
            </p>
          </section>
          <section>
            <h2>How it goes</h2>
            <Road steps={steps} state={state} promise={promiseText(order.promisedFrom, order.promisedTo)} />
          </section>
          <section>
            <h2>Where it goes</h2>
            <address>
              {order.contactName}, {formatPhone(order.contactPhone)}
              <br />
              {order.landmark}
              <br />
              {order.town}, {order.county}
            </address>
          </section>
        </div>
        <section class="panel stack">
          <h2>What you bought</h2>
          <OrderLines
            lines={order.lines.map((line) => ({
              id: line.id,
              name: line.name,
              colour: line.colour,
              size: line.size,
              quantity: line.quantity,
              unitMinor: line.unitPriceMinor,
              totalMinor: line.totalMinor,
              picture:
                line.picturePath === ''
                  ? undefined
                  : { src: `/media/${line.picturePath}`, alt: '', width: 640, height: 800, dominantHex: '#F3EEE5' },
            }))}
          />
          <SumTable
            lines={[
              { label: 'Clothes', amountMinor: order.linesMinor },
              ...(order.discountMinor > 0n ? [{ label: 'Discount', amountMinor: -order.discountMinor }] : []),
              { label: `Delivery to ${order.county}`, amountMinor: order.deliveryMinor },
            ]}
            totalMinor={order.totalMinor}
          />
          <p class="meta">Of this, {formatMoney(order.vatMinor)} is VAT.</p>
          {order.paidAt !== null && (
            <p>
              Paid with {paidWith(status?.method)}, {momentText(order.paidAt)}.
              {status?.receipt != null && (
                <>
                  {' '}
                  Receipt <strong>{status.receipt}</strong>.
                </>
              )}
            </p>
          )}
        </section>
      </div>
    </>
  )
}

function Next({ order, state, payHref }: { order: OrderWithLines; state: OrderState; payHref: string }) {
  const promise = promiseText(order.promisedFrom, order.promisedTo)
  switch (state) {
    case 'awaiting_payment':
      return (
        <>
          <p>Nothing is paid yet. We keep these clothes for you until {formatTime(order.expiresAt)}.</p>
          <p class="no-print">
            <a class="btn btn-big" href={payHref}>
              Pay now
            </a>
          </p>
        </>
      )
    case 'paid':
      return <p>We are packing your clothes. A rider brings them {promise} and calls you first.</p>
    case 'packed':
      return <p>Packed and waiting for the rider, who brings it {promise} and calls you first.</p>
    case 'on_the_road':
      return <p>The rider has your parcel and calls you on {formatPhone(order.contactPhone)}. Keep your phone near.</p>
    case 'delivered':
      return (
        <p>
          It has arrived. Something does not fit? You have 7 days: <a href="/help/returns">how to return it</a>.
        </p>
      )
    case 'returned':
      return <p>The parcel came back to us. We settle the money with you by text message.</p>
    case 'cancelled':
    case 'expired':
      return (
        <p>
          Nothing more happens with this order. <a href={payHref}>Put the clothes back in your bag</a>
        </p>
      )
  }
}

function Codes({ codes }: { codes: readonly { number: number; code: string }[] }) {
  return (
    <div class="panel">
      {codes.map(({ number, code }) => (
        <p key={number}>
          Delivery code{codes.length > 1 && ` of parcel ${number}`}: <strong class="code">{code}</strong>
        </p>
      ))}
      <p class="meta">Tell it to the rider when you have your parcel in your hands, not before.</p>
    </div>
  )
}

function Road({ steps, state, promise }: { steps: readonly OrderStep[]; state: OrderState; promise: string }) {
  const at = road.indexOf(state)
  const ahead = at < 0 ? [] : road.slice(at + 1)
  return (
    <ol class="steps">
      {steps.map((step, index) => (
        <li key={index} class="past" aria-current={index === steps.length - 1 ? 'step' : undefined}>
          {stateWords({ order: step.state })}
          <span class="meta block">{momentText(step.at)}</span>
        </li>
      ))}
      {ahead.map((each) => (
        <li key={each}>
          {stateWords({ order: each })}
          {each === 'delivered' && <span class="meta block">{promise}</span>}
        </li>
      ))}
    </ol>
  )
}
