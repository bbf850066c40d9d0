import type { SimulatedPayment } from '../../domain/payments/simulators/paystack.ledger.ts'
import type { PaystackAction } from '../../domain/payments/simulators/paystack.simulator.ts'
import { formatMoney } from '../../lib/money.ts'
import { ErrorSummary } from '../parts/error-summary.tsx'
import { TextField } from '../parts/form-field.tsx'

// Beside paying and leaving: the odd things that happen to real payments.
const oddities: readonly (readonly [PaystackAction, string])[] = [
  ['lose', 'Pay, but lose the message'],
  ['duplicate', 'Pay, message twice'],
  ['wrong-amount', 'Pay one shilling too little'],
  ['wrong-currency', 'Pay in dollars'],
  ['fee', 'Pay, and bear the fee'],
  ['open', 'Leave it half done'],
]

/** The hosted page of the simulated Paystack: card and mobile money as plain forms; works without scripts. */
export function PaystackPage({ payment }: { payment: SimulatedPayment }) {
  const isPaid = payment.status === 'success' || payment.status === 'reversed'
  const errors = payment.status === 'failed' ? { card: `${payment.gatewayResponse}. Nothing was charged; try another card.` } : undefined
  const address = `/sandbox/paystack/checkout/${payment.accessCode}`
  return (
    <div class="stack max-w-text">
      <h1>Pay with Paystack</h1>
      <p class="notice demo">
        <strong>Demo:</strong> no money moves, and only Paystack’s published test cards work. Never type a real card number here.
      </p>
      <p class="lead">
        {payment.reference}: <strong>{formatMoney(payment.requested, payment.currency)}</strong>
      </p>
      {isPaid ? (
        <Paid payment={payment} />
      ) : (
        <>
          <ErrorSummary errors={errors} />
          <form class="panel stack" method="post" action={address} novalidate>
            <TextField
              name="card"
              label="Card number"
              inputmode="numeric"
              autocomplete="off"
              hint="4084 0840 8408 4081 pays, 4084 0800 0000 5408 is declined, 4084 0800 0067 0037 has not enough money."
              error={errors?.card}
              value="4084 0840 8408 4081"
              maxlength={23}
            />
            <button class="btn btn-big" name="do" value="card">
              Pay
            </button>
            <button class="btn btn-quiet" name="do" value="mobile">
              Pay with M-PESA instead
            </button>
            <button class="btn-link" name="do" value="leave">
              Back to the shop without paying
            </button>
          </form>
          <details>
            <summary>Let something odd happen</summary>
            <form class="chips" method="post" action={address}>
              {oddities.map(([action, label]) => (
                <button key={action} class="btn btn-quiet" name="do" value={action}>
                  {label}
                </button>
              ))}
            </form>
          </details>
        </>
      )}
    </div>
  )
}

function Paid({ payment }: { payment: SimulatedPayment }) {
  return (
    <>
      <p>This payment is done.</p>
      {payment.callbackUrl !== undefined && (
        <p>
          <a class="btn" href={payment.callbackUrl}>
            Back to the shop
          </a>
        </p>
      )}
    </>
  )
}
