import type { Context } from '../../../context.ts'
import type { Clock } from '../../../lib/clock.ts'
import { hmacHex } from '../../../lib/signature.ts'
import type { Log } from '../../../platform/log.ts'
import { createOutgoing } from '../../../platform/outgoing.ts'
import { answerWithFaults, type FaultKnobs, noFaults } from './call.faults.ts'
import { json, type SimulatedAnswer } from './mpesa.answers.ts'
import {
  cardOutcome,
  disputeView,
  type metadataForms,
  paymentView,
  refundEventData,
  type RefundStatus,
  refundView,
  type SimulatedDispute,
  type SimulatedPayment,
  type SimulatedRefund,
} from './paystack.ledger.ts'
import { type Courier, type CourierKnobs, createCourier, normalCourier, type SentParcel } from './webhook.courier.ts'

/** What tests and demos may turn. */
export interface PaystackKnobs extends FaultKnobs, CourierKnobs {
  domain: 'test' | 'live'
  metadata: (typeof metadataForms)[number]
  /** How refunds end by themselves, and when; `pending` ones wait for somebody. */
  refundEnd: RefundStatus
  refundDelayMs: number
}

/** What the customer does on the hosted page. */
export const paystackActions = [
  'card',
  'mobile',
  'lose',
  'duplicate',
  'wrong-amount',
  'wrong-currency',
  'fee',
  'open',
  'decline',
  'leave',
] as const

/** An action by name. */
export type PaystackAction = (typeof paystackActions)[number]

/** Paystack's side, in memory: the API, the hosted page and the messages. Outside production only. */
export interface PaystackSimulator {
  readonly knobs: PaystackKnobs
  /** One call of the API. */
  call(request: PaystackRequest): Promise<SimulatedAnswer>
  payments(): readonly SimulatedPayment[]
  payment(referenceOrAccessCode: string): SimulatedPayment | undefined
  /** What the customer does; resolves when the message about it was tried once. Answers where the browser goes next. */
  act(accessCode: string, action: PaystackAction, card?: string): Promise<string | undefined>
  refunds(): readonly SimulatedRefund[]
  /** Brings a refund to an end, with its messages. */
  endRefund(id: number, status: RefundStatus): Promise<boolean>
  /** Somebody refunds at the desk, without us. */
  refundAtDesk(reference: string, amount: number): Promise<number | undefined>
  openDispute(reference: string): Promise<number | undefined>
  resolveDispute(id: number, resolution: 'merchant-accepted' | 'declined' | 'auto-accepted'): Promise<boolean>
  /** A message of any kind, signed; with another key where a test wants to forge one. */
  signed(event: string, data: object, key?: string): { readonly body: string; readonly headers: Readonly<Record<string, string>> }
  /** A payment as Paystack shows it. */
  shown(payment: SimulatedPayment): object
  sent(): readonly SentParcel[]
  courier(): Courier
  turn(knobs: Partial<PaystackKnobs>): PaystackKnobs
  reset(): void
}

/** A request as the routes hand it on. */
export interface PaystackRequest {
  readonly method: string
  /** Without the prefix, with a leading slash. */
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly authorization: string | undefined
  readonly body: unknown
}

const initialKnobs: PaystackKnobs = {
  ...noFaults,
  ...normalCourier,
  domain: 'test',
  metadata: 'object',
  refundEnd: 'processed',
  refundDelayMs: 2_000,
}
const mostKept = 1_000
// The customer of a mobile money prompt has this long; after that the charge has timed out.
const promptMs = 180_000

