import { testCards } from '../../domain/payments/simulators/stripe.ledger.ts'
import type { SimulatedSession } from '../../domain/payments/simulators/stripe.ledger.ts'
import { formatMoney } from '../../lib/money.ts'
import { ErrorSummary } from '../parts/error-summary.tsx'
import { TextField } from '../parts/form-field.tsx'

const answers: Readonly<Record<string, string>> = {
  declined: 'The card was declined. Nothing was charged; try another one.',
  unknown_card: 'That is none of the test cards below.',
}

/** The card page of the demo: where a real shop sends people to Stripe. Plain forms; works without scripts. */
export function CardPage({ session, said }: { session: SimulatedSession; said: string | undefined }) {
  const address = `/sandbox/stripe/pay/${session.id}`
  const problem = said === undefined ? undefined : answers[said]
  const errors = problem === undefined ? undefined : { card: problem }
  return (
    <div class="stack max-w-text">
      <h1>Pay by card</h1>
      <p class="notice demo">
        <strong>Demo:</strong> no money moves, and only the cards below work. Never type a real card number here.
      </p>
      <p class="lead">
        {session.description}: <strong>{formatMoney(session.amount, session.currency.toUpperCase())}</strong>
      </p>
      {session.status === 'open' ? <Open address={address} said={said} errors={errors} /> : <Closed session={session} />}
    </div>
  )
}

function Open({ address, said, errors }: { address: string; said: string | undefined; errors: { card: string } | undefined }) {
  if (said === 'asks_bank')
    return (
      <form class="panel stack" method="post" action={address}>
        <p>Your bank asks whether this is you.</p>
        <button class="btn btn-big" name="do" value="confirm">
          Yes, it is me
        </button>
      </form>
    )
  return (
    <>
      <ErrorSummary errors={errors} />
      <form class="panel stack" method="post" action={address} novalidate>
        <TextField
          name="card"
          label="Card number"
          inputmode="numeric"
          autocomplete="off"
          hint="4242 4242 4242 4242 pays."
          error={errors?.card}
          value=""
          maxlength={23}
        />
        <button class="btn btn-big" name="do" value="pay">
          Pay
        </button>
        <button class="btn-link" name="do" value="leave">
          Back to the shop without paying
        </button>
      </form>
      <details>
        <summary>All test cards</summary>
        <div class="scroll" role="region" aria-label="Test cards" tabindex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Number</th>
                <th scope="col">What it does</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(testCards).map(([number, { label }]) => (
                <tr key={number}>
                  <td class="nb">{number.replace(/(\d{4})(?=\d)/g, '$1 ')}</td>
                  <td>{label}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  )
}

function Closed({ session }: { session: SimulatedSession }) {
  return (
    <>
      <p>{session.status === 'complete' ? 'This payment is done.' : 'The time of this page is up, and nothing was charged.'}</p>
      <p>
        <a class="btn" href={session.successUrl}>
          Back to the shop
        </a>
      </p>
    </>
  )
}
