import { json, type SimulatedAnswer } from './mpesa.answers.ts'

/** An amount as PayPal writes it. */
export interface PaypalMoney {
  readonly currency_code: string
  readonly value: string
}

/** How captures may end. */
export const captureStatuses = ['COMPLETED', 'PENDING', 'DECLINED'] as const
/** How refunds may end. */
export const paypalRefundStatuses = ['COMPLETED', 'PENDING', 'FAILED'] as const

/** One order at the simulated PayPal. */
export interface SimulatedOrder {
  readonly id: string
  readonly createdAt: Date
  readonly amount: PaypalMoney
  readonly customId: string | undefined
  readonly invoiceId: string | undefined
  readonly description: string
  readonly brand: string
  readonly returnUrl: string
  readonly cancelUrl: string
  /** `payer-action` when the order names PayPal as payment source, `approve` for the older form. */
  readonly link: 'payer-action' | 'approve'
  status: 'CREATED' | 'PAYER_ACTION_REQUIRED' | 'APPROVED' | 'COMPLETED' | 'VOIDED'
  capture: SimulatedCapture | undefined
  /** What the payer asked to happen at the capture, on the page. */
  wish: (typeof captureStatuses)[number] | 'INSTRUMENT_DECLINED' | undefined
}

/** One capture. */
export interface SimulatedCapture {
  readonly id: string
  readonly order: SimulatedOrder
  amount: PaypalMoney
  readonly createdAt: Date
  status: 'COMPLETED' | 'PENDING' | 'DECLINED' | 'PARTIALLY_REFUNDED' | 'REFUNDED'
}

/** One refund. */
export interface SimulatedPaypalRefund {
  readonly id: string
  readonly capture: SimulatedCapture
  readonly amount: PaypalMoney
  readonly customId: string | undefined
  readonly invoiceId: string | undefined
  readonly createdAt: Date
  status: 'COMPLETED' | 'PENDING' | 'FAILED' | 'CANCELLED'
}

/** One dispute. */
export interface SimulatedPaypalDispute {
  readonly id: string
  readonly capture: SimulatedCapture
  readonly createdAt: Date
  stage: 'INQUIRY' | 'CHARGEBACK'
  status: 'OPEN' | 'WAITING_FOR_SELLER_RESPONSE' | 'RESOLVED'
  outcome: string | undefined
}

/** Seventeen capitals and digits, like the real ones. */
export function paypalId(): string {
  const signs = 'ABCDEFGHJKLMNPRSTUVWXY0123456789'
  return Array.from(crypto.getRandomValues(new Uint8Array(17)), (byte) => signs[byte % signs.length]).join('')
}

/** An error in PayPal's form. */
export const paypalProblem = (status: number, name: string, issue: string, description = 'See the issue'): SimulatedAnswer =>
  json(status, problemBody(name, issue, description))

/** The body of an error. */
export const problemBody = (name: string, issue: string, description = 'See the issue'): object => ({
  name,
  message: description,
  debug_id: crypto.randomUUID().replaceAll('-', '').slice(0, 13),
  details: [{ field: '/', location: 'body', issue, description }],
  links: [],
})

/** Cents of a money text with two decimals; undefined for anything else. */
export const centsOf = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d{1,9}\.\d{2}$/.test(value) ? Number(value.replace('.', '')) : undefined

/** Money of cents. */
export const moneyOf = (cents: number, currency: string): PaypalMoney => ({
  currency_code: currency,
  value: `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`,
})

