import { Elysia } from 'elysia'
import { eq } from 'drizzle-orm'
import { type BuiltContext, buildContext, type Context, type Overrides } from '../../src/context.ts'
import { carts } from '../../src/domain/cart/cart.table.ts'
import { holdStock } from '../../src/domain/catalog/hold-stock.ts'
import { stockLevels } from '../../src/domain/catalog/stock.table.ts'
import { createOrder } from '../../src/domain/orders/create-order.ts'
import { invoicingJobs } from '../../src/domain/invoicing/invoicing.jobs.ts'
import { orders } from '../../src/domain/orders/order.table.ts'
import { callbackToken, openTransaction } from '../../src/domain/payments/open-transaction.ts'
import { paymentsJobs } from '../../src/domain/payments/payments.jobs.ts'
import { paymentsRoutes } from '../../src/domain/payments/payments.routes.ts'
import { webhooksRoutes } from '../../src/domain/payments/webhooks.routes.ts'
import { rebuildProjection } from '../../src/domain/payments/rebuild-projection.ts'
import { type PaymentMethod, providerOf } from '../../src/domain/payments/payment.methods.ts'
import { mpesaSimulatorRoutes } from '../../src/domain/payments/simulators/mpesa-simulator.routes.ts'
import { paypalSimulatorRoutes } from '../../src/domain/payments/simulators/paypal-simulator.routes.ts'
import { paystackSimulatorRoutes } from '../../src/domain/payments/simulators/paystack-simulator.routes.ts'
import { stripeSimulatorRoutes } from '../../src/domain/payments/simulators/stripe-simulator.routes.ts'
import type { HandsetAction } from '../../src/domain/payments/simulators/mpesa.prompt.ts'
import { type MpesaSimulator, simulatorOf } from '../../src/domain/payments/simulators/mpesa.simulator.ts'
import { ledgerEntries, transactionEvents, transactions } from '../../src/domain/payments/transaction.table.ts'
import { webhookEvents } from '../../src/domain/payments/webhook-event.table.ts'
import { systemStamp } from '../../src/lib/stamp.ts'
import { after } from '../../src/lib/time.ts'
import { checkInvariants } from '../../src/platform/check-invariants.ts'
import { type Environment, readConfig } from '../../src/platform/config.ts'
import { freePort } from '../../src/platform/embedded-server.ts'
import { bodyParser } from '../../src/platform/http/body-parser.ts'
import { errorMapping } from '../../src/platform/http/errors.ts'
import { withRequestScope } from '../../src/platform/http/request-scope.ts'
import { checkoutJobs } from '../../src/workflows/checkout/checkout.jobs.ts'
import { messagesJobs } from '../../src/workflows/messages/messages.jobs.ts'
import { type FreshDatabase, freshDatabase } from './database.ts'
import { type Catalogue, makeCatalogue, makeVariant } from './factories.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'

/** An order with its open charge. */
export interface UnpaidOrder {
  readonly orderId: string
  readonly number: string
  readonly transactionId: string
  readonly variantId: string
  readonly totalMinor: bigint
  readonly phone: string
  readonly token: string
}

/** The money part of the shop, listening on a port, with the simulated M-Pesa behind real HTTP and a clock of its own. */
export interface PayDesk {
  readonly context: Context
  readonly clock: FakeClock
  readonly simulator: MpesaSimulator
  readonly database: FreshDatabase
  readonly catalogue: Catalogue
  readonly origin: string
  /** An unpaid order whose payment is staged but not begun. */
  order(wish?: { phone?: string; quantity?: number; stock?: number; variantId?: string; method?: PaymentMethod }): Promise<UnpaidOrder>
  /** Works off every queue that has something due now. */
  drain(): Promise<number>
  /** Starts the payment of an order and answers the id of the prompt on the phone. */
  prompt(order: UnpaidOrder): Promise<string>
  /** What the person with the phone does, then everything that follows at once. */
  press(promptId: string, action: HandsetAction, pin?: string): Promise<void>
  /** Sends a callback as Safaricom would. */
  callback(order: UnpaidOrder, message: unknown, token?: string): Promise<Response>
  charge(order: UnpaidOrder | string): Promise<typeof transactions.$inferSelect>
  charges(order: UnpaidOrder): Promise<(typeof transactions.$inferSelect)[]>
  orderState(order: UnpaidOrder): Promise<string>
  /** Another attempt to pay the same order. */
  again(order: UnpaidOrder, method?: PaymentMethod): Promise<UnpaidOrder>
  events(transactionId: string): Promise<(typeof transactionEvents.$inferSelect)[]>
  inbox(): Promise<(typeof webhookEvents.$inferSelect)[]>
  /** Balances by account. */
  ledger(): Promise<Record<string, bigint>>
  /** What must hold after every test: no row differs from its events, and every invariant of the shop is kept. */
  checkLaws(): Promise<string[]>
  close(): Promise<void>
}

