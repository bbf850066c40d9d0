import { checkoutBody } from '../support/actors.ts'

/** What one request came to. Status 0: no answer within the time a person waits, or a connection that broke. */
export interface Seen {
  readonly kind: 'page' | 'list' | 'bag' | 'checkout' | 'probe'
  readonly status: number
  readonly ms: number
  readonly atMs: number
}

/** A crowd of shoppers that browses and buys until it is told to go home. */
export interface Crowd {
  readonly seen: readonly Seen[]
  /** Orders the shop answered for with 201: none of them may ever be lost. */
  readonly acknowledged: readonly string[]
  /** Lets the requests under way end and sends no more. */
  goHome(): Promise<void>
}

/** How the crowd behaves. */
export interface CrowdOptions {
  readonly origins: readonly string[]
  readonly variantIds: readonly string[]
  readonly slug: string
  readonly shoppers: number
  /** A pause between two requests of one shopper, so that the drill is about the fault and not about the limit of the machine. */
  readonly pauseMs?: number
  /** Tries a request again elsewhere after 503 or a lost connection, as a proxy or a browser would. */
  readonly retries?: number
}

const patienceMs = 20_000

/** Sends the crowd in. Shoppers are independent; each has a cookie and a new idempotency key for each order. */
export function sendCrowd(options: CrowdOptions): Crowd {
  const seen: Seen[] = []
  const acknowledged: string[] = []
  let isOver = false

  async function ask(
    kind: Seen['kind'],
    at: number,
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Response | undefined> {
    for (let attempt = 0; ; attempt++) {
      const origin = options.origins[(at + attempt) % options.origins.length] ?? ''
      const beganMs = performance.now()
      let answer: Response | undefined
      try {
        answer = await fetch(`${origin}${path}`, {
          method,
          headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          redirect: 'manual',
          signal: AbortSignal.timeout(patienceMs),
        })
        // Read here, so that a connection that is cut in the middle counts as lost.
        answer = new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers })
      } catch (error) {
        // Counted below as 0; anything that is not a broken connection or a time-out is a fault of the drill itself.
        if (!(error instanceof Error)) throw error
      }
      const isLast = attempt >= (options.retries ?? 0)
      if (isLast || (answer !== undefined && answer.status !== 503)) {
        seen.push({ kind, status: answer?.status ?? 0, ms: performance.now() - beganMs, atMs: performance.now() })
        return answer
      }
      await Bun.sleep(50 * 2 ** attempt)
    }
  }

  async function shopper(number: number): Promise<void> {
    for (let round = number; !isOver; round++) {
      const variantId = options.variantIds[round % options.variantIds.length] ?? ''
      await ask('page', number, 'GET', `/p/${options.slug}`, {})
      await ask('list', number, 'GET', '/api/v1/products?limit=12', {})
      await ask('probe', number, 'GET', '/healthz', {})
      const bag = await ask('bag', number, 'POST', '/api/v1/cart/lines', {}, { variantId, quantity: 1 })
      const cookie = (bag?.headers.getSetCookie() ?? []).map((each) => each.split(';')[0]).join('; ')
      if (bag?.status === 201) {
        const placed = await ask(
          'checkout',
          number,
          'POST',
          '/api/v1/checkout',
          { cookie, 'idempotency-key': crypto.randomUUID() },
          checkoutBody(),
        )
        if (placed?.status === 201) acknowledged.push(((await placed.json()) as { order: { number: string } }).order.number)
      }
      await Bun.sleep(options.pauseMs ?? 20)
    }
  }

  const everybody = Promise.all(Array.from({ length: options.shoppers }, (_, number) => shopper(number)))
  return {
    seen,
    acknowledged,
    async goHome() {
      isOver = true
      await everybody
    },
  }
}

/** How many answers of each status, as text for a person. */
export const statuses = (seen: readonly Seen[]): string =>
  [...Map.groupBy(seen, ({ status }) => status)]
    .sort(([one], [other]) => one - other)
    .map(([status, all]) => `${status}: ${all.length}`)
    .join(', ')

/** Answers that nobody may ever get: no answer at all, or a 5xx that is not an honest 503. */
export const broken = (seen: readonly Seen[]): Seen[] => seen.filter(({ status }) => status === 0 || (status >= 500 && status !== 503))

/** The time so many of a hundred stayed below, in ms. */
export function percentileMs(seen: readonly Seen[], percent: number): number {
  const sorted = seen.map(({ ms }) => ms).sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}
