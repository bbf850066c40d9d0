import type { Clock } from '../../../lib/clock.ts'
import { hmacHex } from '../../../lib/signature.ts'
import type { StripeConfig } from '../../../platform/payment.config.ts'
import type { Log } from '../../../platform/log.ts'
import { createOutgoing } from '../../../platform/outgoing.ts'
import { answerWithFaults, type FaultKnobs, noFaults } from './call.faults.ts'
import { json, type SimulatedAnswer } from './mpesa.answers.ts'
import { branchOf, type FormTree, nestForm, textOf, textsOf } from './stripe.form.ts'
import {
  chargeView,
  disputeView,
  intentView,
  refundView,
  sessionView,
  type SimulatedDispute,
  type SimulatedIntent,
  type SimulatedRefund,
  type SimulatedSession,
  type TestCard,
  testCards,
} from './stripe.ledger.ts'
import { type Courier, type CourierKnobs, createCourier, normalCourier, type SentParcel } from './webhook.courier.ts'

/** What tests and demos may turn. */
export interface StripeKnobs extends FaultKnobs, CourierKnobs {
  /** Which of the two events of a payment goes first. */
  eventOrder: 'session_first' | 'intent_first'
  /** Added to what the next payments move, as no real page does. */
  extraAmount: number
  /** The currency the next payments move, when it is not the one asked for. */
  otherCurrency: string
  /** How the next refunds begin, when not as their card does. */
  refundStart: '' | SimulatedRefund['status']
}

/** Stripe's side, in memory: the API, the page and the messages. Outside production only. */
export interface StripeSimulator {
  readonly knobs: StripeKnobs
  /** One call of the API; the path is without the prefix and begins with /v1. */
  call(request: StripeRequest): Promise<SimulatedAnswer>
  sessions(): readonly SimulatedSession[]
  session(id: string): SimulatedSession | undefined
  /** Pays with a card. Resolves when the messages about it were tried once. */
  pay(sessionId: string, card: string): Promise<'paid' | 'declined' | 'asks_bank' | 'closed' | 'unknown_card' | 'unknown_session'>
  /** The bank's own question, answered. */
  confirm(sessionId: string): Promise<'paid' | 'declined' | 'closed'>
  expire(sessionId: string): Promise<void>
  cancelIntent(sessionId: string): Promise<void>
  refunds(): readonly SimulatedRefund[]
  /** A refund takes another turn, with its message. */
  turnRefund(id: string, status: SimulatedRefund['status'], failureReason?: string): Promise<void>
  /** Somebody refunds at the desk, without us. */
  refundAtDesk(intentId: string, amount: number): Promise<string>
  dispute(intentId: string, status?: SimulatedDispute['status']): Promise<string>
  turnDispute(id: string, status: SimulatedDispute['status']): Promise<void>
  /** Any event, signed as Stripe does; `secret` and `atS` may be somebody else's. Headers and body to send. */
  signed(
    type: string,
    thing: object,
    wish?: { secret?: string; atS?: number; id?: string },
  ): { id: string; body: string; headers: Record<string, string> }
  sent(): readonly SentParcel[]
  courier(): Courier
  /** Until every message that goes out beside an answer was tried once. */
  told(): Promise<void>
  turn(knobs: Partial<StripeKnobs>): StripeKnobs
  reset(): void
}

/** A request as the routes hand it on. */
export interface StripeRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
}

const initialKnobs: StripeKnobs = {
  ...noFaults,
  ...normalCourier,
  eventOrder: 'session_first',
  extraAmount: 0,
  otherCurrency: '',
  refundStart: '',
}
const mostKept = 1_000
const version = '2026-10-28.endive'

const failure = (status: number, type: string, code: string | undefined, message: string, param?: string): SimulatedAnswer =>
  json(status, { error: { type, ...(code === undefined ? {} : { code }), message, ...(param === undefined ? {} : { param }) } })
const invalid = (message: string, param?: string, code?: string): SimulatedAnswer =>
  failure(400, 'invalid_request_error', code, message, param)

