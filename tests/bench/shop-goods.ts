import { randomIds } from '../../src/lib/ids.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Context } from '../../src/context.ts'
import { checkoutBody } from '../support/actors.ts'
import type { FreshDatabase } from '../support/database.ts'
import { type Catalogue, makeCatalogue, makeVariant } from '../support/factories.ts'
import { sendLoad } from './send-load.ts'

/** A catalogue written straight into a bench's database, and bags filled through the shop's own door. */
export interface Goods {
  variants(count: number, stock: number): Promise<string[]>
  /** One bag for each of these, filled over HTTP; answers checkouts that are ready to be sent. */
  checkouts(
    origin: string,
    variantIds: readonly string[],
    phoneOf?: (index: number) => string,
    method?: 'mpesa' | 'paystack',
  ): Promise<Checkout[]>
}

/** A checkout that is ready to be sent. */
export interface Checkout {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

const json = { 'content-type': 'application/json' }
// Endings from 0100 on, which no simulated phone acts on by itself.
const plainPhone = (index: number): string => `07${String(20_000_100 + index * 10_000 + (index % 89) * 100 + 17).slice(0, 8)}`

/** Opens the shelves of a bench. */
export async function openGoods(database: FreshDatabase): Promise<Goods> {
  // The factories need no more of a context than this.
  const context = { db: database.db, ids: randomIds, clock: systemClock } as Context
  const catalogue: Catalogue = await makeCatalogue(context)
  return {
    async variants(count, stock) {
      const made: string[] = []
      for (let index = 0; index < count; index++) made.push((await makeVariant(context, catalogue, { stock })).variantId)
      return made
    },
    async checkouts(origin, variantIds, phoneOf = plainPhone, method = 'mpesa') {
      const cookies: string[] = []
      let next = 0
      const fill = async (): Promise<void> => {
        for (let index = next++; index < variantIds.length; index = next++) {
          const added = await fetch(`${origin}/api/v1/cart/lines`, {
            method: 'POST',
            headers: json,
            body: JSON.stringify({ variantId: variantIds[index], quantity: 1 }),
          })
          await added.arrayBuffer()
          cookies[index] = (added.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
        }
      }
      await Promise.all(Array.from({ length: 4 }, fill))
      return cookies.map((cookie, index) => ({
        method: 'POST',
        path: '/api/v1/checkout',
        headers: { ...json, cookie, 'idempotency-key': crypto.randomUUID() },
        body: JSON.stringify(checkoutBody({ contact: { name: 'Amina Wanjiru', phone: phoneOf(index) }, payment: { method } })),
      }))
    },
  }
}

/** Places all of them and answers what each order's charge is. */
export async function placeAll(
  origin: string,
  requests: readonly Checkout[],
  connections: number,
): Promise<{ perSecond: number; latenciesMs: readonly number[]; transactionIds: string[] }> {
  const report = await sendLoad({ origin, connections, requests, keepsBodies: true }, 201)
  const transactionIds = report.bodies.map((body) => (JSON.parse(body) as { payment: { transactionId: string } }).payment.transactionId)
  return { perSecond: (requests.length / report.tookMs) * 1_000, latenciesMs: report.latenciesMs, transactionIds }
}
