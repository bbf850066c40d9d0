import { verify, X509Certificate } from 'node:crypto'
import type { Context } from '../../../context.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../platform/log.ts'
import { createOutgoing } from '../../../platform/outgoing.ts'
import { answerWithFaults, type FaultKnobs, noFaults } from './call.faults.ts'
import { json, type SimulatedAnswer } from './mpesa.answers.ts'
import { createAuthority, type PaypalAuthority } from './paypal.certificates.ts'
import {
  approvalUrl,
  type captureStatuses,
  captureView,
  centsOf,
  moneyOf,
  orderView,
  paypalDisputeView,
  paypalId,
  paypalProblem,
  paypalRefundView,
  type paypalRefundStatuses,
  problemBody,
  type SimulatedCapture,
  type SimulatedOrder,
  type SimulatedPaypalDispute,
  type SimulatedPaypalRefund,
} from './paypal.ledger.ts'
import { type Courier, type CourierKnobs, createCourier, normalCourier, type SentParcel } from './webhook.courier.ts'

/** What tests and demos may turn. */
export interface PaypalKnobs extends FaultKnobs, CourierKnobs {
  capture: (typeof captureStatuses)[number]
  /** An issue every capture is refused with; empty for none. */
  captureIssue: string
  refund: (typeof paypalRefundStatuses)[number]
  /** What is captured beyond or short of the order, in cents. */
  captureOffCents: number
  captureCurrency: string
  /** How long a payment takes to show up in the report: hours in life. */
  reportLagMs: number
}

/** What the payer does on the approval page. */
export const paypalActions = ['approve', 'cancel', 'approve-and-leave', 'pending', 'declined', 'instrument-declined'] as const

/** An action by name. */
export type PaypalAction = (typeof paypalActions)[number]

/** PayPal's side, in memory. Outside production only. */
export interface PaypalSimulator {
  readonly knobs: PaypalKnobs
  call(request: PaypalRequest): Promise<SimulatedAnswer>
  orders(): readonly SimulatedOrder[]
  order(id: string): SimulatedOrder | undefined
  /** What the payer does; resolves when the message about it was tried once. Answers where the browser goes next. */
  act(orderId: string, action: PaypalAction): Promise<string | undefined>
  /** Decides a capture that is pending. */
  settleCapture(id: string, status: 'COMPLETED' | 'DECLINED'): Promise<boolean>
  /** The approval lapses uncaptured. */
  lapse(orderId: string): Promise<boolean>
  refunds(): readonly SimulatedPaypalRefund[]
  settleRefund(id: string, status: 'COMPLETED' | 'FAILED'): Promise<boolean>
  /** Somebody refunds at the desk, without us. */
  refundAtDesk(captureId: string, cents: number): Promise<string | undefined>
  /** PayPal takes the whole payment back. */
  reverse(captureId: string): Promise<boolean>
  openDispute(captureId: string, stage?: SimulatedPaypalDispute['stage']): Promise<string | undefined>
  resolveDispute(id: string, outcome: string): Promise<boolean>
  /** An event of any kind, signed; by somebody else where a test wants to forge one. */
  signed(eventType: string, resourceType: string, resource: object, wish?: SignWish): Promise<SignedEvent>
  /** The headers that prove any bytes as an event of ours. */
  prove(body: string | Uint8Array<ArrayBuffer>, wish?: SignWish): Promise<Readonly<Record<string, string>>>
  /** Until every message that goes out beside an answer has been tried. */
  told(): Promise<void>
  sent(): readonly SentParcel[]
  courier(): Courier
  turn(knobs: Partial<PaypalKnobs>): PaypalKnobs
  reset(): void
}

