import type { Context } from '../../context.ts'
import { orderByToken } from '../../domain/orders/order.queries.ts'
import { hours } from '../../lib/time.ts'
import { cookieName, readCookie, setCookie } from '../../platform/http/cookies.ts'

const ageMs = hours(24)

/** A cookie with the token of the order just placed, so that a back button or an empty bag can lead to it for a day. */
export const rememberOrder = (context: Pick<Context, 'config'>, token: string): readonly [string, string] => [
  'set-cookie',
  setCookie(context.config, 'order', token, ageMs / 1_000),
]

/** The order this browser placed last, if that was within a day. */
export async function lastOrder(
  context: Pick<Context, 'config' | 'db'>,
  request: Request,
): Promise<{ number: string; href: string } | undefined> {
  const token = readCookie(request, cookieName(context.config, 'order'))
  const order = token === undefined ? undefined : await orderByToken(context.db, token)
  if (token === undefined || order === undefined) return undefined
  return { number: order.number, href: order.state === 'awaiting_payment' ? `/pay/${token}` : `/orders/${order.number}?token=${token}` }
}
