import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import type { OrderStep } from '../../domain/orders/order-event.queries.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import type { ReturnState } from '../../domain/returns/return.states.ts'
import type { PaymentStatus } from '../../domain/payments/transaction.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone } from '../../lib/phone.ts'
import { formatTime } from '../../lib/time.ts'
import { paidWith } from '../i18n/method.words.ts'
import { Flash } from '../parts/flash.tsx'
import { OrderLines, SumTable } from '../parts/order-lines.tsx'
import { StateBadge, stateWords } from '../parts/state-badge.tsx'
import { momentText, promiseText } from '../i18n/dates.ts'
import { orderWords } from '../i18n/order.words.ts'
import { reviewWords } from '../i18n/review.words.ts'
import { ReviewForms } from './review-forms.tsx'
import { returnWords } from '../i18n/return.words.ts'
import { localPath } from '../i18n/words.ts'

export type OrderPageView = {
  order: OrderWithLines
  steps: readonly OrderStep[]
  status: PaymentStatus | undefined
  /** The codes the rider asks for, one a parcel that is still to come. */
  codes: readonly { number: number; code: string }[]
  payHref: string
  trackHref: string
  /** Where the shopper changes it or sends something back. */
  editHref: string
  returnHref: string
  cancelPath: string
  returns: readonly { number: string; state: ReturnState; pieces: string }[]
  /** The token of the link the order was opened by. */
  linkToken: string | undefined
  isReviewed: boolean
  /** The return that was just asked for. */
  asked: string | undefined
  /** Its invoice, and what was credited since. */
  documents: readonly { number: string; href: string }[]
  supportPhone: string
}

const road: readonly OrderState[] = ['awaiting_payment', 'paid', 'packed', 'on_the_road', 'delivered']

/** An order for its owner: the number, what happens next, what was bought, and how it went so far. */
export function OrderPage(view: OrderPageView) {
  const { order, steps, status, codes, payHref, trackHref, documents, returns, supportPhone } = view
  const words = orderWords()
  const state = order.state as OrderState
  const isComing = state === 'paid' || state === 'packed' || state === 'on_the_road'
  return (
    <>
      <h1>
        {words.order} <span class="nb">{order.number}</span>
      </h1>
      <p class="bar">
        <StateBadge order={state} /> <span class="meta">{words.placed(momentText(order.createdAt))}</span>
      </p>
      <div class="split">
        <div class="stack">
          <section class="stack">
            <h2>{words.next}</h2>
            {view.isReviewed && <Flash tone="ok">{reviewWords().thanks}</Flash>}
            {view.asked !== undefined && <Flash tone="ok">{returnWords().asked(view.asked)}</Flash>}
            <Next order={order} state={state} payHref={payHref} />
            {isComing && codes.length > 0 && <Codes codes={codes} />}
            <p class="chips no-print">
              {state === 'awaiting_payment' && (
                <a class="btn btn-quiet" href={view.editHref}>
                  {returnWords().edit}
                </a>
              )}
              {state === 'delivered' && (
                <a class="btn" href={view.returnHref}>
                  {returnWords().title}
                </a>
              )}
              {isComing && (
                <a class="btn" href={trackHref}>
                  {words.follow}
                </a>
              )}
              <button class="btn btn-quiet" type="button" data-print hidden>
                {words.print}
              </button>
              {state === 'awaiting_payment' && (
                <button class="btn btn-danger" form="cancel-order">
                  {returnWords().cancel}
                </button>
              )}
              <a
                class="btn btn-quiet"
                href={`https://wa.me/${supportPhone}?text=${encodeURIComponent(`${words.orderTitle(order.number)}: `)}`}
                rel="noreferrer"
              >
                {words.ask}
              </a>
            </p>
            <form id="cancel-order" method="post" action={view.cancelPath} />
          </section>
          {state === 'delivered' && <ReviewForms order={order} token={view.linkToken} />}
          {returns.length > 0 && (
            <section>
              <h2>{returnWords().returns}</h2>
              <ul class="stack">
                {returns.map((each) => (
                  <li key={each.number}>
                    <strong class="nb">{each.number}</strong>: {returnWords()[each.state]}
                    <span class="meta block">{each.pieces}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section>
            <h2>{words.goes}</h2>
            <Road steps={steps} state={state} promise={promiseText(order.promisedFrom, order.promisedTo)} />
          </section>
          <section>
            <h2>{words.where}</h2>
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
          <h2>{words.bought}</h2>
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
              { label: words.clothes, amountMinor: order.linesMinor },
              ...(order.discountMinor > 0n ? [{ label: words.discount, amountMinor: -order.discountMinor }] : []),
              { label: words.deliveryTo(order.county), amountMinor: order.deliveryMinor },
            ]}
            totalMinor={order.totalMinor}
          />
          <p class="meta">{words.vat(formatMoney(order.vatMinor))}</p>
          {order.paidAt !== null && (
            <p>
              {words.paidWith(paidWith(status?.method), momentText(order.paidAt))}
              {status?.receipt != null && (
                <>
                  {' '}
                  {words.receipt} <strong>{status.receipt}</strong>.
                </>
              )}
            </p>
          )}
          {documents.length > 0 && (
            <p class="no-print">
              {words.documents}{' '}
              {documents.map(({ number, href }, index) => (
                <>
                  {index > 0 && ', '}
                  <a key={number} class="nb" href={href}>
                    {number}
                  </a>
                </>
              ))}
            </p>
          )}
        </section>
      </div>
    </>
  )
}

function Next({ order, state, payHref }: { order: OrderWithLines; state: OrderState; payHref: string }) {
  const words = orderWords()
  const promise = promiseText(order.promisedFrom, order.promisedTo)
  switch (state) {
    case 'awaiting_payment':
      return (
        <>
          <p>{words.unpaid(formatTime(order.expiresAt))}</p>
          <p class="no-print">
            <a class="btn btn-big" href={payHref}>
              {words.payNow}
            </a>
          </p>
        </>
      )
    case 'paid':
      return <p>{words.packing(promise)}</p>
    case 'packed':
      return <p>{words.packed(promise)}</p>
    case 'on_the_road':
      return <p>{words.riding(formatPhone(order.contactPhone))}</p>
    case 'delivered':
      return (
        <p>
          {words.arrived} <a href={localPath('/help/returns')}>{words.howReturn}</a>
        </p>
      )
    case 'returned':
      return <p>{words.cameBack}</p>
    case 'cancelled':
    case 'expired':
      return (
        <p>
          {words.over} <a href={payHref}>{words.putBack}</a>
        </p>
      )
  }
}

function Codes({ codes }: { codes: readonly { number: number; code: string }[] }) {
  const words = orderWords()
  return (
    <div class="panel">
      {codes.map(({ number, code }) => (
        <p key={number}>
          {codes.length > 1 ? words.codeOf(number) : words.code}: <strong class="code">{code}</strong>
        </p>
      ))}
      <p class="meta">{words.codeWhen}</p>
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
