import { formatMoney } from '../../lib/money.ts'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { RadioGroup, TextField } from '../parts/form-field.tsx'
import { KangaBorder } from '../parts/kanga-border.tsx'
import type { PayMoment } from './pay.moment.ts'

export type PayPageView = {
  moment: PayMoment
  token: string
  order: { number: string; totalMinor: bigint; href: string }
  /** The number the next try would go to, as it was typed. */
  phone: string
  errors: FormErrors | undefined
  /** The ways of paying a new try may take; the first is chosen. */
  methods: readonly { value: string; label: string }[]
  /** What the server said about the last button pressed. */
  note: string | undefined
  /** The simulated phone of the demo; undefined where phones are real. */
  demoPhoneHref: string | undefined
  supportPhone: string
  refunds: readonly string[]
}

/** What is happening with the money, in one sentence, and what can be done about it. Safe to reload, close and open elsewhere. */
export function PayPage({ moment, token, order, phone, errors, methods, note, demoPhoneHref, supportPhone, refunds }: PayPageView) {
  return (
    <div class="max-w-text stack">
      <ErrorSummary errors={errors} />
      <section class="kanga" data-pay={moment.key} data-open={moment.isOpen ? 'yes' : undefined}>
        <KangaBorder again />
        <div class={`mji pay ${moment.tone}`}>
          <div>
            <p class="meta">
              Order <span class="nb">{order.number}</span>, {formatMoney(order.totalMinor)}
            </p>
            <h1>{moment.title}</h1>
            {moment.lines.map((line) => (
              <p key={line} class="lead">
                {line}
              </p>
            ))}
            {moment.leftS !== undefined && (
              <p>
                <label class="meta" for="left">
                  About <span data-left>{moment.leftS}</span> seconds left
                </label>
                <progress id="left" max={60} value={moment.leftS} />
              </p>
            )}
            {moment.continueUrl !== undefined && (
              <p>
                <a class="btn btn-big" href={moment.continueUrl} rel="noreferrer">
                  {moment.continueLabel}
                </a>
              </p>
            )}
            {refunds.map((line) => (
              <p key={line}>
                <strong>{line}</strong>
              </p>
            ))}
            {moment.isPaid && (
              <p>
                <a class="btn btn-big" href={order.href}>
                  See your order
                </a>
              </p>
            )}
          </div>
        </div>
        <KangaBorder again />
      </section>
      <p class="hush" role="status" data-say />
      {note !== undefined && (
        <p class="notice warn" role="alert">
          {note}
        </p>
      )}
      {demoPhoneHref !== undefined && moment.isOpen && moment.continueUrl === undefined && (
        <p class="notice demo">
          <strong>Demo:</strong> no real phone is asked.{' '}
          <a href={demoPhoneHref} target="_blank" rel="opener">
            Open the demo phone
          </a>{' '}
          and enter a PIN there.
        </p>
      )}
      {moment.isOpen && (
        <ul class="stack">
          <li>You may close this page. We send a text message when the payment is there.</li>
          {moment.leftS !== undefined && (
            <li>No request on your phone? It can take half a minute. When the time is up you can try again here.</li>
          )}
          <li>
            Keep the number of your order:{' '}
            <a class="nb" href={order.href}>
              {order.number}
            </a>
          </li>
        </ul>
      )}
      {moment.canRetry && <RetryForm token={token} phone={phone} totalMinor={order.totalMinor} methods={methods} errors={errors} />}
      {moment.continueUrl !== undefined && methods.length > 0 && (
        <details open={errors !== undefined}>
          <summary>Pay another way</summary>
          <RetryForm token={token} phone={phone} totalMinor={order.totalMinor} methods={methods} errors={errors} />
        </details>
      )}
      {moment.isOver && (
        <form method="post" action={`/pay/${token}/refill`}>
          <button class="btn">Put the clothes back in your bag</button>
        </form>
      )}
      {!moment.isPaid && (
        <p>
          <a href={`https://wa.me/${supportPhone}?text=${encodeURIComponent(`Payment of order ${order.number}: `)}`} rel="noreferrer">
            Ask us on WhatsApp
          </a>
        </p>
      )}
    </div>
  )
}

function RetryForm({
  token,
  phone,
  totalMinor,
  methods,
  errors,
}: {
  token: string
  phone: string
  totalMinor: bigint
  methods: readonly { value: string; label: string }[]
  errors: FormErrors | undefined
}) {
  return (
    <>
      <form method="post" action={`/pay/${token}`} class="panel" novalidate>
        {methods.length > 1 ? (
          <RadioGroup name="method" label="How to pay?" value={methods[0]?.value ?? 'mpesa'} options={methods} />
        ) : (
          <input type="hidden" name="method" value={methods[0]?.value ?? 'mpesa'} />
        )}
        <TextField
          name="phone"
          label="M-Pesa number"
          type="tel"
          inputmode="tel"
          autocomplete="tel"
          hint="Yours, or of somebody who pays for you."
          error={errors?.['phone']}
          value={phone}
          maxlength={20}
          class="input-short"
        />
        <button class="btn btn-big" data-busy="Sending the request…">
          Try again: {formatMoney(totalMinor)}
        </button>
      </form>
      <form method="post" action={`/pay/${token}/cancel`}>
        <button class="btn-link">Cancel this order instead</button>
      </form>
    </>
  )
}