/** Makes a simulator. It takes the secret key the shop was told and no other, and signs with its endpoint secret. */
export function createStripeSimulator(options: {
  stripe: StripeConfig
  webhookUrl: string
  pageUrl: string
  clock: Clock
  log: Log
}): StripeSimulator {
  const { stripe, clock, log, pageUrl } = options
  const knobs: StripeKnobs = { ...initialKnobs }
  const outgoing = createOutgoing({ allowedHosts: [new URL(options.webhookUrl).host], allowsLoopback: true, log, clock })
  const courier = createCourier({
    url: options.webhookUrl,
    outgoing,
    log,
    knobs,
    purpose: 'simulated stripe webhook',
    isTaken: (status) => status >= 200 && status < 300,
  })
  const sessions = new Map<string, SimulatedSession>()
  const refunds = new Map<string, SimulatedRefund>()
  const disputes = new Map<string, SimulatedDispute>()
  const underWay = new Set<Promise<void>>()
  const answers = new Map<string, { words: string; answer: SimulatedAnswer }>()

  const nowS = (): number => Math.floor(clock.now().getTime() / 1_000)
  const id = (prefix: string): string => `${prefix}_${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`
  const intentOf = (ref: string): SimulatedIntent | undefined =>
    [...sessions.values()].map(({ intent }) => intent).find((intent) => intent.id === ref || intent.chargeId === ref)

  async function call(request: StripeRequest): Promise<SimulatedAnswer> {
    const { name, answer } = routeOf(request)
    return await answerWithFaults(
      knobs,
      name,
      () => {
        if (request.headers['authorization'] !== `Bearer ${stripe.secretKey}`)
          return failure(401, 'invalid_request_error', undefined, 'Invalid API Key provided.')
        return request.method === 'POST' ? once(request, answer) : answer()
      },
      (status) => ({ error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message: 'Something went wrong at our side.' } }),
    )
  }

  /** The first answer under a key is kept and given again; other words under the same key are an error. */
  function once(request: StripeRequest, work: () => SimulatedAnswer): SimulatedAnswer {
    const key = request.headers['idempotency-key']
    if (key === undefined) return work()
    const words = `${request.path} ${JSON.stringify(request.body)}`
    const known = answers.get(key)
    if (known === undefined) {
      const answer = work()
      // What was refused at the door was never begun.
      if (answer.status !== 400) answers.set(key, { words, answer })
      return answer
    }
    if (known.words !== words)
      return failure(
        400,
        'idempotency_error',
        undefined,
        'Keys for idempotent requests can only be used with the same parameters they were first used with.',
      )
    return known.answer
  }

  function routeOf({ method, path, query, body }: StripeRequest): { name: string; answer: () => SimulatedAnswer } {
    const form = nestForm(body)
    const [, , noun = '', second = '', third = '', fourth = ''] = path.split('/')
    const at = `${method} ${noun}`
    if (at === 'POST checkout' && third === '') return { name: 'session', answer: () => createSession(form) }
    if (at === 'POST checkout' && fourth === 'expire') return { name: 'expire', answer: () => expireByApi(third) }
    if (at === 'GET checkout' && third !== '') return { name: 'read', answer: () => readSession(third, query) }
    if (at === 'GET checkout')
      return { name: 'list', answer: () => listed([...sessions.values()], query, (each) => sessionView(each, pageUrl)) }
    if (at === 'GET payment_intents' && second !== '') return { name: 'read', answer: () => readIntent(second) }
    if (at === 'GET payment_intents')
      return {
        name: 'list',
        answer: () =>
          listed(
            [...sessions.values()].map(({ intent }) => intent).filter(({ status }) => status !== 'requires_payment_method'),
            query,
            (each) => intentView(each),
          ),
      }
    if (at === 'POST refunds') return { name: 'refund', answer: () => createRefund(form) }
    if (at === 'GET refunds' && second !== '') return { name: 'refund_read', answer: () => readRefund(second) }
    if (at === 'GET refunds')
      return {
        name: 'refund_list',
        answer: () =>
          listed(
            [...refunds.values()].filter(({ intentId }) => query['payment_intent'] === undefined || query['payment_intent'] === intentId),
            query,
            refundView,
          ),
      }
    if (at === 'GET disputes') return { name: 'list', answer: () => listed([...disputes.values()], query, disputeView) }
    return {
      name: 'unknown',
      answer: () => failure(404, 'invalid_request_error', undefined, `Unrecognized request URL (${method}: ${path}).`),
    }
  }

  function createSession(form: FormTree): SimulatedAnswer {
    if (form['payment_method_types'] !== undefined)
      return invalid('Received unknown parameter: payment_method_types', 'payment_method_types', 'parameter_unknown')
    const price = branchOf(branchOf(branchOf(form['line_items'])['0'])['price_data'])
    const amount = Number(textOf(price['unit_amount']))
    const currency = textOf(price['currency']) ?? ''
    const expiresS = form['expires_at'] === undefined ? nowS() + 86_400 : Number(textOf(form['expires_at']))
    const successUrl = textOf(form['success_url']) ?? ''
    if (textOf(form['mode']) !== 'payment') return invalid('Missing required param: mode.', 'mode')
    if (!/^[a-z]{3}$/.test(currency)) return invalid(`Invalid currency: ${currency}.`, 'line_items[0][price_data][currency]')
    if (!Number.isSafeInteger(amount) || amount < 1) return invalid('Invalid integer', 'line_items[0][price_data][unit_amount]')
    if (amount < 7_000)
      return invalid('The Checkout Session’s total amount must convert to at least 50 cents.', undefined, 'amount_too_small')
    if (amount > 99_999_999) return invalid('Amount must be no more than KSh 999,999.99', undefined, 'amount_too_large')
    if (!URL.canParse(successUrl)) return invalid('Not a valid URL', 'success_url', 'url_invalid')
    if (!(expiresS >= nowS() + 1_740 && expiresS <= nowS() + 86_400))
      return invalid('The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.', 'expires_at')
    const session: SimulatedSession = {
      id: id('cs_test'),
      createdS: nowS(),
      expiresS,
      amount,
      currency,
      description: textOf(branchOf(price['product_data'])['name']) ?? '',
      successUrl,
      cancelUrl: textOf(form['cancel_url']) ?? successUrl,
      clientReferenceId: textOf(form['client_reference_id']) ?? null,
      metadata: textsOf(form['metadata']),
      email: textOf(form['customer_email']) ?? null,
      intent: {
        id: id('pi'),
        chargeId: id('ch'),
        createdS: nowS(),
        metadata: textsOf(branchOf(form['payment_intent_data'])['metadata']),
        amount,
        currency,
        status: 'requires_payment_method',
        declineCode: null,
        refundedAmount: 0,
        card: undefined,
      },
      status: 'open',
      paymentStatus: 'unpaid',
    }
    sessions.set(session.id, session)
    for (const old of sessions.keys()) {
      if (sessions.size <= mostKept) break
      sessions.delete(old)
    }
    return json(200, sessionView(session, pageUrl))
  }

  /** A page whose time is up closes itself, whoever looks. */
  function current(session: SimulatedSession): SimulatedSession {
    if (session.status === 'open' && session.expiresS <= nowS()) session.status = 'expired'
    return session
  }

  const missing = (what: string, which: string): SimulatedAnswer =>
    failure(404, 'invalid_request_error', 'resource_missing', `No such ${what}: '${which}'`)

  function readSession(which: string, query: StripeRequest['query']): SimulatedAnswer {
    const session = sessions.get(which)
    const isExpanded = Object.entries(query).some(
      ([name, value]) => name.startsWith('expand') && value?.startsWith('payment_intent') === true,
    )
    return session === undefined ? missing('checkout.session', which) : json(200, sessionView(current(session), pageUrl, isExpanded))
  }

  function readIntent(which: string): SimulatedAnswer {
    const intent = intentOf(which)
    return intent === undefined ? missing('payment_intent', which) : json(200, intentView(intent))
  }

  function readRefund(which: string): SimulatedAnswer {
    const refund = refunds.get(which)
    return refund === undefined ? missing('refund', which) : json(200, refundView(refund))
  }

  function expireByApi(which: string): SimulatedAnswer {
    const session = sessions.get(which)
    if (session === undefined) return missing('checkout.session', which)
    if (current(session).status !== 'open')
      return invalid(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      )
    session.status = 'expired'
    tell('checkout.session.expired', sessionView(session, pageUrl))
    return json(200, sessionView(session, pageUrl))
  }

  /** A page of a list, newest first. */
  function listed<Thing extends { id: string; createdS: number }>(
    things: Thing[],
    query: StripeRequest['query'],
    view: (thing: Thing) => object,
  ): SimulatedAnswer {
    const limit = Math.min(100, Math.max(1, Number(query['limit'] ?? 10)))
    const within = things
      .filter(
        ({ createdS }) =>
          createdS >= Number(query['created[gte]'] ?? 0) && createdS < Number(query['created[lt]'] ?? Number.MAX_SAFE_INTEGER),
      )
      .reverse()
    const from = query['starting_after'] === undefined ? 0 : within.findIndex((each) => each.id === query['starting_after']) + 1
    const page = within.slice(from, from + limit)
    return json(200, { object: 'list', url: '/v1', has_more: from + limit < within.length, data: page.map(view) })
  }

  function createRefund(form: FormTree): SimulatedAnswer {
    const intent = intentOf(textOf(form['payment_intent']) ?? textOf(form['charge']) ?? '')
    if (intent === undefined) return missing('payment_intent', textOf(form['payment_intent']) ?? '')
    if (intent.status !== 'succeeded')
      return invalid('This PaymentIntent does not have a successful charge to refund.', undefined, 'payment_intent_unexpected_state')
    const left = intent.amount - intent.refundedAmount
    if (left === 0) return invalid(`Charge ${intent.chargeId} has already been refunded.`, undefined, 'charge_already_refunded')
    const amount = form['amount'] === undefined ? left : Number(textOf(form['amount']))
    if (!Number.isSafeInteger(amount) || amount < 1) return invalid('Invalid integer', 'amount', 'amount_too_small')
    if (amount > left) return invalid('Refund amount is greater than unrefunded amount on charge', 'amount', 'amount_too_large')
    return json(200, refundView(openRefund(intent, amount, textsOf(form['metadata']), textOf(form['reason']) ?? null)))
  }

  function openRefund(
    intent: SimulatedIntent,
    amount: number,
    metadata: Readonly<Record<string, string>>,
    reason: string | null,
  ): SimulatedRefund {
    const refund: SimulatedRefund = {
      id: id('re'),
      createdS: nowS(),
      amount,
      currency: intent.currency,
      intentId: intent.id,
      chargeId: intent.chargeId,
      reason,
      metadata,
      status: knobs.refundStart === '' ? (intent.card?.refund === 'pending' ? 'pending' : 'succeeded') : knobs.refundStart,
      failureReason: knobs.refundStart === 'failed' ? 'declined' : null,
    }
    refunds.set(refund.id, refund)
    if (refund.status !== 'failed') intent.refundedAmount += amount
    tell('refund.created', refundView(refund))
    tell('charge.refunded', chargeView(intent))
    return refund
  }

  async function turnRefund(which: string, status: SimulatedRefund['status'], failureReason = 'lost_or_stolen_card'): Promise<void> {
    const refund = refunds.get(which)
    if (refund === undefined) return
    const isBack = status === 'failed' || status === 'canceled'
    const intent = intentOf(refund.intentId)
    if (isBack && refund.status !== 'failed' && refund.status !== 'canceled' && intent !== undefined) intent.refundedAmount -= refund.amount
    refund.status = status
    refund.failureReason = isBack ? failureReason : null
    await Promise.all([emit('refund.updated', refundView(refund)), ...(isBack ? [emit('refund.failed', refundView(refund))] : [])])
  }

  async function pay(sessionId: string, number: string): ReturnType<StripeSimulator['pay']> {
    const session = sessions.get(sessionId)
    const card = testCards[number.replace(/[\s-]/g, '')]
    if (session === undefined) return 'unknown_session'
    // What is paid is paid; a second press on a slow page changes nothing.
    if (current(session).status !== 'open') return 'closed'
    if (card === undefined) return 'unknown_card'
    session.intent.card = card
    if (card.outcome === 'declined') return await decline(session, card)
    if (card.outcome === 'paid') return await succeed(session)
    session.intent.status = 'requires_action'
    await emit('payment_intent.requires_action', intentView(session.intent))
    return 'asks_bank'
  }

  async function decline(session: SimulatedSession, card: TestCard): Promise<'declined'> {
    session.intent.status = 'requires_payment_method'
    session.intent.declineCode = card.declineCode ?? 'generic_decline'
    await emit('payment_intent.payment_failed', intentView(session.intent))
    return 'declined'
  }

  async function succeed(session: SimulatedSession): Promise<'paid'> {
    const { intent } = session
    intent.amount += knobs.extraAmount
    if (knobs.otherCurrency !== '') intent.currency = knobs.otherCurrency
    intent.status = 'succeeded'
    intent.declineCode = null
    session.status = 'complete'
    session.paymentStatus = 'paid'
    // Both tell of one payment, in an order nobody promises.
    const news = [
      { type: 'checkout.session.completed', thing: sessionView(session, pageUrl) },
      { type: 'payment_intent.succeeded', thing: intentView(intent) },
    ]
    for (const { type, thing } of knobs.eventOrder === 'intent_first' ? news.reverse() : news) await emit(type, thing)
    if (intent.card?.isDisputed === true) await openDispute(intent, 'needs_response')
    return 'paid'
  }

  async function confirm(sessionId: string): Promise<'paid' | 'declined' | 'closed'> {
    const session = sessions.get(sessionId)
    const card = session?.intent.card
    if (session === undefined || card === undefined || current(session).status !== 'open') return 'closed'
    return card.outcome === 'action_declined' ? await decline(session, card) : await succeed(session)
  }

  async function openDispute(intent: SimulatedIntent, status: SimulatedDispute['status']): Promise<string> {
    const dispute: SimulatedDispute = {
      id: id('dp'),
      createdS: nowS(),
      amount: intent.amount,
      currency: intent.currency,
      intentId: intent.id,
      chargeId: intent.chargeId,
      status,
    }
    disputes.set(dispute.id, dispute)
    await emit('charge.dispute.created', disputeView(dispute))
    if (!status.startsWith('warning_')) await emit('charge.dispute.funds_withdrawn', disputeView(dispute))
    return dispute.id
  }

  /** An event in Stripe's own form: indented, signed with a time. */
  function signed(type: string, thing: object, wish: { secret?: string; atS?: number; id?: string } = {}) {
    const eventId = wish.id ?? id('evt')
    const atS = wish.atS ?? nowS()
    const event = {
      id: eventId,
      object: 'event',
      api_version: version,
      created: nowS(),
      data: { object: thing },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
    }
    const body = JSON.stringify(event, undefined, 2)
    const signature = hmacHex('sha256', wish.secret ?? stripe.webhookSecrets[0] ?? '', `${atS}.${body}`)
    return {
      id: eventId,
      body,
      headers: { 'stripe-signature': `t=${atS},v1=${signature}`, 'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)' },
    }
  }

  async function emit(type: string, thing: object): Promise<void> {
    await courier.send({ ...signed(type, thing), eventType: type })
  }

  /** News of a call goes out beside its answer, as in life: which of the two comes first is not promised. */
  function tell(type: string, thing: object): void {
    const telling = emit(type, thing)
      .catch((error: unknown) => log.error({ error }, 'a simulated message was dropped'))
      .finally(() => underWay.delete(telling))
    underWay.add(telling)
  }

  return {
    knobs,
    call,
    sessions: () => [...sessions.values()].reverse().map(current),
    session: (which) => {
      const session = sessions.get(which)
      return session === undefined ? undefined : current(session)
    },
    pay,
    confirm,
    async expire(which) {
      const session = sessions.get(which)
      if (session === undefined || session.status !== 'open') return
      session.status = 'expired'
      await emit('checkout.session.expired', sessionView(session, pageUrl))
    },
    async cancelIntent(which) {
      const session = sessions.get(which)
      if (session === undefined || session.status !== 'open') return
      session.status = 'expired'
      session.intent.status = 'canceled'
      await emit('payment_intent.canceled', intentView(session.intent))
    },
    refunds: () => [...refunds.values()].reverse(),
    turnRefund,
    async refundAtDesk(intentId, amount) {
      const intent = intentOf(intentId)
      if (intent === undefined) throw new Error(`no such payment: ${intentId}`)
      return openRefund(intent, amount, {}, null).id
    },
    async dispute(intentId, status = 'needs_response') {
      const intent = intentOf(intentId)
      if (intent === undefined) throw new Error(`no such payment: ${intentId}`)
      return await openDispute(intent, status)
    },
    async turnDispute(which, status) {
      const dispute = disputes.get(which)
      if (dispute === undefined) return
      dispute.status = status
      const isClosed = status === 'won' || status === 'lost' || status === 'warning_closed'
      await emit(isClosed ? 'charge.dispute.closed' : 'charge.dispute.updated', disputeView(dispute))
    },
    signed,
    sent: () => courier.sent(),
    courier: () => courier,
    async told() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    turn: (wish) => Object.assign(knobs, wish),
    reset() {
      Object.assign(knobs, initialKnobs)
      for (const kept of [sessions, refunds, disputes, answers]) kept.clear()
      courier.reset()
    },
  }
}

const simulators = new WeakMap<object, StripeSimulator>()

/** The one simulator of a running shop, shared by its API routes and the card page. */
export function stripeSimulatorOf(context: {
  config: { stripe: StripeConfig | undefined; publicUrl: string }
  clock: Clock
  log: Log
}): StripeSimulator | undefined {
  const { stripe, publicUrl } = context.config
  if (stripe === undefined || !stripe.simulated) return undefined
  const webhookUrl = `${new URL(stripe.baseUrl).origin}/webhooks/stripe`
  const known =
    simulators.get(context) ?? createStripeSimulator({ stripe, webhookUrl, pageUrl: publicUrl, clock: context.clock, log: context.log })
  simulators.set(context, known)
  return known
}
