import { formatMoney } from '../../lib/money.ts'
import { payWords } from '../i18n/pay.words.ts'
import { localPath } from '../i18n/words.ts'
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
  /** The number that money can be sent to by hand; undefined where it cannot. */
  paybill: string | undefined
  refunds: readonly string[]
}

/** What is happening with the money, in one sentence, and what can be done about it. Safe to reload, close and open elsewhere. */
export function PayPage(view: PayPageView) {
  const { moment, token, order, phone, errors, methods, note, demoPhoneHref, supportPhone, paybill, refunds } = view
  const words = payWords()
  const retry = <RetryForm token={token} phone={phone} totalMinor={order.totalMinor} methods={methods} errors={errors} />
  return (
    <div class="max-w-text stack">
      <ErrorSummary errors={errors} />
      <section class="kanga" data-pay={moment.key} data-open={moment.isOpen ? 'yes' : undefined}>
        <KangaBorder again />
        <div class={`mji pay ${moment.tone}`}>
          <div>
            <p class="meta">{words.order(order.number, formatMoney(order.totalMinor))}</p>
            <h1>{moment.title}</h1>
            {moment.lines.map((line) => (
              <p key={line} class="lead">
                {line}
              </p>
            ))}
            {moment.leftS !== undefined && (
              <p>
                <label class="meta" for="left" data-left={moment.leftS} data-words={words.left('{s}')}>
                  {words.left(String(moment.leftS))}
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
                  {words.seeOrder}
                </a>
              </p>
            )}
          </div>
        </div>
        <KangaBorder again />
      </section>
      <p class="hush" role="status" data-say data-soon={words.soon} data-offline-words={words.offline} />
      {note !== undefined && (
        <p class="notice warn" role="alert">
          {note}
        </p>
      )}
      {demoPhoneHref !== undefined && moment.isOpen && moment.continueUrl === undefined && (
        <p class="notice demo">
          {words.demo}{' '}
          <a href={demoPhoneHref} target="_blank" rel="opener">
            {words.demoOpen}
          </a>{' '}
          {words.demoThen}
        </p>
      )}
      {moment.isOpen && (
        <ul class="stack">
          <li>{words.mayClose}</li>
          {moment.leftS !== undefined && <li>{words.noRequest}</li>}
          <li>
            {words.keepNumber}{' '}
            <a class="nb" href={order.href}>
              {order.number}
            </a>
          </li>
        </ul>
      )}
      {moment.canRetry && retry}
      {moment.continueUrl !== undefined && methods.length > 0 && (
        <details open={errors !== undefined}>
          <summary>{words.payAnother}</summary>
          {retry}
        </details>
      )}
      {paybill !== undefined && moment.canRetry && (
        <details>
          <summary>{words.paybill}</summary>
          <p>{words.paybillText(paybill, order.number, formatMoney(order.totalMinor))}</p>
        </details>
      )}
      {moment.isOver && (
        <form method="post" action={localPath(`/pay/${token}/refill`)}>
          <button class="btn">{words.putBack}</button>
        </form>
      )}
      {!moment.isPaid && (
        <p>
          <a
            href={`https://wa.me/${supportPhone}?text=${encodeURIComponent(`${words.order(order.number, formatMoney(order.totalMinor))}: `)}`}
            rel="noreferrer"
          >
            {words.ask}
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
  const words = payWords()
  return (
    <>
      <form method="post" action={localPath(`/pay/${token}`)} class="panel" novalidate>
        {methods.length > 1 ? (
          <RadioGroup name="method" label={words.how} value={methods[0]?.value ?? 'mpesa'} options={methods} />
        ) : (
          <input type="hidden" name="method" value={methods[0]?.value ?? 'mpesa'} />
        )}
        <TextField
          name="phone"
          label={words.number}
          type="tel"
          inputmode="tel"
          autocomplete="tel"
          hint={words.numberHint}
          error={errors?.['phone']}
          value={phone}
          maxlength={20}
          class="input-short"
        />
        <button class="btn btn-big" data-busy={words.sendingButton}>
          {words.again(formatMoney(totalMinor))}
        </button>
      </form>
      <form method="post" action={localPath(`/pay/${token}/cancel`)}>
        <button class="btn-link">{words.cancel}</button>
      </form>
    </>
  )
}
