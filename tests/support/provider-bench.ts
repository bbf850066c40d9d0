import { type AnyElysia, Elysia } from 'elysia'
import type { PaymentProvider, RefundRef, TransactionRef, VerifiedWebhook } from '../../src/domain/payments/provider.port.ts'
import { createPaypal } from '../../src/domain/payments/providers/paypal.provider.ts'
import { createPaystack } from '../../src/domain/payments/providers/paystack.provider.ts'
import { paypalSimulatorRoutes } from '../../src/domain/payments/simulators/paypal-simulator.routes.ts'
import { type PaypalSimulator, paypalSimulatorOf } from '../../src/domain/payments/simulators/paypal.simulator.ts'
import { paystackSimulatorRoutes } from '../../src/domain/payments/simulators/paystack-simulator.routes.ts'
import { type PaystackSimulator, paystackSimulatorOf } from '../../src/domain/payments/simulators/paystack.simulator.ts'
import type { Context } from '../../src/context.ts'
import { type Config, readConfig } from '../../src/platform/config.ts'
import { bodyParser, readBytes } from '../../src/platform/http/body-parser.ts'
import { errorMapping } from '../../src/platform/http/errors.ts'
import { withRequestScope } from '../../src/platform/http/request-scope.ts'
import { createLog, type Log } from '../../src/platform/log.ts'
import { createOutgoing, type Outgoing, type OutgoingCall, outgoingHosts } from '../../src/platform/outgoing.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'

/** A message that arrived at the bench, and what verifying it came to. */
export interface Arrival {
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  readonly verified: VerifiedWebhook | undefined
}

/** One adapter and its simulated provider with real HTTP between them, and no shop behind: what is proven here is the contract. */
export interface ProviderBench<Simulator> {
  readonly provider: PaymentProvider
  readonly simulator: Simulator
  readonly clock: FakeClock
  readonly config: Config
  readonly origin: string
  /** Messages in the order in which they came. */
  readonly arrivals: Arrival[]
  /** Every call of the adapter, by purpose. */
  readonly calls: OutgoingCall[]
  /** What the bench answers to messages; 200 unless told. */
  answers: number[]
  /** Waits until so many messages have come. */
  arrived(count: number): Promise<readonly Arrival[]>
  close(): Promise<void>
}

type Parts = { config: Config; outgoing: Outgoing; clock: FakeClock }

/** Opens a bench for Paystack. */
export const paystackBench = async (environment: Record<string, string> = {}): Promise<ProviderBench<PaystackSimulator>> =>
  await openBench(
    environment,
    ({ config, outgoing, clock }) =>
      createPaystack({ paystack: known(config.paystack), outgoing, clock, fallbackEmail: 'help@rahim.example' }),
    (context) => ({ routes: paystackSimulatorRoutes(context), simulator: known(paystackSimulatorOf(context)) }),
  )

/** Opens a bench for PayPal. */
export const paypalBench = async (environment: Record<string, string> = {}): Promise<ProviderBench<PaypalSimulator>> =>
  await openBench(
    environment,
    ({ config, outgoing, clock }) => createPaypal({ paypal: known(config.paypal), outgoing, clock }),
    (context) => ({ routes: paypalSimulatorRoutes(context), simulator: known(paypalSimulatorOf(context)) }),
  )

function known<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('the sandbox is on in tests')
  return thing
}

async function openBench<Simulator>(
  environment: Record<string, string>,
  makeProvider: (parts: Parts) => PaymentProvider,
  makeSimulator: (context: Pick<Context, 'config' | 'clock' | 'log'>) => { routes: AnyElysia; simulator: Simulator },
): Promise<ProviderBench<Simulator>> {
  const clock = fakeClock()
  const log: Log = createLog('silent')
  // The port is part of the configuration, so the server comes first and learns what to do afterwards.
  let handle: (request: Request) => Promise<Response> | Response = () => new Response(null, { status: 503 })
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => handle(request) })
  const port = String(server.port)
  const config = readConfig({ NODE_ENV: 'test', PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}`, ...environment })
  const calls: OutgoingCall[] = []
  const real = createOutgoing({ allowedHosts: outgoingHosts(config), log, clock })
  const outgoing: Outgoing = {
    async call(call) {
      calls.push(call)
      return await real.call({ ...call, totalTimeoutMs: Math.min(call.totalTimeoutMs ?? 2_000, 2_000) })
    },
  }
  const provider = makeProvider({ config, outgoing, clock })
  const { routes, simulator } = makeSimulator({ config, clock, log })
  const arrivals: Arrival[] = []
  const waiting: { count: number; done: () => void }[] = []
  const answers: number[] = []
  const app = new Elysia({ normalize: false })
    .use(errorMapping(log, () => undefined))
    .use(bodyParser(config.limits.jsonBodyBytes))
    .post(
      '/webhooks/:provider',
      async ({ body, headers }) => {
        const webhook = { body: body as Uint8Array, headers: headers as Record<string, string> }
        const verified = await provider.verifyWebhook(webhook).catch(() => undefined)
        arrivals.push({ ...webhook, verified })
        for (const each of waiting) if (arrivals.length >= each.count) each.done()
        return new Response(null, { status: answers.shift() ?? 200 })
      },
      { parse: [({ request }: { request: Request }) => readBytes(request, config.limits.webhookBodyBytes)] },
    )
    .use(routes)
  handle = async (request) =>
    await withRequestScope(
      { requestId: 'bench', address: '127.0.0.1', startedAtMs: 0, upgraded: false },
      async () => await app.handle(request),
    )
  return {
    provider,
    simulator,
    clock,
    config,
    origin: `http://127.0.0.1:${port}`,
    arrivals,
    calls,
    answers,
    async arrived(count) {
      if (arrivals.length < count) await new Promise<void>((done) => waiting.push({ count, done }))
      return arrivals
    },
    async close() {
      await server.stop(true)
    },
  }
}

let serial = 0

/** A charge as adapters know it. */
export function chargeRef(wish: Partial<TransactionRef> = {}): TransactionRef {
  serial += 1
  const id = `0197${String(serial).padStart(4, '0')}-0000-7000-8000-000000000001`
  const at = new Date('2026-11-24T08:59:00Z')
  return {
    id,
    reference: `RAH-BENCH${serial}-1`,
    orderNumber: `RAH-BENCH${serial}`,
    state: 'pending',
    stateReason: undefined,
    amountMinor: 250_050n,
    providerAmountMinor: 250_050n,
    providerCurrency: 'KES',
    phone: undefined,
    email: undefined,
    returnUrl: 'http://127.0.0.1:3000/pay/token',
    sessionRef: undefined,
    paymentRef: undefined,
    receipt: undefined,
    callbackToken: 'token',
    createdAt: at,
    attemptedAt: at,
    checks: 1,
    ...wish,
  }
}

/** A refund as adapters know it. */
export function refundRef(charge: TransactionRef, wish: Partial<RefundRef> = {}): RefundRef {
  serial += 1
  return {
    id: `0197${String(serial).padStart(4, '0')}-0000-7000-8000-000000000002`,
    reference: `${charge.reference}-R-${serial}`,
    state: 'created',
    reason: 'return',
    amountMinor: charge.amountMinor,
    providerAmountMinor: charge.providerAmountMinor,
    providerCurrency: charge.providerCurrency,
    sessionRef: undefined,
    createdAt: new Date('2026-11-24T09:00:00Z'),
    attemptedAt: new Date('2026-11-24T09:00:00Z'),
    checks: 0,
    charge,
    ...wish,
  }
}