/** An event with its proof. */
interface SignedEvent {
  readonly id: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Who signs an event, and for which webhook, where that is not the right one. */
interface SignWish {
  readonly authority?: PaypalAuthority
  readonly webhookId?: string
}

/** A request as the routes hand it on. */
export interface PaypalRequest {
  readonly method: string
  /** Without the prefix, with a leading slash. */
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
  /** The exact text, where the routes have kept it. */
  readonly text: string
}

const initialKnobs: PaypalKnobs = {
  ...noFaults,
  ...normalCourier,
  capture: 'COMPLETED',
  captureIssue: '',
  refund: 'COMPLETED',
  captureOffCents: 0,
  captureCurrency: '',
  reportLagMs: 0,
}
const mostKept = 1_000
const tokenLifeMs = 32_400_000
const monthMs = 31 * 86_400_000
const certificatePath = '/v1/notifications/certs/'

/** Makes a simulator. It takes the credentials the shop was told and no others. */
export function createPaypalSimulator(options: {
  clientId: string
  clientSecret: string
  webhookId: string
  webhookUrl: string
  /** Where the shop calls this API. */
  apiUrl: string
  /** Where browsers reach this machine. */
  pageUrl: string
  clock: Clock
  log: Log
}): PaypalSimulator {
  const { clock, log, apiUrl, pageUrl } = options
  const knobs: PaypalKnobs = { ...initialKnobs }
  const courier = createCourier({
    url: options.webhookUrl,
    outgoing: createOutgoing({ allowedHosts: [new URL(options.webhookUrl).host], allowsLoopback: true, log, clock }),
    log,
    knobs,
    purpose: 'simulated paypal webhook',
    isTaken: (status) => status >= 200 && status < 300,
  })
  const orders = new Map<string, SimulatedOrder>()
  const captures = new Map<string, SimulatedCapture>()
  const refunds: SimulatedPaypalRefund[] = []
  const disputes: SimulatedPaypalDispute[] = []
  const tokens = new Map<string, number>()
  /** Answers by request id: a repeat gets the first answer again, with 200 in place of 201. */
  const replays = new Map<string, SimulatedAnswer>()
  const inFlight = new Set<string>()
  const going = new Set<Promise<void>>()
  // Made when first needed: two RSA keys are half the cost of starting a small process.
  let authority: Promise<PaypalAuthority> | undefined
  const ready = async (): Promise<PaypalAuthority> => await (authority ??= createAuthority(clock.now()))

  async function call(request: PaypalRequest): Promise<SimulatedAnswer> {
    const route = routeOf(request)
    return await answerWithFaults(knobs, route.name, route.answer, (status) =>
      problemBody(status === 429 ? 'RATE_LIMIT_REACHED' : 'INTERNAL_SERVER_ERROR', 'INTERNAL_ERROR'),
    )
  }

  function routeOf(request: PaypalRequest): { name: string; answer: () => SimulatedAnswer | Promise<SimulatedAnswer> } {
    const { method, path, query, body } = request
    if (method === 'POST' && path === '/v1/oauth2/token') return { name: 'token', answer: () => token(request) }
    if (method === 'GET' && path.startsWith(certificatePath)) return { name: 'certificate', answer: async () => await certificate(path) }
    const guarded = (name: string, answer: () => SimulatedAnswer | Promise<SimulatedAnswer>) => ({
      name,
      answer: () => refuseToken(request) ?? mock(request) ?? answer(),
    })
    const [, , noun = '', thing = '', id = '', verb = ''] = path.split('/').map(decodeURIComponent)
    const key = `${method} ${noun}/${thing}${id === '' ? '' : '/:id'}${verb === '' ? '' : `/${verb}`}`
    const once = (work: () => SimulatedAnswer | Promise<SimulatedAnswer>) => async () => await replayed(request, work)
    switch (key) {
      case 'POST checkout/orders':
        return guarded(
          'create',
          once(() => create(request)),
        )
      case 'GET checkout/orders/:id':
        return guarded('order', () => readOrder(id))
      case 'POST checkout/orders/:id/capture':
        return guarded(
          'capture',
          once(async () => await capture(id)),
        )
      case 'GET payments/captures/:id':
        return guarded('read_capture', () => found(captures.get(id), captureView))
      case 'POST payments/captures/:id/refund':
        return guarded(
          'refund',
          once(async () => await refund(id, fieldsOf(body))),
        )
      case 'GET payments/refunds/:id':
        return guarded('read_refund', () =>
          found(
            refunds.find((each) => each.id === id),
            (each) => paypalRefundView(each, apiUrl),
          ),
        )
      case 'POST notifications/verify-webhook-signature':
        return guarded('verify', async () => await verifySignature(request.text))
      case 'GET reporting/transactions':
        return guarded('report', () => report(query))
      case 'GET customer/disputes':
        return guarded('dispute', () => json(200, { items: disputes.map(paypalDisputeView) }))
      case 'GET customer/disputes/:id':
        return guarded('dispute', () =>
          found(
            disputes.find((each) => each.id === id),
            paypalDisputeView,
          ),
        )
      default:
        return { name: 'unknown', answer: () => paypalProblem(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID') }
    }
  }

  const found = <Thing>(thing: Thing | undefined, view: (thing: Thing) => object): SimulatedAnswer =>
    thing === undefined ? paypalProblem(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID') : json(200, view(thing))

  function token({ headers, body }: PaypalRequest): SimulatedAnswer {
    const expected = `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')}`
    if (headers['authorization'] !== expected)
      return json(401, { error: 'invalid_client', error_description: 'Client Authentication failed' })
    if (fieldsOf(body)['grant_type'] !== 'client_credentials')
      return json(400, { error: 'unsupported_grant_type', error_description: 'Grant type is not supported' })
    const value = `A21AA${Buffer.from(crypto.getRandomValues(new Uint8Array(48))).toString('base64url')}`
    tokens.set(value, clock.now().getTime() + tokenLifeMs)
    return json(200, {
      scope: 'https://uri.paypal.com/services/payments/payment',
      access_token: value,
      token_type: 'Bearer',
      app_id: 'APP-SANDBOX',
      expires_in: tokenLifeMs / 1_000,
      nonce: crypto.randomUUID(),
    })
  }

  function refuseToken({ headers }: PaypalRequest): SimulatedAnswer | undefined {
    const until = tokens.get(headers['authorization']?.replace(/^Bearer /, '') ?? '')
    return until === undefined || until < clock.now().getTime()
      ? json(401, { error: 'invalid_token', error_description: 'Token signature verification failed' })
      : undefined
  }

  /** PayPal's own switch for negative tests: forces an issue by header. */
  function mock({ headers }: PaypalRequest): SimulatedAnswer | undefined {
    const given = /"mock_application_codes"\s*:\s*"([A-Z_]+)"/.exec(headers['paypal-mock-response'] ?? '')?.[1]
    return given === undefined ? undefined : paypalProblem(422, 'UNPROCESSABLE_ENTITY', given)
  }

  /** The same request id: the first success once more, or a refusal while the first is still being worked on. */
  async function replayed(request: PaypalRequest, work: () => SimulatedAnswer | Promise<SimulatedAnswer>): Promise<SimulatedAnswer> {
    const id = request.headers['paypal-request-id']
    if (id === undefined) return await work()
    if (id.length > 108) return paypalProblem(400, 'INVALID_REQUEST', 'INVALID_STRING_MAX_LENGTH')
    const key = `${request.path} ${id}`
    const known = replays.get(key)
    if (known !== undefined) return { ...known, status: 200 }
    if (inFlight.has(key)) return paypalProblem(409, 'RESOURCE_CONFLICT', 'PREVIOUS_REQUEST_IN_PROGRESS')
    inFlight.add(key)
    try {
      const answer = await work()
      if (answer.status < 300) replays.set(key, answer)
      return answer
    } finally {
      inFlight.delete(key)
    }
  }

  function create({ body, headers }: PaypalRequest): SimulatedAnswer {
    const request = fieldsOf(body)
    const unit = fieldsOf(Array.isArray(request['purchase_units']) ? request['purchase_units'][0] : undefined)
    const amount = fieldsOf(unit['amount'])
    const source = fieldsOf(fieldsOf(request['payment_source'])['paypal'])
    const hasSource = request['payment_source'] !== undefined
    const experience = fieldsOf(hasSource ? source['experience_context'] : request['application_context'])
    if (request['intent'] !== 'CAPTURE') return paypalProblem(400, 'INVALID_REQUEST', 'INVALID_PARAMETER_VALUE')
    if (hasSource && headers['paypal-request-id'] === undefined) return paypalProblem(400, 'INVALID_REQUEST', 'PAYPAL_REQUEST_ID_REQUIRED')
    if (amount['currency_code'] === 'KES' || !/^[A-Z]{3}$/.test(String(amount['currency_code'])))
      return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'CURRENCY_NOT_SUPPORTED')
    const cents = centsOf(amount['value'])
    if (cents === undefined) return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'DECIMAL_PRECISION')
    if (cents === 0) return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'CANNOT_BE_ZERO_OR_NEGATIVE')
    for (const [name, most] of [
      ['custom_id', 127],
      ['invoice_id', 127],
      ['description', 127],
      ['soft_descriptor', 22],
    ] as const)
      if (unit[name] !== undefined && (typeof unit[name] !== 'string' || unit[name].length > most))
        return paypalProblem(400, 'INVALID_REQUEST', 'INVALID_STRING_MAX_LENGTH')
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
    const order: SimulatedOrder = {
      id: paypalId(),
      createdAt: clock.now(),
      amount: moneyOf(cents, String(amount['currency_code'])),
      customId: text(unit['custom_id']),
      invoiceId: text(unit['invoice_id']),
      description: text(unit['description']) ?? '',
      brand: text(experience['brand_name']) ?? 'a shop',
      returnUrl: text(experience['return_url']) ?? '',
      cancelUrl: text(experience['cancel_url']) ?? '',
      link: hasSource ? 'payer-action' : 'approve',
      status: hasSource ? 'PAYER_ACTION_REQUIRED' : 'CREATED',
      capture: undefined,
      wish: undefined,
    }
    orders.set(order.id, order)
    for (const old of orders.keys()) {
      if (orders.size <= mostKept) break
      orders.delete(old)
    }
    return json(201, view(order))
  }

  const view = (order: SimulatedOrder): object => orderView(order, { apiUrl, pageUrl })
  const readOrder = (id: string): SimulatedAnswer => found(orders.get(id), view)

  async function capture(id: string): Promise<SimulatedAnswer> {
    const order = orders.get(id)
    if (order === undefined) return paypalProblem(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID')
    if (order.capture !== undefined) return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'ORDER_ALREADY_CAPTURED')
    if (order.status !== 'APPROVED')
      return paypalProblem(422, 'UNPROCESSABLE_ENTITY', order.status === 'VOIDED' ? 'ORDER_EXPIRED' : 'ORDER_NOT_APPROVED')
    const issue = order.wish === 'INSTRUMENT_DECLINED' ? order.wish : knobs.captureIssue
    if (issue !== '') {
      if (issue === 'INSTRUMENT_DECLINED') {
        order.wish = undefined
        order.status = 'PAYER_ACTION_REQUIRED'
      }
      const body = {
        ...problemBody('UNPROCESSABLE_ENTITY', issue),
        links: [{ href: approvalUrl(order, pageUrl), rel: 'redirect', method: 'GET' }],
      }
      return json(422, body)
    }
    const status = order.wish === undefined || order.wish === 'INSTRUMENT_DECLINED' ? knobs.capture : order.wish
    const cents = (centsOf(order.amount.value) ?? 0) + knobs.captureOffCents
    const entry: SimulatedCapture = {
      id: paypalId(),
      order,
      amount: moneyOf(cents, knobs.captureCurrency === '' ? order.amount.currency_code : knobs.captureCurrency),
      createdAt: clock.now(),
      status,
    }
    order.capture = entry
    // Whatever became of the money: the order is complete, which is why its own status decides nothing.
    order.status = 'COMPLETED'
    captures.set(entry.id, entry)
    const answer = json(201, view(order))
    beside(async () => await tellCapture(entry))
    return answer
  }

  async function tellCapture(entry: SimulatedCapture): Promise<void> {
    const names = {
      COMPLETED: 'COMPLETED',
      PENDING: 'PENDING',
      DECLINED: 'DENIED',
      PARTIALLY_REFUNDED: 'COMPLETED',
      REFUNDED: 'COMPLETED',
    } as const
    await tell(`PAYMENT.CAPTURE.${names[entry.status]}`, 'capture', captureView(entry))
  }

  async function refund(captureId: string, body: Readonly<Record<string, unknown>>): Promise<SimulatedAnswer> {
    const entry = captures.get(captureId)
    if (entry === undefined) return paypalProblem(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID')
    if (entry.status === 'PENDING') return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'PENDING_CAPTURE')
    if (entry.status === 'REFUNDED') return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'CAPTURE_FULLY_REFUNDED')
    if (entry.status === 'DECLINED') return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'REFUND_NOT_ALLOWED')
    const amount = fieldsOf(body['amount'])
    const left = (centsOf(entry.amount.value) ?? 0) - takenBack(entry)
    const cents = body['amount'] === undefined ? left : centsOf(amount['value'])
    if (body['amount'] !== undefined && amount['currency_code'] !== entry.amount.currency_code)
      return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'REFUND_CAPTURE_CURRENCY_MISMATCH')
    if (cents === undefined || cents === 0) return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'DECIMAL_PRECISION')
    if (cents > left) return paypalProblem(422, 'UNPROCESSABLE_ENTITY', 'REFUND_AMOUNT_EXCEEDED')
    const made = openRefund(entry, cents, knobs.refund, body)
    beside(async () => await tellRefund(made))
    return json(201, paypalRefundView(made, apiUrl))
  }

  function openRefund(
    entry: SimulatedCapture,
    cents: number,
    status: SimulatedPaypalRefund['status'],
    body: Readonly<Record<string, unknown>>,
  ): SimulatedPaypalRefund {
    const made: SimulatedPaypalRefund = {
      id: paypalId(),
      capture: entry,
      amount: moneyOf(cents, entry.amount.currency_code),
      customId: typeof body['custom_id'] === 'string' ? body['custom_id'] : undefined,
      invoiceId: typeof body['invoice_id'] === 'string' ? body['invoice_id'] : undefined,
      createdAt: clock.now(),
      status,
    }
    refunds.unshift(made)
    refunds.splice(mostKept)
    recount(entry)
    return made
  }

  const takenBack = (entry: SimulatedCapture): number =>
    refunds
      .filter((each) => each.capture === entry && (each.status === 'COMPLETED' || each.status === 'PENDING'))
      .reduce((sum, each) => sum + (centsOf(each.amount.value) ?? 0), 0)

  function recount(entry: SimulatedCapture): void {
    const back = takenBack(entry)
    entry.status = back === 0 ? 'COMPLETED' : back < (centsOf(entry.amount.value) ?? 0) ? 'PARTIALLY_REFUNDED' : 'REFUNDED'
  }

  async function tellRefund(made: SimulatedPaypalRefund): Promise<void> {
    const name = made.status === 'COMPLETED' ? 'PAYMENT.CAPTURE.REFUNDED' : `PAYMENT.REFUND.${made.status}`
    await tell(name, 'refund', paypalRefundView(made, apiUrl))
  }

  /** The report is late, covers at most a month, and pages. */
  function report(query: PaypalRequest['query']): SimulatedAnswer {
    const from = Date.parse(query['start_date'] ?? '')
    const to = Date.parse(query['end_date'] ?? '')
    if (Number.isNaN(from) || Number.isNaN(to) || to < from || to - from > monthMs)
      return paypalProblem(400, 'INVALID_REQUEST', 'DATE_RANGE_TOO_LONG')
    const shown = (moment: Date): boolean =>
      moment.getTime() >= from && moment.getTime() <= to && clock.now().getTime() - moment.getTime() >= knobs.reportLagMs
    const rows = [
      ...[...captures.values()].filter((each) => shown(each.createdAt)).map(captureRow),
      ...refunds.filter((each) => shown(each.createdAt)).map(refundRow),
    ]
    const size = Math.min(500, Math.max(1, Number(query['page_size'] ?? 100) || 100))
    const page = Math.max(1, Number(query['page'] ?? 1) || 1)
    return json(200, {
      transaction_details: rows.slice((page - 1) * size, page * size).map((row) => ({ transaction_info: row })),
      start_date: query['start_date'],
      end_date: query['end_date'],
      page,
      total_items: rows.length,
      total_pages: Math.max(1, Math.ceil(rows.length / size)),
    })
  }

  const letters = {
    COMPLETED: 'S',
    PENDING: 'P',
    DECLINED: 'D',
    FAILED: 'D',
    CANCELLED: 'D',
    PARTIALLY_REFUNDED: 'S',
    REFUNDED: 'S',
  } as const
  const captureRow = (each: SimulatedCapture): object => ({
    transaction_id: each.id,
    paypal_reference_id: each.order.id,
    paypal_reference_id_type: 'ODR',
    transaction_event_code: 'T0006',
    transaction_initiation_date: each.createdAt.toISOString(),
    transaction_updated_date: each.createdAt.toISOString(),
    transaction_amount: each.amount,
    transaction_status: letters[each.status],
    custom_field: each.order.customId,
    invoice_id: each.order.invoiceId,
  })
  const refundRow = (each: SimulatedPaypalRefund): object => ({
    transaction_id: each.id,
    paypal_reference_id: each.capture.id,
    paypal_reference_id_type: 'TXN',
    transaction_event_code: 'T1107',
    transaction_initiation_date: each.createdAt.toISOString(),
    transaction_updated_date: each.createdAt.toISOString(),
    transaction_amount: { currency_code: each.amount.currency_code, value: `-${each.amount.value}` },
    transaction_status: letters[each.status],
    custom_field: each.customId,
    invoice_id: each.invoiceId,
  })

  async function certificate(path: string): Promise<SimulatedAnswer> {
    const { leafPem, rootPem } = await ready()
    const name = path.slice(certificatePath.length)
    if (name !== 'CERT-sandbox' && name !== 'root') return paypalProblem(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID')
    return { status: 200, contentType: 'application/x-pem-file', body: name === 'root' ? rootPem : leafPem }
  }

  /** Checks a signature as PayPal does: over the text of the event as it stands in the request, not over what it means. */
  async function verifySignature(text: string): Promise<SimulatedAnswer> {
    const request = fieldsOf(readText(text))
    const event = /"webhook_event"\s*:\s*(\{[\s\S]*\})\s*\}\s*$/.exec(text)?.[1]
    if (event === undefined) return paypalProblem(400, 'VALIDATION_ERROR', 'MISSING_REQUIRED_PARAMETER')
    const { leafPem } = await ready()
    const signed = `${String(request['transmission_id'])}|${String(request['transmission_time'])}|${String(request['webhook_id'])}|${Bun.hash.crc32(event)}`
    const isGood =
      request['webhook_id'] === options.webhookId &&
      request['auth_algo'] === 'SHA256withRSA' &&
      verify(
        'sha256',
        Buffer.from(signed),
        new X509Certificate(leafPem).publicKey,
        Buffer.from(String(request['transmission_sig']), 'base64'),
      )
    return json(200, { verification_status: isGood ? 'SUCCESS' : 'FAILURE' })
  }

  async function tell(eventType: string, resourceType: string, resource: object): Promise<void> {
    await courier.send({ eventType, ...(await signed(eventType, resourceType, resource)) })
  }

  async function signed(eventType: string, resourceType: string, resource: object, wish: SignWish = {}): Promise<SignedEvent> {
    const id = `WH-${paypalId()}-${paypalId()}`
    const now = clock.now().toISOString()
    const body = JSON.stringify({
      id,
      event_version: '1.0',
      create_time: now,
      resource_type: resourceType,
      resource_version: '2.0',
      event_type: eventType,
      summary: eventType,
      resource,
      links: [],
    })
    return { id, body, headers: await prove(body, wish) }
  }

  async function prove(body: string | Uint8Array<ArrayBuffer>, wish: SignWish = {}): Promise<Record<string, string>> {
    const now = clock.now().toISOString()
    const transmissionId = crypto.randomUUID()
    const { sign } = wish.authority ?? (await ready())
    return {
      'paypal-transmission-id': transmissionId,
      'paypal-transmission-time': now,
      'paypal-transmission-sig': await sign(`${transmissionId}|${now}|${wish.webhookId ?? options.webhookId}|${Bun.hash.crc32(body)}`),
      'paypal-cert-url': `${apiUrl}${certificatePath}CERT-sandbox`,
      'paypal-auth-algo': 'SHA256withRSA',
      'paypal-auth-version': 'v2',
    }
  }

  async function act(orderId: string, action: PaypalAction): Promise<string | undefined> {
    const order = orders.get(orderId)
    if (order === undefined) return undefined
    const isOpen = order.status === 'CREATED' || order.status === 'PAYER_ACTION_REQUIRED'
    if (action === 'cancel') return back(order.cancelUrl, order)
    if (isOpen) {
      order.status = 'APPROVED'
      if (action === 'pending') order.wish = 'PENDING'
      if (action === 'declined') order.wish = 'DECLINED'
      if (action === 'instrument-declined') order.wish = 'INSTRUMENT_DECLINED'
      await tell('CHECKOUT.ORDER.APPROVED', 'checkout-order', view(order))
    }
    return action === 'approve-and-leave' ? approvalUrl(order, '') : back(order.returnUrl, order)
  }

  function back(address: string, order: SimulatedOrder): string {
    if (!URL.canParse(address)) return approvalUrl(order, '')
    const url = new URL(address)
    url.searchParams.set('token', order.id)
    if (order.status === 'APPROVED') url.searchParams.set('PayerID', 'SANDBOXPAYER1')
    return url.href
  }

  /** Goes out beside an answer, as a message does that may well overtake it. */
  function beside(work: () => Promise<unknown>): void {
    const run: Promise<void> = Bun.sleep(0)
      .then(work)
      .then(
        () => undefined,
        (error: unknown) => log.error({ error }, 'the PayPal simulator stumbled'),
      )
      .finally(() => going.delete(run))
    going.add(run)
  }

  return {
    knobs,
    call,
    act,
    orders: () => [...orders.values()].reverse(),
    order: (id) => orders.get(id),
    async settleCapture(id, status) {
      const entry = captures.get(id)
      if (entry?.status !== 'PENDING') return false
      entry.status = status
      await tellCapture(entry)
      return true
    },
    async lapse(orderId) {
      const order = orders.get(orderId)
      if (order === undefined) return false
      order.status = 'VOIDED'
      const unit = { reference_id: 'default', custom_id: order.customId, invoice_id: order.invoiceId, amount: order.amount }
      await tell('CHECKOUT.PAYMENT-APPROVAL.REVERSED', 'checkout-order', { order_id: order.id, purchase_units: [unit] })
      return true
    },
    refunds: () => refunds,
    async settleRefund(id, status) {
      const made = refunds.find((each) => each.id === id)
      if (made === undefined) return false
      made.status = status
      recount(made.capture)
      await tellRefund(made)
      return true
    },
    async refundAtDesk(captureId, cents) {
      const entry = captures.get(captureId)
      if (entry === undefined) return undefined
      const made = openRefund(entry, cents, 'COMPLETED', {})
      await tellRefund(made)
      return made.id
    },
    async reverse(captureId) {
      const entry = captures.get(captureId)
      if (entry === undefined) return false
      entry.status = 'REFUNDED'
      await tell('PAYMENT.CAPTURE.REVERSED', 'capture', captureView(entry))
      return true
    },
    async openDispute(captureId, stage = 'CHARGEBACK') {
      const entry = captures.get(captureId)
      if (entry === undefined) return undefined
      const dispute: SimulatedPaypalDispute = {
        id: `PP-D-${paypalId().slice(0, 6)}`,
        capture: entry,
        createdAt: clock.now(),
        stage,
        status: 'WAITING_FOR_SELLER_RESPONSE',
        outcome: undefined,
      }
      disputes.unshift(dispute)
      await tell('CUSTOMER.DISPUTE.CREATED', 'dispute', paypalDisputeView(dispute))
      return dispute.id
    },
    async resolveDispute(id, outcome) {
      const dispute = disputes.find((each) => each.id === id)
      if (dispute === undefined) return false
      dispute.status = 'RESOLVED'
      dispute.outcome = outcome
      await tell('CUSTOMER.DISPUTE.RESOLVED', 'dispute', paypalDisputeView(dispute))
      return true
    },
    signed,
    prove,
    async told() {
      while (going.size > 0) await Promise.all(going)
    },
    sent: courier.sent,
    courier: () => courier,
    turn: (wish) => Object.assign(knobs, wish),
    reset() {
      Object.assign(knobs, initialKnobs)
      orders.clear()
      captures.clear()
      refunds.length = 0
      disputes.length = 0
      tokens.clear()
      replays.clear()
      courier.reset()
    },
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function readText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const simulators = new WeakMap<object, PaypalSimulator>()

/** The one simulator of a running shop, shared by its API and its page; undefined where PayPal is switched off. */
export function paypalSimulatorOf(context: Pick<Context, 'config' | 'clock' | 'log'>): PaypalSimulator | undefined {
  const { paypal, port, publicUrl } = context.config
  if (paypal === undefined) return undefined
  const { clock, log } = context
  const own = `http://127.0.0.1:${port}`
  const known =
    simulators.get(context) ??
    createPaypalSimulator({
      clientId: paypal.clientId,
      clientSecret: paypal.clientSecret,
      webhookId: paypal.webhookId,
      webhookUrl: `${own}/webhooks/paypal`,
      apiUrl: `${own}/sandbox/paypal`,
      pageUrl: publicUrl,
      clock,
      log,
    })
  simulators.set(context, known)
  return known
}
