import type { DemoAccount } from '../../domain/accounts/demo-account.queries.ts'
import { formatPhone } from '../../lib/phone.ts'
import { formatTime } from '../../lib/time.ts'
import type { SentSms } from '../../platform/sms.ts'

/** Everything a person needs to try the shop on their own machine. */
export function SandboxPage({
  accounts,
  password,
  texts,
  hasDocs,
}: {
  accounts: readonly DemoAccount[]
  password: string
  texts: readonly SentSms[]
  hasDocs: boolean
}) {
  return (
    <div class="rooms">
      <div class="stack">
        <h1>Sandbox</h1>
        <p>Nothing here is real: no money moves and no message leaves this machine. Production refuses to open this page.</p>
        <p class="chips">
          <a class="btn" href="/sandbox/handset">
            The demo phone
          </a>
          <a class="btn btn-quiet" href="/driver">
            The rider’s page
          </a>
          {hasDocs && (
            <a class="btn btn-quiet" href="/swagger">
              The API
            </a>
          )}
        </p>
        <p>
          The whole story by itself, from the shelf to the door: <code>bun run demo</code>
        </p>
      </div>
      <section>
        <h2>Accounts</h2>
        <p>
          Every one opens with <code>{password}</code> at <a href="/account">Sign in</a>.
        </p>
        <div class="scroll" role="region" aria-label="Accounts" tabindex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Who</th>
                <th scope="col">E-mail</th>
                <th scope="col">Role</th>
              </tr>
            </thead>
            <tbody>
              {accounts.map(({ name, email, role }) => (
                <tr key={email}>
                  <td>{name}</td>
                  <td>{email}</td>
                  <td>{role}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section>
        <h2>Text messages</h2>
        {texts.length === 0 ? (
          <p>None yet. Pay an order, and its message is here.</p>
        ) : (
          <ul class="stack">
            {texts.map(({ messageId, to, text, sentAt }) => (
              <li key={messageId} class="panel">
                <p class="meta">
                  To {formatPhone(to)}, {formatTime(sentAt)}
                </p>
                <p>{text}</p>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}
