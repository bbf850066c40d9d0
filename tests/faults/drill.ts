import { freePort } from '../../src/platform/embedded-server.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { testRedisUrl } from '../support/database.ts'
import { makeProduct } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'
import { type ShopProcess, startShopProcess, until } from '../support/shop-process.ts'

/** One figure of a drill with what is asked of it; a drill fails when one does not hold. */
export interface Finding {
  readonly name: string
  readonly value: number | string
  readonly unit: string
  readonly asked: string
  readonly holds: boolean
}

/** A drill: breaks something under load and says what it saw. `seconds` is how long the fault lasts. */
export type Drill = (options: { readonly seconds: number }) => Promise<Finding[]>

/** Two processes of the shop on one database, and the same shop in this process for arranging and looking. */
export interface Stage {
  readonly shop: TestShop
  readonly processes: readonly ShopProcess[]
  readonly variantIds: readonly string[]
  readonly slug: string
}

// Throttles stay on, as in production; only the crowd at one address is let through.
const crowded = {
  THROTTLES: 'on',
  RATE_GUEST_PER_MINUTE: '1000000',
  RATE_USER_PER_MINUTE: '1000000',
  RATE_PAGES_PER_MINUTE: '1000000',
  RATE_CHECKOUT_PER_MINUTE: '100000',
  RATE_PROMPT_PER_MINUTE: '100000',
}

/** Opens the stage, runs the drill on it, and takes it down. */
export async function onStage<Result>(
  options: { databaseUrl?: (url: string) => Promise<string>; redisUrl?: string; environment?: Record<string, string> },
  run: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const shop = await openShop()
  const processes: ShopProcess[] = []
  try {
    const { slug, variantIds } = await makeProduct(shop.context, shop.catalogue, {
      variants: ['S', 'M', 'L', 'XL'].map((size) => ({ size, colour: 'Indigo', stock: 250_000 })),
    })
    for (let at = 0; at < 2; at++)
      processes.push(
        await startShopProcess({
          port: await freePort(),
          databaseUrl: options.databaseUrl === undefined ? shop.database.url : await options.databaseUrl(shop.database.url),
          redisUrl: options.redisUrl ?? (await testRedisUrl()),
          environment: { ...crowded, ...options.environment },
        }),
      )
    return await run({ shop, processes, slug, variantIds })
  } finally {
    await Promise.all(processes.map((each) => each.kill()))
    await shop.close()
  }
}

/** A figure that must be exactly, at most or at least something. */
export const must = (name: string, value: number, unit: string, bound: { is?: number; most?: number; least?: number }): Finding => ({
  name,
  value: Math.round(value * 100) / 100,
  unit,
  asked: Object.entries(bound)
    .map(([word, limit]) => `${{ is: '=', most: '<=', least: '>=' }[word] ?? word} ${limit}`)
    .join(', '),
  holds:
    (bound.is === undefined || value === bound.is) &&
    (bound.most === undefined || value <= bound.most) &&
    (bound.least === undefined || value >= bound.least),
})

/** A figure that is told and not judged. */
export const told = (name: string, value: number | string, unit: string): Finding => ({
  name,
  value: typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  unit,
  asked: '',
  holds: true,
})

/**
 * What must be so after every drill: nothing acknowledged is lost, and every law holds. `arranged` is an order that the drill itself
 * put forward without a provider, which the laws rightly complain of.
 */
export async function aftermath(shop: TestShop, acknowledged: readonly string[], arranged?: { readonly id: string }): Promise<Finding[]> {
  const own = arranged === undefined ? [] : await ownSubjects(shop, arranged.id)
  const broken = async () =>
    (await checkInvariants(shop.database.db)).filter(({ subjects }) => subjects.some((subject) => !own.includes(subject)))
  const kept = new Set((await shop.database.sql<{ number: string }[]>`select number from orders`).map(({ number }) => number))
  // Work that the fault interrupted is finished by the sweepers first.
  const deadlineMs = performance.now() + 60_000
  let violations = await broken()
  while (violations.length > 0 && performance.now() < deadlineMs) {
    await Bun.sleep(500)
    violations = await broken()
  }
  return [
    told('orders_acknowledged', acknowledged.length, 'orders'),
    must('orders_lost', acknowledged.filter((number) => !kept.has(number)).length, 'orders', { is: 0 }),
    must('invariants_broken', violations.length, 'laws', { is: 0 }),
    ...violations.map(({ name, count, subjects }) => told(`broken_${name}`, `${count}: ${subjects.join(', ')}`, 'rows')),
  ]
}

/** Waits until an address answers 200; answers how long that took, in ms. */
export async function backAfter(url: string): Promise<number> {
  const beganMs = performance.now()
  await until(async () => {
    try {
      return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).status === 200
    } catch {
      // Not back yet.
      return false
    }
  }, url)
  return performance.now() - beganMs
}

/** An order and its holds, as the laws name them. */
const ownSubjects = async (shop: TestShop, orderId: string): Promise<string[]> => [
  orderId,
  ...(await shop.database.sql<{ id: string }[]>`select id from stock_holds where order_id = ${orderId}`).map(({ id }) => id),
]
