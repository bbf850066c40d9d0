/** Metadata comes back in as many forms as Paystack's own: what was sent, its JSON text, an empty text, or nothing. */
export const metadataForms = ['object', 'text', 'empty', 'null'] as const

/** One payment at the simulated Paystack. */
export interface SimulatedPayment {
  readonly id: number
  readonly reference: string
  readonly accessCode: string
  readonly email: string
  readonly callbackUrl: string | undefined
  readonly metadata: unknown
  readonly createdAt: Date
  /** Subunits. */
  readonly requested: number
  /** What was really taken: more than requested when the customer bears the fee. */
  amount: number
  currency: string
  status: 'abandoned' | 'ongoing' | 'pending' | 'success' | 'failed' | 'reversed'
  channel: 'card' | 'mobile_money'
  gatewayResponse: string
  fees: number | null
  paidAt: Date | undefined
  /** How a refund of it ends. */
  refundEnd: RefundStatus | undefined
}

/** Every state a refund may be in. */
export const refundStatuses = ['pending', 'processing', 'processed', 'failed', 'needs-attention'] as const

/** A state of a refund. */
export type RefundStatus = (typeof refundStatuses)[number]

/** One refund at the simulated Paystack. */
export interface SimulatedRefund {
  readonly id: number
  readonly payment: SimulatedPayment
  readonly amount: number
  readonly merchantNote: string
  readonly createdAt: Date
  /** Given by the processor, late. */
  refundReference: string | null
  status: RefundStatus
}

/** One dispute at the simulated Paystack. */
export interface SimulatedDispute {
  readonly id: number
  readonly payment: SimulatedPayment
  readonly amount: number
  readonly createdAt: Date
  status: 'awaiting-merchant-feedback' | 'awaiting-bank-feedback' | 'pending' | 'resolved' | 'archived'
  resolution: 'merchant-accepted' | 'declined' | 'auto-accepted' | null
}

/** How a payment looks on the wire, in answers and in `charge.success` alike. */
export const paymentView = (payment: SimulatedPayment, look: { domain: string; metadata: (typeof metadataForms)[number] }): object => ({
  id: payment.id,
  domain: look.domain,
  status: payment.status,
  reference: payment.reference,
  receipt_number: null,
  amount: payment.amount,
  requested_amount: payment.requested,
  message: null,
  gateway_response: payment.gatewayResponse,
  paid_at: payment.paidAt?.toISOString() ?? null,
  created_at: payment.createdAt.toISOString(),
  channel: payment.channel,
  currency: payment.currency,
  ip_address: '127.0.0.1',
  metadata: metadataView(payment.metadata, look.metadata),
  log: null,
  fees: payment.fees,
  fees_split: null,
  authorization:
    payment.status === 'success'
      ? {
          channel: payment.channel,
          bank: payment.channel === 'card' ? 'TEST BANK' : 'M-PESA',
          last4: payment.channel === 'card' ? '4081' : 'X678',
          country_code: 'KE',
          reusable: false,
        }
      : {},
  customer: { id: 181_873_746, email: payment.email, customer_code: 'CUS_sandbox', phone: null },
  plan: null,
  order_id: null,
})

function metadataView(metadata: unknown, form: (typeof metadataForms)[number]): unknown {
  switch (form) {
    case 'object':
      return metadata ?? ''
    case 'text':
      return JSON.stringify(metadata ?? '')
    case 'empty':
      return ''
    case 'null':
      return null
    default:
      return form satisfies never
  }
}

/** A refund in answers: the whole payment right after it was asked for, its bare id everywhere else. */
export const refundView = (refund: SimulatedRefund, domain: string, wholePayment?: object): object => ({
  id: refund.id,
  integration: 412_829,
  domain,
  transaction: wholePayment ?? refund.payment.id,
  transaction_reference: refund.payment.reference,
  dispute: null,
  amount: refund.amount,
  deducted_amount: 0,
  currency: refund.payment.currency,
  channel: null,
  fully_deducted: null,
  status: refund.status,
  refunded_by: 'sandbox',
  merchant_note: refund.merchantNote,
  customer_note: refund.merchantNote,
  createdAt: refund.createdAt.toISOString(),
  expected_at: new Date(refund.createdAt.getTime() + 864_000_000).toISOString(),
})

/** A refund in events: amount as text, no id of its own, and a processor's reference that comes late. */
export const refundEventData = (refund: SimulatedRefund, domain: string): object => ({
  status: refund.status,
  transaction_reference: refund.payment.reference,
  refund_reference: refund.refundReference,
  amount: String(refund.amount),
  currency: refund.payment.currency,
  processor: refund.payment.channel === 'card' ? 'test' : 'mpesa',
  customer: { first_name: null, last_name: null, email: refund.payment.email },
  integration: 412_829,
  domain,
})

/** A dispute, in answers and events. */
export const disputeView = (dispute: SimulatedDispute, domain: string, payment: object): object => ({
  id: dispute.id,
  refund_amount: dispute.amount,
  currency: dispute.payment.currency,
  status: dispute.status,
  resolution: dispute.resolution,
  domain,
  transaction: payment,
  transaction_reference: null,
  category: 'fraud',
  customer: { email: dispute.payment.email },
  dueAt: new Date(dispute.createdAt.getTime() + 172_800_000).toISOString(),
  resolvedAt: null,
  created_at: dispute.createdAt.toISOString(),
})

/** What the published test cards do (design: payments.md 3.8). Undefined: no such card. */
export function cardOutcome(number: string): { gatewayResponse: string; isPaid: boolean; refundEnd?: RefundStatus } | undefined {
  const card = number.replace(/[\s-]/g, '')
  const paid = { gatewayResponse: 'Successful', isPaid: true }
  const cards: Readonly<Record<string, { gatewayResponse: string; isPaid: boolean; refundEnd?: RefundStatus }>> = {
    '4084084084084081': paid,
    '507850785078507812': paid,
    '5060666666666666666': paid,
    '5192602720584796': paid,
    '4084080000005408': { gatewayResponse: 'Declined', isPaid: false },
    '507850785078507853': { gatewayResponse: 'Token Not Generated. Customer Not Registered on Token Platform', isPaid: false },
    '4084080000670037': { gatewayResponse: 'Insufficient Funds', isPaid: false },
    '4084080000671803': { ...paid, refundEnd: 'failed' },
    '4084080000671902': { ...paid, refundEnd: 'needs-attention' },
  }
  return cards[card]
}