/** An order in answers and events. */
export const orderView = (order: SimulatedOrder, addresses: { apiUrl: string; pageUrl: string }): object => ({
  id: order.id,
  intent: 'CAPTURE',
  status: order.status,
  purchase_units: [
    {
      reference_id: 'default',
      amount: order.amount,
      ...(order.customId === undefined ? {} : { custom_id: order.customId }),
      ...(order.invoiceId === undefined ? {} : { invoice_id: order.invoiceId }),
      description: order.description,
      ...(order.capture === undefined ? {} : { payments: { captures: [captureView(order.capture)] } }),
    },
  ],
  create_time: order.createdAt.toISOString(),
  links: [
    { href: `${addresses.apiUrl}/v2/checkout/orders/${order.id}`, rel: 'self', method: 'GET' },
    ...(order.status === 'CREATED' || order.status === 'PAYER_ACTION_REQUIRED'
      ? [{ href: approvalUrl(order, addresses.pageUrl), rel: order.link, method: 'GET' }]
      : []),
    ...(order.status === 'APPROVED'
      ? [{ href: `${addresses.apiUrl}/v2/checkout/orders/${order.id}/capture`, rel: 'capture', method: 'POST' }]
      : []),
  ],
})

/** Where the payer approves. */
export const approvalUrl = (order: SimulatedOrder, pageUrl: string): string => `${pageUrl}/sandbox/paypal/checkoutnow?token=${order.id}`

/** A capture in answers and events. */
export const captureView = (capture: SimulatedCapture): object => {
  const cents = centsOf(capture.amount.value) ?? 0
  const fee = Math.round(cents * 0.039) + 30
  return {
    id: capture.id,
    status: capture.status,
    ...(capture.status === 'PENDING' ? { status_details: { reason: 'PENDING_REVIEW' } } : {}),
    amount: capture.amount,
    final_capture: true,
    ...(capture.order.customId === undefined ? {} : { custom_id: capture.order.customId }),
    ...(capture.order.invoiceId === undefined ? {} : { invoice_id: capture.order.invoiceId }),
    ...(capture.status === 'PENDING' || capture.status === 'DECLINED'
      ? {}
      : {
          seller_receivable_breakdown: {
            gross_amount: capture.amount,
            paypal_fee: moneyOf(fee, capture.amount.currency_code),
            net_amount: moneyOf(Math.max(0, cents - fee), capture.amount.currency_code),
          },
        }),
    supplementary_data: { related_ids: { order_id: capture.order.id } },
    create_time: capture.createdAt.toISOString(),
    update_time: capture.createdAt.toISOString(),
  }
}

/** A refund in answers and events; its capture stands only in a link. */
export const paypalRefundView = (refund: SimulatedPaypalRefund, apiUrl: string): object => ({
  id: refund.id,
  status: refund.status,
  amount: refund.amount,
  ...(refund.customId === undefined ? {} : { custom_id: refund.customId }),
  ...(refund.invoiceId === undefined ? {} : { invoice_id: refund.invoiceId }),
  create_time: refund.createdAt.toISOString(),
  update_time: refund.createdAt.toISOString(),
  links: [
    { href: `${apiUrl}/v2/payments/refunds/${refund.id}`, rel: 'self', method: 'GET' },
    { href: `${apiUrl}/v2/payments/captures/${refund.capture.id}`, rel: 'up', method: 'GET' },
  ],
})

/** A dispute in answers and events. */
export const paypalDisputeView = (dispute: SimulatedPaypalDispute): object => ({
  dispute_id: dispute.id,
  create_time: dispute.createdAt.toISOString(),
  disputed_transactions: [
    {
      seller_transaction_id: dispute.capture.id,
      ...(dispute.capture.order.customId === undefined ? {} : { custom: dispute.capture.order.customId }),
      ...(dispute.capture.order.invoiceId === undefined ? {} : { invoice_number: dispute.capture.order.invoiceId }),
    },
  ],
  reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
  status: dispute.status,
  dispute_amount: dispute.capture.amount,
  dispute_life_cycle_stage: dispute.stage,
  seller_response_due_date: new Date(dispute.createdAt.getTime() + 864_000_000).toISOString(),
  ...(dispute.outcome === undefined ? {} : { dispute_outcome: { outcome_code: dispute.outcome } }),
})
