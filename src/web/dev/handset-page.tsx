import { formatMoney } from '../../lib/money.ts'
import { formatPhone } from '../../lib/phone.ts'
import { formatTime } from '../../lib/time.ts'
import type { PromptView } from '../../domain/payments/simulators/mpesa.prompt.ts'
import type { SentSms } from '../../platform/sms.ts'

export type HandsetProps = {
  /** Canonical, when one phone is looked at; undefined shows the prompts of every phone. */
  phone: string | undefined
  prompts: readonly PromptView[]
  texts: readonly SentSms[]
}

// Beside the two buttons every phone has: the odd things that happen to real prompts.
const oddities = [
  ['ignore', 'No answer'],
  ['poor', 'Not enough money'],
  ['late', 'No answer, then paid late'],
  ['lose', 'Pay, but lose the callback'],
  ['duplicate', 'Pay, callback twice'],
  ['wrong-amount', 'Pay one shilling too much'],
  ['contradict', 'Pay, but the query denies it'],
  ['masked', 'Pay with a masked number'],
] as const

/** A simulated phone: the M-Pesa prompt with its PIN, and the text messages that came. Plain forms; works without scripts. */
export function HandsetPage({ phone, prompts, texts }: HandsetProps) {
  const waiting = prompts.find((prompt) => prompt.state === 'waiting')
  const ended = prompts.filter((prompt) => prompt.state !== 'waiting').slice(0, 8)
  return (
    <div class="stack max-w-text">
      <h1>{phone === undefined ? 'Sandbox phones' : `Sandbox phone ${formatPhone(phone)}`}</h1>
      <p>
        Nothing here moves money. The PIN is <strong>1234</strong>; any other is wrong.
      </p>
      <div class="handset">{waiting === undefined ? <Idle /> : <Waiting prompt={waiting} />}</div>
      <form class="handset-row" action="/sandbox/handset">
        <label for="f-phone">Phone number</label>
        <input class="input" id="f-phone" name="phone" type="tel" value={phone === undefined ? '' : formatPhone(phone)} />
        <button class="btn btn-quiet">Show this phone</button>
      </form>
      {ended.length > 0 && (
        <section>
          <h2>Earlier prompts</h2>
          <ul>
            {ended.map((prompt) => (
              <li key={prompt.id}>
                {formatTime(new Date(prompt.createdAt))} · {formatPhone(prompt.phone)} · {formatMoney(prompt.amount * 100)} for{' '}
                {prompt.accountReference}:{' '}
                {prompt.state === 'paid' ? `paid, receipt ${prompt.receipt ?? ''}` : (prompt.resultDesc ?? 'ended')}
              </li>
            ))}
          </ul>
        </section>
      )}
      {texts.length > 0 && (
        <section>
          <h2>Text messages</h2>
          <ul>
            {texts.slice(0, 8).map((text) => (
              <li key={text.messageId}>
                {formatTime(text.sentAt)} · {text.text}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

function Idle() {
  return (
    <p class="handset-screen" role="status">
      No prompt is waiting. This page looks again by itself.
    </p>
  )
}

function Waiting({ prompt }: { prompt: PromptView }) {
  const address = `/sandbox/mpesa/prompts/${prompt.id}`
  return (
    <>
      <div class="handset-screen">
        <p>
          Do you want to pay {formatMoney(prompt.amount * 100)} to RAHIM ONLINE, account no. {prompt.accountReference}?
        </p>
        <form class="stack" method="post" action={`${address}/pin`}>
          <label for="f-pin">Enter M-PESA PIN</label>
          <input
            class="input input-short"
            id="f-pin"
            name="pin"
            type="password"
            inputmode="numeric"
            autocomplete="off"
            maxlength={4}
            required
          />
          <button class="btn btn-block">Send</button>
        </form>
        <form method="post" action={`${address}/cancel`}>
          <button class="btn btn-quiet btn-block">Cancel</button>
        </form>
      </div>
      <details>
        <summary>Let something odd happen</summary>
        <div class="handset-row">
          {oddities.map(([action, label]) => (
            <form key={action} method="post" action={`${address}/${action}`}>
              <button class="btn btn-quiet">{label}</button>
            </form>
          ))}
        </div>
      </details>
    </>
  )
}
