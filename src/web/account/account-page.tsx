import type { AccountView } from '../../domain/accounts/account.queries.ts'
import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone } from '../../lib/phone.ts'
import { formatDay } from '../../lib/time.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { TextField } from '../parts/form-field.tsx'
import { StateBadge } from '../parts/state-badge.tsx'

/** The door to an account. Buying needs none, and the page says so first. */
export function SignInPage({
  login,
  next,
  errors,
  isSandbox,
}: {
  login: string
  next: string
  errors: FormErrors | undefined
  isSandbox: boolean
}) {
  return (
    <div class="max-w-text stack">
      <h1>Sign in</h1>
      <p>You can buy without an account. With one, your orders stay together.</p>
      <ErrorSummary errors={errors} />
      <form method="post" action="/account/sign-in" novalidate>
        {next !== '' && <input type="hidden" name="next" value={next} />}
        <TextField name="login" label="Phone or e-mail" autocomplete="username" error={errors?.['login']} value={login} maxlength={254} />
        <TextField
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          error={errors?.['password']}
          maxlength={128}
        />
        <button class="btn btn-big" data-busy="Signing in…">
          Sign in
        </button>
      </form>
      {isSandbox && (
        <p class="notice demo">
          <strong>Demo:</strong> the accounts to try are on the <a href="/sandbox">sandbox page</a>.
        </p>
      )}
      <p>
        Ordered without an account? Open the link in the text message we sent you, or <a href="/track">find your order</a>.
      </p>
    </div>
  )
}

export type AccountPageView = {
  account: AccountView
  orders: readonly OrderWithLines[]
  nextHref: string | undefined
  isDriver: boolean
}

/** An account: whose it is, its orders, and the way out. */
export function AccountPage({ account, orders, nextHref, isDriver }: AccountPageView) {
  return (
    <div class="stack">
      <h1>{account.name}</h1>
      <p class="meta">{[account.phone === null ? undefined : formatPhone(account.phone), account.email].filter(Boolean).join(', ')}</p>
      {isDriver && (
        <p>
          <a class="btn" href="/driver">
            Your deliveries
          </a>
        </p>
      )}
      <h2>Your orders</h2>
      {orders.length === 0 ? (
        <EmptyState title="No orders yet" action={{ href: '/', label: 'See what is new' }}>
          What you order while signed in is kept here.
        </EmptyState>
      ) : (
        <div class="scroll" role="region" aria-label="Your orders" tabindex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Order</th>
                <th scope="col">Placed</th>
                <th scope="col">State</th>
                <th scope="col" class="num">
                  Total
                </th>
              </tr>
            </thead>
            <tbody>
              {orders.map((order) => (
                <tr key={order.id}>
                  <td>
                    <a href={`/orders/${order.number}`}>{order.number}</a>
                    <span class="meta block">{order.lines.map(({ name }) => name).join(', ')}</span>
                  </td>
                  <td>{formatDay(order.createdAt)}</td>
                  <td>
                    <StateBadge order={order.state as OrderState} />
                  </td>
                  <td class="num">{formatMoney(order.totalMinor)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {nextHref !== undefined && (
        <p>
          <a class="btn btn-quiet" href={nextHref}>
            Older orders
          </a>
        </p>
      )}
      <form method="post" action="/account/sign-out">
        <button class="btn btn-quiet">Sign out</button>
      </form>
    </div>
  )
}
