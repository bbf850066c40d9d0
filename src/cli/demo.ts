import { parseArgs } from 'node:util'
import { sql } from 'drizzle-orm'
import type { MoneyView } from '../lib/money.ts'
import { formatMoney } from '../lib/money.ts'
import { formatTime } from '../lib/time.ts'
import { checkInvariants } from '../platform/check-invariants.ts'
import { readConfig } from '../platform/config.ts'
import { createDb } from '../platform/db.ts'
import { createLog } from '../platform/log.ts'
import { startServers } from '../platform/servers.ts'
import { type LinkState, socketUrl, trackDelivery } from '../web/enhance/tracking-client.ts'
import { type Call, callShop, signInAs } from './call-shop.ts'
import { openForDemo } from './open-for-demo.ts'
import { rideDelivery } from './ride-delivery.ts'
import { demoPassword, people } from './seed/people.data.ts'

// Slower than the shop lets one person ask.
const askEveryMs = 700
const patienceMs = 30_000
// With fewer the rider would jump further between two fixes than the shop believes of a rider.
const fewestFixes = 6
const door = {
  county: 'Nairobi',
  town: 'Kilimani',
  landmark: 'Blue gate opposite the Yaya bus stage, door 12',
  lat: -1.29282,
  lng: 36.78771,
}

interface Product {
  readonly slug: string
  readonly name: string
  readonly vendorSlug?: string
  readonly variants: readonly { readonly id: string; readonly size: string; readonly colour: string; readonly available: number }[]
}
interface Placed {
  readonly order: { readonly number: string; readonly total: MoneyView }
  readonly payUrl: string
  readonly trackUrl: string
  readonly orderToken: string
}
interface DeliveryOf {
  readonly id: string
  readonly number: number
  readonly state: string
  readonly origin: { readonly lat: number; readonly lng: number }
  readonly destination: { readonly lat: number; readonly lng: number }
}

/**
 * `bun run demo`: one order from the shelf to the door on the running shop, over its public API, its simulated handset and its real
 * sockets, told step by step with the pages to look at. Opens a shop when none answers. Answers 1 when any step fails.
 */
