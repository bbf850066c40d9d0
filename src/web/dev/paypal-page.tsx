import type { SimulatedOrder } from '../../domain/payments/simulators/paypal.ledger.ts'
import type { PaypalAction } from '../../domain/payments/simulators/paypal.simulator.ts'
import { formatMoney, parseDecimal } from '../../lib/money.ts'

// Beside approving and going back: the odd things that happen to real approvals.
const oddities: readonly (readonly [PaypalAction, string])[] = [
  ['approve-and-leave', 'Approve, but never come back'],
  ['pending', 'Approve; PayPal looks at it for days'],
  ['declined', 'Approve; the payment is declined'],
  ['instrument-declined', 'Approve; the card behind it is declined'],
]

/** The approval page of the simulated PayPal: plain forms; works without scripts. */
export function PaypalPage({ order }: { order: SimulatedOrder }) {
  const isOpen = order.status === 'CREATED' || order.status === 'PAYER_ACTION_REQUIRED'
  return (
    <div class="stack max-w-text">
      <h1>Pay with PayPal</h1>
      <p class="notice demo">
        <strong>Demo:</strong> no money moves and nobody signs in.
      </p>
      <p class="lead">
        {order.description} at {order.brand}:{' '}
        <strong>{formatMoney(parseDecimal(order.amount.value) ?? 0n, order.amount.currency_code)}</strong>
      </p>
      {isOpen ? <Open order={order} /> : <Closed order={order} />}
    </div>
  )
}

function Open({ order }: { order: SimulatedOrder }) {
  return (
    <>
      <form class="panel stack" method="post" action="/sandbox/paypal/checkoutnow">
        <input type="hidden" name="token" value={order.id} />
        <p>You pay from the balance of the demo account.</p>
        <button class="btn btn-big" name="do" value="approve">
          Pay now
        </button>
        <button class="btn-link" name="do" value="cancel">
          Back to the shop without paying
        </button>
      </form>
      <details>
        <summary>Let something odd happen</summary>
        <form class="chips" method="post" action="/sandbox/paypal/checkoutnow">
          <input type="hidden" name="token" value={order.id} />
          {oddities.map(([action, label]) => (
            <button key={action} class="btn btn-quiet" name="do" value={action}>
              {label}
            </button>
          ))}
        </form>
      </details>
    </>
  )
}

function Closed({ order }: { order: SimulatedOrder }) {
  return (
    <>
      <p>{order.status === 'VOIDED' ? 'The time of this page is up, and nothing was charged.' : 'You have approved this payment.'}</p>
      {order.returnUrl !== '' && (
        <p>
          <a class="btn" href={order.returnUrl}>
            Back to the shop
          </a>
        </p>
      )}
    </>
  )
}
