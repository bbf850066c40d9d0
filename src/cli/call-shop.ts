/** Calls the shop's API as one visitor. Throws Error with method, path and answer for anything from 400 on. */
export type Call = <Answer>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

// A crowd at one address is held back by the shop's throttles; it waits as it is told to, and gives up after a few minutes.
const mostWaits = 6

/** A visitor with a cookie jar, as a browser would keep one, or with a bearer token. Told to come back later, it does. */
export function callShop(origin: string, token?: string): Call {
  const jar = new Map<string, string>()
  const send = async (method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Response> => {
    for (let waits = 0; ; waits++) {
      const response = await fetch(`${origin}${path}`, {
        method,
        headers: {
          ...headers,
          ...(token === undefined
            ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }
            : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'manual',
      })
      if (response.status !== 429 || waits === mostWaits) return response
      await response.body?.cancel()
      await Bun.sleep(Math.min(61, Number(response.headers.get('retry-after') ?? 1)) * 1_000)
    }
  }
  return async <Answer>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await send(method, path, body, headers)
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (name !== undefined) jar.set(name, value ?? '')
    }
    const text = await response.text()
    if (response.status >= 400) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`)
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return (isJson ? JSON.parse(text) : text) as Answer
  }
}

/** Signs somebody in and answers their token. */
export async function signInAs(origin: string, login: string, password: string): Promise<string> {
  return (await callShop(origin)<{ token: string }>('POST', '/api/v1/auth/login', { login, password })).token
}