// Starts past the endings that make a simulated phone act by itself.
let serial = 0

/** The laws look at the database's own clock, so the desk's stands a little ahead of it: nothing is overdue that the desk calls open. */
const tomorrowAtNine = (): string => `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T09:00:00.000Z`

/** Opens a pay desk. Close it in afterAll. */
export async function openPayDesk(options: { environment?: Environment; overrides?: Overrides } = {}): Promise<PayDesk> {
  const database = await freshDatabase({ connections: 4 })
  const port = await freePort()
  const clock = fakeClock(tomorrowAtNine())
  const config = readConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    PORT: String(port),
    DATA_DIR: '.data/test',
    ...options.environment,
  })
  const built: BuiltContext = buildContext(
    config,
    { databaseUrl: database.url, redisUrl: 'redis://127.0.0.1:1' },
    { withoutCron: true, clock, ...options.overrides },
  )
  const { context } = built
  checkoutJobs(context)
  messagesJobs(context)
  invoicingJobs(context)
  paymentsJobs(context)
  const app = new Elysia({ normalize: false })
    .use(errorMapping(context.log, () => undefined))
    .use(bodyParser(config.limits.jsonBodyBytes))
    .use(paymentsRoutes(context))
    .use(webhooksRoutes(context))
    .use(mpesaSimulatorRoutes(context))
    .use(stripeSimulatorRoutes(context))
    .use(paystackSimulatorRoutes(context))
    .use(paypalSimulatorRoutes(context))
  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    reusePort: false,
    fetch: (request) =>
      withRequestScope({ requestId: 'test-request', address: '127.0.0.1', startedAtMs: 0, upgraded: false }, () => app.handle(request)),
  })
  const origin = `http://127.0.0.1:${port}`
  const catalogue = await makeCatalogue(context)
  const simulator = simulatorOf(context)
  if (simulator === undefined) throw new Error('the pay desk needs the simulated M-Pesa')
  const stamp = () => systemStamp('test', context)
  const { db } = database

  const asked = (method: PaymentMethod, amountMinor: bigint) => {
    const provider = providerOf(context.providers, method)
    if (provider === undefined) throw new Error(`${method} is switched off`)
    return { provider: provider.name, price: provider.price(amountMinor), method, amountMinor, appSecret: config.appSecret }
  }
  const open = async (orderId: string, phone: string, amountMinor: bigint, method: PaymentMethod) =>
    await context.payDb.transaction(async (tx) => await openTransaction(tx, stamp(), { orderId, phone, ...asked(method, amountMinor) }))
  const described = (
    orderId: string,
    number: string,
    transactionId: string,
    variantId: string,
    totalMinor: bigint,
    phone: string,
  ): UnpaidOrder => ({
    orderId,
    number,
    transactionId,
    variantId,
    totalMinor,
    phone,
    token: callbackToken(config.appSecret, 'mpesa', transactionId),
  })

  const desk: PayDesk = {
    context,
    clock,
    simulator,
    database,
    catalogue,
    origin,
    async order(wish = {}) {
      const phone = wish.phone ?? `2547${String(10_100_100 + ++serial)}`
      const quantity = wish.quantity ?? 1
      const method = wish.method ?? 'mpesa'
      const variantId =
        wish.variantId ?? (await makeVariant(context, catalogue, { priceMinor: 150_000n, stock: wish.stock ?? 10 })).variantId
      const [product] = await db.execute<{ product_id: string; sku: string }>(
        `select product_id, sku from variants where id = '${variantId}'`,
      )
      if (product === undefined) throw new Error('no such variant')
      const linesMinor = 150_000n * BigInt(quantity)
      const totals = { linesMinor, discountMinor: 0n, deliveryMinor: 20_000n, vatMinor: 0n, totalMinor: linesMinor + 20_000n }
      const now = clock.now()
      const cartId = context.ids.next()
      await db.insert(carts).values({ id: cartId, status: 'ordered', tokenHash: cartId })
      const placed = await context.payDb.transaction(async (tx) => {
        const order = await createOrder(tx, stamp(), {
          id: context.ids.next(),
          token: context.ids.token(),
          accountId: null,
          cartId,
          contactName: 'Asha',
          contactPhone: phone,
          contactEmail: null,
          county: 'Nairobi',
          town: 'Westlands',
          landmark: 'Opposite the market',
          lat: null,
          lng: null,
          deliveryZone: 'city',
          promisedFrom: now,
          promisedTo: now,
          note: '',
          paymentMethod: method,
          paymentPhone: phone,
          totals,
          lines: [
            {
              variantId,
              productId: product.product_id,
              vendorId: catalogue.vendorId,
              warehouseId: catalogue.nairobiId,
              name: 'Kanga dress',
              sku: product.sku,
              size: 'M',
              colour: 'Indigo',
              picturePath: '',
              quantity,
              priceMinor: 150_000n,
              vatClass: 'standard',
              commissionBasisPoints: 200,
            },
          ],
          expiresAt: after(now, config.limits.stockHoldMs),
        })
        if (!(await holdStock(tx, stamp(), order.id, [{ variantId, warehouseId: catalogue.nairobiId, quantity }])))
          throw new Error('the test wants more than there is')
        const charge = await openTransaction(tx, stamp(), {
          orderId: order.id,
          phone,
          ...asked(method, totals.totalMinor),
        })
        return { order, charge }
      })
      return described(placed.order.id, placed.order.number, placed.charge.id, variantId, totals.totalMinor, phone)
    },
    drain: async () => await context.outbox.drainOnce(),
    async prompt(order) {
      await desk.drain()
      const prompt = simulator.prompts(order.phone)[0]
      if (prompt === undefined) throw new Error('no prompt came')
      return prompt.id
    },
    async press(promptId, action, pin) {
      await fetch(`${origin}/sandbox/mpesa/prompts/${promptId}/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(pin === undefined ? {} : { pin }),
      })
      await desk.drain()
    },
    callback: async (order, message, token = order.token) =>
      await fetch(`${origin}/webhooks/mpesa/${token}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof message === 'string' ? message : JSON.stringify(message),
      }),
    async charge(order) {
      const [row] = await db
        .select()
        .from(transactions)
        .where(eq(transactions.id, typeof order === 'string' ? order : order.transactionId))
      if (row === undefined) throw new Error('no such charge')
      return row
    },
    charges: async (order) =>
      await db.select().from(transactions).where(eq(transactions.orderId, order.orderId)).orderBy(transactions.createdAt, transactions.id),
    async orderState(order) {
      const [row] = await db.select({ state: orders.state }).from(orders).where(eq(orders.id, order.orderId))
      return row?.state ?? 'gone'
    },
    async again(order, method = 'mpesa') {
      const charge = await open(order.orderId, order.phone, order.totalMinor, method)
      return described(order.orderId, order.number, charge.id, order.variantId, order.totalMinor, order.phone)
    },
    events: async (transactionId) =>
      await db.select().from(transactionEvents).where(eq(transactionEvents.transactionId, transactionId)).orderBy(transactionEvents.seq),
    inbox: async () => await db.select().from(webhookEvents).orderBy(webhookEvents.receivedAt, webhookEvents.id),
    async ledger() {
      const balances: Record<string, bigint> = {}
      for (const entry of await db.select().from(ledgerEntries))
        balances[entry.account] = (balances[entry.account] ?? 0n) + entry.amountMinor
      return balances
    },
    async checkLaws() {
      const broken: string[] = []
      for (const { id } of await db.select({ id: transactions.id }).from(transactions)) {
        for (const difference of await rebuildProjection(db, id)) broken.push(`projection ${JSON.stringify(difference)}`)
      }
      for (const { name, count, subjects } of await checkInvariants(db)) broken.push(`${name}: ${count}, ${subjects.join(' ')}`)
      return broken
    },
    async close() {
      await server.stop(true)
      await built.dispose()
      await database.drop()
    },
  }
  return desk
}

/** What lies on the Nairobi shelf. */
export async function shelf(desk: PayDesk, variantId: string): Promise<{ onHand: number; reserved: number }> {
  const rows = await desk.database.db.select().from(stockLevels).where(eq(stockLevels.variantId, variantId))
  const nairobi = rows.find((each) => each.warehouseId === desk.catalogue.nairobiId)
  return { onHand: nairobi?.onHand ?? 0, reserved: nairobi?.reserved ?? 0 }
}