export async function demo(args: readonly string[]): Promise<number> {
  const config = readConfig()
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string', default: config.publicUrl }, fixes: { type: 'string', default: '8' } },
  })
  const origin = values.url.replace(/\/+$/, '')
  await using opened = new AsyncDisposableStack()
  try {
    if (opened.use(await openForDemo(origin, config)).isOurs) say('No shop answered, so one was opened for this story.')
    const bought = await buy(origin)
    await pay(origin, bought)
    const run = await pack(origin, bought)
    const watcher = watch(origin, run.delivery.id, bought.placed.orderToken)
    await ride(origin, run, {
      fixes: Math.min(200, Math.max(fewestFixes, Number(values.fixes) || 8)),
      everyMs: config.limits.positionIntervalMs + 150,
    })
    await handOver(origin, run, bought)
    await step('Every socket is closed: nobody sees the rider after the hand-over', () =>
      within(watcher.over, 'the watcher was not told that it is over'),
    )
    await step('The books: every posting and the whole ledger sum to zero', () => checkBooks(bought.placed.order.number))
    say('\nThe whole story took place.')
    return 0
  } catch (error) {
    process.stderr.write(`\nThe story ends here: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

interface Bought {
  readonly call: Call
  readonly product: Product
  readonly placed: Placed
  readonly phone: string
}

async function buy(origin: string): Promise<Bought> {
  const call = callShop(origin)
  const product = await step('A shopper looks round', async () => {
    const { items } = await call<{ items: Product[] }>('GET', '/api/v1/products?inStock=true&limit=24')
    const most = items.toSorted((a, b) => stock(b) - stock(a))[0]
    if (most === undefined) throw new Error('there is nothing to buy; seed the shop first')
    const found = await call<Product>('GET', `/api/v1/products/${most.slug}`)
    return tell(found, found.name, `${origin}/p/${found.slug}`)
  })
  const variant = product.variants.toSorted((a, b) => b.available - a.available)[0]
  if (variant === undefined) throw new Error('the product has no variant')
  await step('puts it in the bag', async () => {
    await call('POST', '/api/v1/cart/lines', { variantId: variant.id, quantity: 1 })
    return tell(undefined, `${variant.colour}, size ${variant.size}`, `${origin}/cart`)
  })
  // Endings below 0100 have habits of their own in the simulator.
  const phone = `07${String(10_000_000 + Math.floor(Math.random() * 89_999) * 1_000 + 500 + Math.floor(Math.random() * 400))}`
  const placed = await step('and orders it, with the total she saw', async () => {
    const { total } = await call<{ total: MoneyView }>('POST', '/api/v1/checkout/quote', { county: door.county })
    const answer = await call<Placed>(
      'POST',
      '/api/v1/checkout',
      { contact: { name: 'Wanjiku Kamau', phone }, address: door, payment: { method: 'mpesa' }, expectedTotal: total },
      { 'idempotency-key': crypto.randomUUID() },
    )
    return tell(answer, `${answer.order.number}, ${formatMoney(total.amountMinor)}`, origin + answer.payUrl)
  })
  return { call, product, placed, phone }
}

async function pay(origin: string, { call, placed, phone }: Bought): Promise<void> {
  const prompt = await step('Her phone shows the M-Pesa request', async () => {
    const found = await until(
      'the phone never rang',
      async () => (await call<{ items: { id: string; amount: number }[] }>('GET', `/sandbox/mpesa/prompts?phone=${phone}`)).items[0],
    )
    return tell(found, `KSh ${found.amount} to pay`, `${origin}/sandbox/handset?phone=${phone}`)
  })
  await step('she enters her PIN', () => call('POST', `/sandbox/mpesa/prompts/${prompt.id}/pin`, { pin: '1234' }))
  await step('and the callback makes the order paid', () =>
    until('the order was never paid', async () => {
      const { state } = await call<{ state: string }>('GET', `/api/v1/orders/${placed.order.number}?token=${placed.orderToken}`)
      return state === 'paid' ? state : undefined
    }),
  )
}

interface Run {
  readonly delivery: DeliveryOf
  readonly rider: { readonly name: string; readonly token: string; readonly call: Call }
}

async function pack(origin: string, { product, placed }: Bought): Promise<Run> {
  const owner = people.find((person) => person.role === 'vendor-owner' && person.vendorSlug === product.vendorSlug)
  if (owner === undefined) throw new Error(`nobody in the demo data keeps the shop ${product.vendorSlug ?? ''}`)
  const packed = await step(`${owner.name} packs it`, async () => {
    const vendor = callShop(origin, await signInAs(origin, owner.email, demoPassword))
    const [delivery] = (
      await vendor<{ deliveries: { id: string; number: number; state: string }[] }>('POST', `/api/v1/orders/${placed.order.number}/pack`)
    ).deliveries
    if (delivery === undefined) throw new Error('packing made no delivery')
    return tell(delivery, `delivery ${delivery.number} is ${delivery.state}`, origin + placed.trackUrl)
  })
  const rider = await findRider(origin, packed)
  const delivery = await step(`${rider.name} accepts it`, async () => {
    const accepted = await rider.call<DeliveryOf>('POST', `/api/v1/deliveries/${packed.id}/accept`)
    return tell(accepted, accepted.state, `${origin}/driver (${rider.email}, ${demoPassword})`)
  })
  return { delivery, rider }
}

/** The rider who was given the delivery; the first one on duty when it is still waiting. */
async function findRider(origin: string, packed: { id: string; state: string }): Promise<Run['rider'] & { email: string }> {
  const riders = people.filter(({ role }) => role === 'driver')
  for (const { name, email } of riders) {
    const token = await signInAs(origin, email, demoPassword)
    const call = callShop(origin, token)
    if (packed.state === 'pending') {
      await call('POST', '/api/v1/drivers/me/duty', { isOnDuty: true })
      return { name, email, token, call }
    }
    const { items } = await call<{ items: { id: string }[] }>('GET', '/api/v1/deliveries?limit=50')
    if (items.some(({ id }) => id === packed.id)) return { name, email, token, call }
  }
  throw new Error('the delivery was given to somebody who is not in the demo data')
}

/** A shopper who watches with nothing but the link, and prints what she sees. */
function watch(origin: string, deliveryId: string, token: string): { over: Promise<void> } {
  const over = Promise.withResolvers<void>()
  trackDelivery({
    url: socketUrl(`/ws/delivery/track/${deliveryId}?token=${token}`, origin),
    position: ({ lat, lng, ts }) => say(`      shopper sees  ${lat.toFixed(5)}, ${lng.toFixed(5)}  at ${formatTime(new Date(ts))}`),
    state: ({ status }) => say(`      shopper hears ${status}`),
    link: (state: LinkState, code: number) =>
      state === 'over' && code === 4008
        ? over.resolve()
        : state === 'over'
          ? over.reject(new Error(`the watcher was closed with ${code}`))
          : undefined,
  })
  // Looked at when the story gets there; until then a failure must not end the process.
  over.promise.catch(() => {})
  return { over: over.promise }
}

async function ride(origin: string, { delivery, rider }: Run, pace: { fixes: number; everyMs: number }): Promise<void> {
  await step('The rider picks it up', () => rider.call('POST', `/api/v1/deliveries/${delivery.id}/pickup`))
  await step('sets off', () => rider.call('POST', `/api/v1/deliveries/${delivery.id}/depart`))
  await step('and rides, sharing the place over the socket', () =>
    rideDelivery({
      origin,
      token: rider.token,
      deliveryId: delivery.id,
      from: delivery.origin,
      to: delivery.destination,
      ...pace,
      sent: ({ street }, _, index) => say(`    rider ${String(index + 1).padStart(2)} of ${pace.fixes}: ${street}`),
    }),
  )
  await step('The rider is at the gate', () => rider.call('POST', `/api/v1/deliveries/${delivery.id}/arrive`))
}

async function handOver(origin: string, { delivery, rider }: Run, { call, placed }: Bought): Promise<void> {
  const code = await step('The shopper reads her code from the page', async () => {
    const page = await call<string>('GET', placed.trackUrl, undefined, { accept: 'text/html' })
    const shown = /<p[^>]*>(\d{4})<\/p>/.exec(page)?.[1]
    if (shown === undefined) throw new Error('the page shows no code')
    return tell(shown, shown, origin + placed.trackUrl)
  })
  await step('the rider types it in: delivered', () => rider.call('POST', `/api/v1/deliveries/${delivery.id}/deliver`, { code }))
  await step('and the order is delivered', () =>
    until('the order was never delivered', async () => {
      const { state } = await call<{ state: string }>('GET', `/api/v1/orders/${placed.order.number}?token=${placed.orderToken}`)
      return state === 'delivered' ? state : undefined
    }),
  )
}

/** The books are read from the database itself: the API shows nobody the whole ledger. */
async function checkBooks(orderNumber: string): Promise<unknown> {
  await using opened = new AsyncDisposableStack()
  const servers = await startServers(readConfig(), createLog('silent'))
  opened.defer(() => servers.stop())
  const lane = createDb({ url: servers.databaseUrl, lane: 'demo', connections: 1, gateWaitMs: 10_000 })
  opened.defer(() => lane.close())
  const [books] = await lane.db.execute<{ entries: number; sum: string; off: number }>(sql`
    select count(*) filter (where t.order_id = o.id)::int as entries, coalesce(sum(e.amount_minor), 0)::text as sum,
      (select count(*)::int from (select 1 from ledger_entries group by event_id, currency having sum(amount_minor) <> 0) unbalanced) as off
    from orders o, ledger_entries e join transactions t on t.id = e.transaction_id where o.number = ${orderNumber}`)
  if (books === undefined || books.entries === 0) throw new Error(`there is no posting for ${orderNumber} in this database`)
  if (books.sum !== '0' || books.off !== 0) throw new Error(`the ledger is off by ${books.sum} in ${books.off} postings`)
  const broken = await checkInvariants(lane.db)
  if (broken.length > 0) throw new Error(broken.map(({ says, count }) => `${says} Broken by ${count}.`).join(' '))
  return tell(undefined, `${books.entries} entries for this order, sum 0; every invariant holds`)
}

const stock = (product: Product): number => product.variants.reduce((sum, { available }) => sum + available, 0)

const say = (line: string): void => void process.stdout.write(`${line}\n`)

let told: string[] = []
/** Notes what a step came to, printed behind its name. */
function tell<Value>(value: Value, ...lines: string[]): Value {
  told = lines
  return value
}

async function step<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  told = []
  say(name)
  const began = performance.now()
  const result = await run()
  const [what = 'done', where] = told
  say(`    ${what} (${Math.round(performance.now() - began)} ms)`)
  if (where !== undefined) say(`    look at ${where}`)
  return result
}

/** Asks until there is an answer. Throws with `otherwise` when patience is at its end. */
async function until<Value>(otherwise: string, ask: () => Promise<Value | undefined>): Promise<Value> {
  const deadlineMs = performance.now() + patienceMs
  for (;;) {
    const value = await ask()
    if (value !== undefined) return value
    if (performance.now() > deadlineMs) throw new Error(otherwise)
    await Bun.sleep(askEveryMs)
  }
}

async function within<Value>(promise: Promise<Value>, otherwise: string): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(otherwise)), 5_000)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
