import type { AccountView } from '../../domain/accounts/account.queries.ts'
import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone } from '../../lib/phone.ts'
import { accountWords } from '../i18n/account.words.ts'
import { dayText } from '../i18n/dates.ts'
import { localPath } from '../i18n/words.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { Flash } from '../parts/flash.tsx'
import { StateBadge } from '../parts/state-badge.tsx'

export type AccountPageView = {
  account: AccountView
  orders: readonly OrderWithLines[]
  nextHref: string | undefined
  /** The desks this person works at. */
  desks: readonly { href: string; label: string }[]
  isNew: boolean
}

/** An account: whose it is, its orders, and the way out. */
export function AccountPage({ account, orders, nextHref, desks, isNew }: AccountPageView) {
  const words = accountWords()
  return (
    <div class="stack">
      {isNew && <Flash tone="ok">{words.welcome}</Flash>}
      <h1>{account.name}</h1>
      <p class="meta">{[account.phone === null ? undefined : formatPhone(account.phone), account.email].filter(Boolean).join(', ')}</p>
      <p class="chips">
        {desks.map(({ href, label }) => (
          <a key={href} class="btn" href={localPath(href)}>
            {label}
          </a>
        ))}
        <a class="btn btn-quiet" href={localPath('/account/settings')}>
          {words.settings}
        </a>
      </p>
      <h2>{words.orders}</h2>
      {orders.length === 0 ? (
        <EmptyState title={words.noOrders} action={{ href: localPath('/'), label: words.seeNew }}>
          {words.noOrdersText}
        </EmptyState>
      ) : (
        <ul class="lines orders">
          {orders.map((order) => (
            <li key={order.id}>
              <div>
                <p>
                  <a class="font-bold" href={localPath(`/orders/${order.number}`)}>
                    {order.number}
                  </a>{' '}
                  <span class="meta">{dayText(order.createdAt)}</span>
                </p>
                <p class="meta">{order.lines.map(({ name }) => name).join(', ')}</p>
                <StateBadge order={order.state as OrderState} />
              </div>
              <p class="price">{formatMoney(order.totalMinor)}</p>
            </li>
          ))}
        </ul>
      )}
      {nextHref !== undefined && (
        <p>
          <a class="btn btn-quiet" href={nextHref}>
            {words.older}
          </a>
        </p>
      )}
      <form method="post" action={localPath('/account/sign-out')}>
        <button class="btn btn-quiet">{words.signOut}</button>
      </form>
    </div>
  )
}
