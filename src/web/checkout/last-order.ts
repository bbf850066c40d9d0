import type { Context } from '../../context.ts'
import { orderByToken } from '../../domain/orders/order.queries.ts'
import { minutes } from '../../lib/time.ts'
import { cookieName, readCookie, setCookie } from '../../platform/http/cookies.ts'
import { localPath } from '../i18n/words.ts'

// As long as paying takes. Phones are shared: whoever picks this one up later must not find somebody's order on it.
const ageMs = minutes(30)

/**
 * A cookie with the token of the order just placed, so that the back button and a form sent twice lead to it. It opens nothing by
 * itself: the order's page wants its own link or the account.
 */
export const rememberOrder = (context: Pick<Context, 'config'>, token: string): readonly [string, string] => [
  'set-cookie',
  setCookie(context.config, 'order', token, ageMs / 1_000),
]

/** Takes the order off this browser: once it is paid, and when somebody signs out. */
export const forgetOrder = (context: Pick<Context, 'config'>): readonly [string, string] => [
  'set-cookie',
  setCookie(context.config, 'order', '', 0),
]

/** The order this browser has just placed, while it is being paid. */
export async function lastOrder(
  context: Pick<Context, 'config' | 'db' | 'clock'>,
  request: Request,
): Promise<{ number: string; href: string } | undefined> {
  const token = readCookie(request, cookieName(context.config, 'order'))
  const order = token === undefined ? undefined : await orderByToken(context.db, token)
  if (token === undefined || order === undefined) return undefined
  // The browser forgets by itself; a copied cookie does not.
  if (context.clock.now().getTime() - order.createdAt.getTime() > ageMs) return undefined
  return { number: order.number, href: localPath(`/pay/${token}`) }
}
