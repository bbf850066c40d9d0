import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { buildContext } from '../../src/context.ts'
import { sha256Hex } from '../../src/lib/signature.ts'
import { readConfig } from '../../src/platform/config.ts'
import type { Db, Tx } from '../../src/platform/db.ts'
import { idempotentRequest } from '../../src/platform/idempotency.ts'
import { placeOrder, type PlaceOrder } from '../../src/workflows/checkout/place-order.ts'
import type { FreshDatabase } from '../support/database.ts'
import type { RecordedStatement } from './bare-order.ts'
import type { Checkout } from './shop-goods.ts'

class TakenBack extends Error {}

/**
 * What the shop sends to the database for each of these checkouts: every one is really placed and then taken back, so that the same
 * statements with the same values can be sent again by somebody else.
 */
export async function recordOrders(
  database: FreshDatabase,
  redisUrl: string,
  checkouts: readonly Checkout[],
): Promise<RecordedStatement[][]> {
  const config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: '.data/bench' })
  const built = buildContext(config, { databaseUrl: database.url, redisUrl }, { withoutCron: true })
  let sent: RecordedStatement[] = []
  const driver = postgres(database.url, {
    max: 1,
    onnotice: () => {},
    debug: (_, text, parameters: unknown[]) => void sent.push({ text, parameters: parameters.map(plain) }),
  })
  const db = drizzle(driver, { casing: 'snake_case' }) as unknown as Db
  // Everything is done but the commit.
  const payDb = {
    transaction: (work: (tx: Tx) => Promise<unknown>) =>
      db.transaction(async (tx) => {
        await work(tx)
        throw new TakenBack()
      }),
  } as unknown as Db
  try {
    await driver`select 1`
    const recorded: RecordedStatement[][] = []
    for (const { headers, body } of checkouts) {
      sent = []
      const actor = { kind: 'guest', cartTokenHash: sha256Hex((headers['cookie'] ?? '').split('=')[1] ?? '') } as const
      const input = JSON.parse(body) as PlaceOrder
      const request = idempotentRequest(`replay ${actor.cartTokenHash}`, crypto.randomUUID(), input)
      try {
        await placeOrder({ ...built.context, payDb }, actor, request, input)
      } catch (error) {
        if (!(error instanceof TakenBack)) throw error
      }
      recorded.push(sent.filter(({ text }) => !/^\s*(begin|commit|rollback)/i.test(text)))
    }
    return recorded
  } finally {
    await driver.end({ timeout: 2 })
    await built.dispose()
  }
}

function plain(value: unknown): RecordedStatement['parameters'][number] {
  if (Array.isArray(value)) return value.map(String)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value as string | number | boolean | null
}
