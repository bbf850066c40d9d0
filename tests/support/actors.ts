import { makePerson, type PersonWish, testPassword } from './factories.ts'
import type { TestShop } from './shop.ts'

/** Somebody who uses the shop over HTTP as a person would: with a cookie jar or a bearer token. */
export interface Visitor {
  readonly accountId: string | undefined
  readonly token: string | undefined
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

/** A visitor without an account; keeps the cookies the shop sets. */
export function guest(shop: TestShop, token?: string, accountId?: string): Visitor {
  const jar = new Map<string, string>()
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await shop.fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(jar.size === 0 ? {} : { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=')
      jar.set(name, value)
    }
    return answer
  }
  return {
    accountId,
    token,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    send,
  }
}

/** A signed-in person of the wished kind, by bearer token. */
export async function person(shop: TestShop, wish: PersonWish = {}): Promise<Visitor> {
  const made = await makePerson(shop.context, wish)
  const answer = await shop.post('/api/v1/auth/login', { login: made.email, password: testPassword })
  const { token } = (await answer.json()) as { token: string }
  return guest(shop, token, made.accountId)
}

/** What a checkout body usually holds. */
export const checkoutBody = (change: Record<string, unknown> = {}) => ({
  contact: { name: 'Amina Wanjiru', phone: '0712345678' },
  address: { county: 'Nairobi', town: 'Kilimani', landmark: 'Blue gate opposite the school' },
  payment: { method: 'mpesa' },
  ...change,
})

/** Puts a variant in the bag and places the order. */
export async function buy(
  visitor: Visitor,
  variantId: string,
  options: { quantity?: number; key?: string; body?: Record<string, unknown> } = {},
): Promise<Response> {
  await visitor.post('/api/v1/cart/lines', { variantId, quantity: options.quantity ?? 1 })
  return visitor.post('/api/v1/checkout', checkoutBody(options.body), { 'idempotency-key': options.key ?? crypto.randomUUID() })
}
