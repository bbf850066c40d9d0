import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { hours, minutes } from '../../lib/time.ts'
import type { Config } from '../config.ts'
import { BoundedMap } from '../throttle/bounded-map.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { Allowance, Limit } from '../throttle/window.ts'
import { cookieName, readCookie } from './cookies.ts'
import type { RequestScope } from './request-scope.ts'
import type { Traffic } from './traffic.table.ts'

/** Too many, with the limit that was reached. */
export class TollRefusal extends Refusal {
  readonly allowance: Allowance
  constructor(allowance: Allowance) {
    super('too_many_requests', { retryAfterS: Math.ceil(allowance.resetMs / 1_000) })
    this.allowance = allowance
  }
}

/** Counts each request against what its sender may send. */
export interface Toll {
  /** Counts a request before it is worked on. Refuses with `too_many_requests`; answers what is left, for the headers. */
  take(request: Request, scope: RequestScope, kind: Traffic): Promise<Allowance | undefined>
  /** Looks at the answer: whom the guard knew is counted by account from now on, and a message with a wrong signature counts. Refuses when those are too many. */
  settle(request: Request, scope: RequestScope, kind: Traffic, response: Response): Promise<void>
}

/**
 * Who sends is not known before the guard has asked the database, and asking for every request would be the flood's own work. So a
 * request is counted by the account only when its token was found good a moment ago, else by its address: made-up tokens count there.
 */
export function createToll(options: { config: Config; throttle: Throttle }): Toll {
  const { config, throttle } = options
  const { rates, throttles } = config.access
  const limits = {
    user: { name: 'user', most: rates.user, windowMs: minutes(1) },
    guest: { name: 'guest', most: rates.guest, windowMs: minutes(1) },
    pages: { name: 'pages', most: rates.pages, windowMs: minutes(1) },
  }
  const knownTokens = new BoundedMap<string, string>(20_000)

  const credentialOf = (request: Request): string | undefined => {
    const text = request.headers.get('x-key-id') ?? request.headers.get('authorization') ?? readCookie(request, cookieName(config, 'sid'))
    return text === undefined || text === '' ? undefined : sha256Hex(text)
  }
  const senderOf = (request: Request, scope: RequestScope): string => {
    const credential = credentialOf(request)
    return (credential === undefined ? undefined : knownTokens.get(credential)) ?? addressKey(scope.address)
  }

  return {
    async take(request, scope, kind) {
      if (!throttles || kind.general === 'none') return undefined
      // Pages are counted by address alone: most are the same for everybody, and their cookie is not looked at.
      const sender = kind.general === 'pages' && kind.rate === undefined ? addressKey(scope.address) : senderOf(request, scope)
      const limit = kind.general === 'pages' ? limits.pages : sender.startsWith('address:') ? limits.guest : limits.user
      const general = throttle.takeFast(limit, kind.general === 'pages' ? addressKey(scope.address) : sender)
      if (!general.isWithin) throw new TollRefusal(general)
      if (kind.rate === undefined) return general
      const strict = await throttle.take(limitOf(kind.rate, rates[kind.rate]), kind.by === 'address' ? addressKey(scope.address) : sender)
      if (!strict.isWithin) throw new TollRefusal(strict)
      return strict
    },
    async settle(request, scope, kind, response) {
      const credential = credentialOf(request)
      if (credential !== undefined && scope.sender !== undefined) {
        if (scope.sender === 'guest') knownTokens.delete(credential)
        else knownTokens.set(credential, scope.sender)
      }
      // Messages of providers are never held back: only those that were not a provider's count, after they were found out.
      if (!throttles || kind.rate !== 'webhook' || response.status < 400 || response.status >= 500) return
      const allowance = await throttle.take(limitOf('webhook', rates.webhook), addressKey(scope.address))
      if (!allowance.isWithin) throw new TollRefusal(allowance)
    },
  }
}

const limitOf = (name: string, most: number): Limit => ({ name, most, windowMs: name.endsWith('Hourly') ? hours(1) : minutes(1) })

/** An address to count by: a whole IPv6 network (/64) is one sender, because everybody has one to themselves. */
export function addressKey(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return `address:${address.replace('::ffff:', '')}`
  const [head = '', tail = ''] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left
  return `address:${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')}::/64`
}

/** What is left, for clients that want to slow down by themselves. */
export function addRateHeaders(response: Response, allowance: Allowance): void {
  const { limit, remaining, resetMs } = allowance
  response.headers.set('ratelimit-limit', String(limit.most))
  response.headers.set('ratelimit-remaining', String(remaining))
  response.headers.set('ratelimit-reset', String(Math.ceil(resetMs / 1_000)))
  response.headers.set('ratelimit-policy', `${limit.most};w=${limit.windowMs / 1_000}`)
}