/** Makes a simulator. It takes the secret key the shop was told and no other, and signs with it. */
export function createPaystackSimulator(options: {
  secretKey: string
  webhookUrl: string
  /** Where browsers reach this machine. */
  pageUrl: string
  clock: Clock
  log: Log
}): PaystackSimulator {
  const { secretKey, clock, log } = options
  const knobs: PaystackKnobs = { ...initialKnobs }
  const outgoing = createOutgoing({ allowedHosts: [new URL(options.webhookUrl).host], allowsLoopback: true, log, clock })
  const courier = createCourier({
    url: options.webhookUrl,
    outgoing,
    log,
    knobs,
    purpose: 'simulated paystack webhook',
    isTaken: (status) => status === 200,
  })
  const payments = new Map<string, SimulatedPayment>()
  const refunds: SimulatedRefund[] = []
  const disputes: SimulatedDispute[] = []
  let serial = 4_099_260_000

  const ok = (message: string, data: unknown, meta?: object): SimulatedAnswer =>
    json(200, { status: true, message, data, ...(meta === undefined ? {} : { meta }) })
  const no = (status: number, message: string, code: string): SimulatedAnswer =>
    json(status, { status: false, message, meta: { nextStep: 'Look at the value and try again' }, type: 'validation_error', code })
  const view = (payment: SimulatedPayment): object => paymentView(payment, knobs)
  const bare = (body: unknown): Record<string, unknown> =>
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}

  async function call(request: PaystackRequest): Promise<SimulatedAnswer> {
    const route = routeOf(request)
    return await answerWithFaults(
      knobs,
      route.name,
      () => (request.authorization === `Bearer ${secretKey}` ? route.answer() : no(401, 'Invalid key', 'invalid_Key')),
      (status) => ({
        status: false,
        message: status === 429 ? 'Too many requests' : 'An error occurred',
        type: 'api_error',
        code: 'unknown',
      }),
    )
  }

  function routeOf({ method, path, query, body }: PaystackRequest): {
    name: string
    answer: () => SimulatedAnswer | Promise<SimulatedAnswer>
  } {
    const [, noun = '', verb = '', rest = ''] = path.split('/').map(decodeURIComponent)
    const key = `${method} ${noun}`
    if (key === 'POST transaction' && verb === 'initialize') return { name: 'initialize', answer: () => initialize(bare(body)) }
    if (key === 'GET transaction' && verb === 'verify') return { name: 'verify', answer: () => verify(rest) }
    if (key === 'GET transaction') return { name: 'list', answer: () => list(query) }
    if (key === 'POST charge') return { name: 'charge', answer: () => charge(bare(body)) }
    if (key === 'GET charge') return { name: 'charge', answer: () => chargeState(verb) }
    if (key === 'POST refund' && verb === 'retry_with_customer_details') return { name: 'refund', answer: () => retryRefund(Number(rest)) }
    if (key === 'POST refund') return { name: 'refund', answer: () => refund(bare(body)) }
    if (key === 'GET refund') return { name: 'refund_list', answer: () => (verb === '' ? listRefunds(query) : readRefund(Number(verb))) }
    if (key === 'GET dispute') return { name: 'dispute', answer: () => readDisputes(verb) }
    if (key === 'PUT dispute') return { name: 'dispute', answer: async () => await resolveByApi(Number(verb), bare(body)) }
    return { name: 'unknown', answer: () => no(404, 'Route not found', 'not_found') }
  }

  /** What every way of starting checks: an amount worth taking and a reference nobody has used. */
  function refuseStart(body: Record<string, unknown>): SimulatedAnswer | undefined {
    const amount = Number(body['amount'])
    if (typeof body['email'] !== 'string' || !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(body['email']))
      return no(400, 'Invalid Email Address Passed', 'invalid_email_address')
    if (!['KES', 'USD'].includes(textOf(body['currency'], 'KES')))
      return no(400, 'Currency not supported by merchant', 'unsupported_currency')
    const least = body['currency'] === 'USD' ? 200 : 300
    if (!Number.isSafeInteger(amount) || amount < least) return no(400, 'Invalid Amount Sent', 'invalid_amount')
    const reference = body['reference']
    if (reference !== undefined && (typeof reference !== 'string' || !/^[A-Za-z0-9.=-]{1,100}$/.test(reference)))
      return no(400, 'Invalid transaction reference', 'invalid_reference')
    return typeof reference === 'string' && payments.has(reference)
      ? no(400, 'Duplicate Transaction Reference', 'duplicate_reference')
      : undefined
  }

  function open(body: Record<string, unknown>, channel: SimulatedPayment['channel']): SimulatedPayment {
    serial += 1
    const payment: SimulatedPayment = {
      id: serial,
      reference: typeof body['reference'] === 'string' ? body['reference'] : `T${crypto.randomUUID().replaceAll('-', '').slice(0, 15)}`,
      accessCode: Buffer.from(crypto.getRandomValues(new Uint8Array(12)))
        .toString('hex')
        .slice(0, 15),
      email: String(body['email']),
      callbackUrl: typeof body['callback_url'] === 'string' ? body['callback_url'] : undefined,
      metadata: typeof body['metadata'] === 'string' ? readText(body['metadata']) : body['metadata'],
      createdAt: clock.now(),
      requested: Number(body['amount']),
      amount: Number(body['amount']),
      currency: textOf(body['currency'], 'KES'),
      status: 'abandoned',
      channel,
      gatewayResponse: 'The transaction was not completed',
      fees: null,
      paidAt: undefined,
      refundEnd: undefined,
    }
    payments.set(payment.reference, payment)
    for (const old of payments.keys()) {
      if (payments.size <= mostKept) break
      payments.delete(old)
    }
    return payment
  }

  function initialize(body: Record<string, unknown>): SimulatedAnswer {
    const refusal = refuseStart(body)
    if (refusal !== undefined) return refusal
    const payment = open(body, 'card')
    return ok('Authorization URL created', {
      authorization_url: `${options.pageUrl}/sandbox/paystack/checkout/${payment.accessCode}`,
      access_code: payment.accessCode,
      reference: payment.reference,
    })
  }

  function charge(body: Record<string, unknown>): SimulatedAnswer {
    const refusal = refuseStart(body)
    if (refusal !== undefined) return refusal
    const wallet = bare(body['mobile_money'])
    if (!['mpesa', 'atl', 'mpesa_offline', 'mptill'].includes(String(wallet['provider'])))
      return no(400, 'Provider not supported', 'unsupported_provider')
    const payment = open(body, 'mobile_money')
    payment.status = 'pending'
    // The number Paystack publishes as its payer in test mode.
    if (wallet['phone'] === '+254710000000') later(knobs.webhookDelayMs, async () => await succeed(payment))
    return ok('Charge attempted', {
      reference: payment.reference,
      status: 'pay_offline',
      display_text: 'Please complete the authorisation on your phone',
    })
  }

  function chargeState(reference: string): SimulatedAnswer {
    const payment = payments.get(reference)
    if (payment === undefined) return no(400, 'Transaction reference not found', 'transaction_not_found')
    const isOver = payment.status === 'pending' && clock.now().getTime() - payment.createdAt.getTime() > promptMs
    return ok('Reference check successful', { ...view(payment), ...(isOver ? { status: 'timeout' } : {}) })
  }

  function verify(reference: string): SimulatedAnswer {
    const payment = payments.get(reference)
    return payment === undefined
      ? no(400, 'Transaction reference not found', 'transaction_not_found')
      : ok('Verification successful', view(payment))
  }

  function list(query: PaystackRequest['query']): SimulatedAnswer {
    const matching = [...payments.values()]
      .reverse()
      .filter((payment) => isWithin(payment.createdAt, query) && (query['status'] === undefined || query['status'] === payment.status))
    return paged(matching.map(view), query, 'Transactions retrieved')
  }

  /** Pages by number, or by a cursor that names the place to go on from. */
  function paged(rows: readonly object[], query: PaystackRequest['query'], message: string): SimulatedAnswer {
    const perPage = Math.min(100, Math.max(1, Number(query['perPage'] ?? 50) || 50))
    const isCursor = query['use_cursor'] === 'true'
    const page = Math.max(1, Number(query['page'] ?? 1) || 1)
    const from = isCursor ? Number(Buffer.from(query['next'] ?? '', 'base64').toString() || 0) : (page - 1) * perPage
    const next = from + perPage < rows.length ? Buffer.from(String(from + perPage)).toString('base64') : null
    const meta = isCursor
      ? { next, previous: null, perPage }
      : { total: rows.length, skipped: from, perPage, page, pageCount: Math.ceil(rows.length / perPage) }
    return ok(message, rows.slice(from, from + perPage), meta)
  }

  function refund(body: Record<string, unknown>): SimulatedAnswer {
    const payment = find(body['transaction'])
    if (payment === undefined) return no(404, 'Transaction not found', 'transaction_not_found')
    if (payment.status !== 'success' && payment.status !== 'reversed')
      return no(400, 'Transaction has not been paid', 'transaction_not_successful')
    const left = payment.amount - takenBack(payment)
    const amount = body['amount'] === undefined ? left : Number(body['amount'])
    if (left <= 0) return no(400, 'Transaction has been fully reversed', 'transaction_reversed')
    if (!Number.isSafeInteger(amount) || amount < 1 || amount > left)
      return no(400, 'Refund amount cannot be more than transaction amount', 'invalid_refund_amount')
    const entry = openRefund(payment, amount, textOf(body['merchant_note'], ''))
    return ok('Refund has been queued for processing', refundView(entry, knobs.domain, view(payment)))
  }

  function openRefund(payment: SimulatedPayment, amount: number, merchantNote: string): SimulatedRefund {
    serial += 1
    const entry: SimulatedRefund = {
      id: serial - 4_080_000_000,
      payment,
      amount,
      merchantNote,
      createdAt: clock.now(),
      refundReference: null,
      status: 'pending',
    }
    refunds.unshift(entry)
    refunds.splice(mostKept)
    const end = payment.refundEnd ?? knobs.refundEnd
    later(knobs.refundDelayMs, async () => {
      if (end === 'pending' || entry.status !== 'pending') return
      await tellRefund(entry)
      await finishRefund(entry, end)
    })
    return entry
  }

  async function finishRefund(entry: SimulatedRefund, status: RefundStatus): Promise<void> {
    entry.status = status
    if (status === 'processed' || status === 'processing') entry.refundReference ??= `1320${entry.id}`
    if (status === 'processed' && takenBack(entry.payment) >= entry.payment.amount) entry.payment.status = 'reversed'
    if (status === 'failed' && entry.payment.status === 'reversed') entry.payment.status = 'success'
    await tellRefund(entry)
  }

  const tellRefund = async (entry: SimulatedRefund): Promise<void> =>
    await tell(`refund.${entry.status}`, refundEventData(entry, knobs.domain))

  const takenBack = (payment: SimulatedPayment): number =>
    refunds.filter((entry) => entry.payment === payment && entry.status !== 'failed').reduce((sum, entry) => sum + entry.amount, 0)

  function retryRefund(id: number): SimulatedAnswer {
    const entry = refunds.find((each) => each.id === id)
    if (entry === undefined) return no(404, 'Refund not found', 'refund_not_found')
    if (entry.status !== 'needs-attention') return no(400, 'Refund does not need attention', 'invalid_refund_status')
    entry.status = 'processing'
    later(knobs.refundDelayMs, async () => await finishRefund(entry, 'processed'))
    return ok('Refund retried and has been queued for processing', refundView(entry, knobs.domain))
  }

  const readRefund = (id: number): SimulatedAnswer => {
    const entry = refunds.find((each) => each.id === id)
    return entry === undefined ? no(404, 'Refund not found', 'refund_not_found') : ok('Refund retrieved', refundView(entry, knobs.domain))
  }

  function listRefunds(query: PaystackRequest['query']): SimulatedAnswer {
    const matching = refunds.filter(
      (entry) =>
        isWithin(entry.createdAt, query) && (query['transaction'] === undefined || query['transaction'] === String(entry.payment.id)),
    )
    return paged(
      matching.map((entry) => refundView(entry, knobs.domain)),
      query,
      'Refunds retrieved',
    )
  }

  function readDisputes(id: string): SimulatedAnswer {
    const shown = (each: SimulatedDispute): object => disputeView(each, knobs.domain, view(each.payment))
    if (id === '') return ok('Disputes retrieved', disputes.map(shown))
    const dispute = disputes.find((each) => String(each.id) === id)
    return dispute === undefined ? no(404, 'Dispute not found', 'dispute_not_found') : ok('Dispute retrieved', shown(dispute))
  }

  async function resolveByApi(id: number, body: Record<string, unknown>): Promise<SimulatedAnswer> {
    const resolution = body['resolution']
    if (resolution !== 'merchant-accepted' && resolution !== 'declined') return no(400, 'Invalid resolution', 'invalid_resolution')
    return (await resolveDispute(id, resolution)) ? readDisputes(String(id)) : no(404, 'Dispute not found', 'dispute_not_found')
  }

  async function resolveDispute(id: number, resolution: NonNullable<SimulatedDispute['resolution']>): Promise<boolean> {
    const dispute = disputes.find((each) => each.id === id)
    if (dispute === undefined) return false
    dispute.status = 'resolved'
    dispute.resolution = resolution
    if (resolution !== 'declined') dispute.payment.status = 'reversed'
    await tell('charge.dispute.resolve', disputeView(dispute, knobs.domain, view(dispute.payment)))
    return true
  }

  const find = (key: unknown): SimulatedPayment | undefined =>
    payments.get(String(key)) ?? [...payments.values()].find((payment) => payment.accessCode === key || String(payment.id) === String(key))

  /** Signs as Paystack does: over the bytes that go out, slashes escaped as its own encoder writes them. */
  async function tell(event: string, data: object, mode?: CourierKnobs['webhooks']): Promise<void> {
    await courier.send({ id: crypto.randomUUID(), eventType: event, ...signed(event, data) }, mode)
  }

  function signed(event: string, data: object, key = secretKey): { body: string; headers: Record<string, string> } {
    const body = JSON.stringify({ event, data }).replaceAll('/', '\\/')
    return { body, headers: { 'x-paystack-signature': hmacHex('sha512', key, body) } }
  }

  async function succeed(payment: SimulatedPayment, mode?: CourierKnobs['webhooks']): Promise<void> {
    payment.status = 'success'
    payment.gatewayResponse = payment.channel === 'card' ? 'Successful' : 'Approved'
    payment.paidAt = clock.now()
    payment.fees = Math.round(payment.requested * 0.029)
    await tell('charge.success', view(payment), mode)
  }

  async function act(accessCode: string, action: PaystackAction, card = '4084084084084081'): Promise<string | undefined> {
    const payment = find(accessCode)
    if (payment === undefined) return undefined
    // What is paid is paid; a second press on a slow page changes nothing.
    const isStayingHere = payment.status === 'success' || payment.status === 'reversed' ? false : await customerDoes(payment, action, card)
    if (isStayingHere || payment.callbackUrl === undefined) return `/sandbox/paystack/checkout/${payment.accessCode}`
    const back = new URL(payment.callbackUrl)
    back.searchParams.set('trxref', payment.reference)
    back.searchParams.set('reference', payment.reference)
    return back.href
  }

  /** Answers whether the browser stays on the hosted page: a refused card may be followed by another one. */
  async function customerDoes(payment: SimulatedPayment, action: PaystackAction, card: string): Promise<boolean> {
    payment.channel = action === 'mobile' ? 'mobile_money' : 'card'
    switch (action) {
      case 'card': {
        const outcome = cardOutcome(card)
        if (outcome?.isPaid !== true) {
          payment.status = 'failed'
          payment.gatewayResponse = outcome?.gatewayResponse ?? 'Invalid card number'
          return true
        }
        payment.refundEnd = outcome.refundEnd
        await succeed(payment)
        return false
      }
      case 'mobile':
        await succeed(payment)
        return false
      case 'lose':
        await succeed(payment, 'lost')
        return false
      case 'duplicate':
        await succeed(payment, 'duplicate')
        return false
      case 'wrong-amount':
        payment.amount = payment.requested - 100
        await succeed(Object.assign(payment, { requested: payment.amount }))
        return false
      case 'wrong-currency':
        payment.currency = 'USD'
        await succeed(payment)
        return false
      case 'fee':
        payment.amount = payment.requested + Math.round(payment.requested * 0.029)
        await succeed(payment)
        return false
      case 'open':
        payment.status = 'ongoing'
        return false
      case 'decline':
        payment.status = 'failed'
        payment.gatewayResponse = 'Declined'
        return true
      case 'leave':
        return false
      default:
        return action satisfies never
    }
  }

  function later(ms: number, work: () => Promise<unknown>): void {
    setTimeout(() => void work().catch((error: unknown) => log.error({ error }, 'the Paystack simulator stumbled')), ms).unref()
  }

  return {
    knobs,
    call,
    act,
    payments: () => [...payments.values()].reverse(),
    payment: find,
    refunds: () => refunds,
    async endRefund(id, status) {
      const entry = refunds.find((each) => each.id === id)
      if (entry !== undefined) await finishRefund(entry, status)
      return entry !== undefined
    },
    async refundAtDesk(reference, amount) {
      const payment = payments.get(reference)
      if (payment === undefined) return undefined
      const entry = openRefund(payment, amount, 'made at the desk')
      await finishRefund(entry, 'processed')
      return entry.id
    },
    async openDispute(reference) {
      const payment = payments.get(reference)
      if (payment === undefined) return undefined
      serial += 1
      const dispute: SimulatedDispute = {
        id: serial,
        payment,
        amount: payment.amount,
        createdAt: clock.now(),
        status: 'awaiting-merchant-feedback',
        resolution: null,
      }
      disputes.unshift(dispute)
      await tell('charge.dispute.create', disputeView(dispute, knobs.domain, view(payment)))
      return dispute.id
    },
    resolveDispute,
    signed,
    shown: view,
    sent: courier.sent,
    courier: () => courier,
    turn: (wish) => Object.assign(knobs, wish),
    reset() {
      Object.assign(knobs, initialKnobs)
      payments.clear()
      refunds.length = 0
      disputes.length = 0
      courier.reset()
    },
  }
}

function isWithin(moment: Date, query: PaystackRequest['query']): boolean {
  const from = Date.parse(query['from'] ?? '')
  const to = Date.parse(query['to'] ?? '')
  return (Number.isNaN(from) || moment.getTime() >= from) && (Number.isNaN(to) || moment.getTime() <= to)
}

const textOf = (value: unknown, absent: string): string => (typeof value === 'string' ? value : absent)

function readText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

const simulators = new WeakMap<object, PaystackSimulator>()

/** The one simulator of a running shop, shared by its API and its page; undefined where Paystack is switched off. */
export function paystackSimulatorOf(context: Pick<Context, 'config' | 'clock' | 'log'>): PaystackSimulator | undefined {
  const { paystack, port, publicUrl } = context.config
  const [secretKey] = paystack?.secretKeys ?? []
  if (secretKey === undefined) return undefined
  const { clock, log } = context
  const known =
    simulators.get(context) ??
    createPaystackSimulator({ secretKey, webhookUrl: `http://127.0.0.1:${port}/webhooks/paystack`, pageUrl: publicUrl, clock, log })
  simulators.set(context, known)
  return known
}
