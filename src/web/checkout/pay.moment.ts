import type { PaymentStatus } from '../../domain/payments/transaction.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatTime } from '../../lib/time.ts'
import type { Tone } from '../parts/flash.tsx'

/** Where the paying of an order stands, in the words of the page (design: storefront.md 4.2). */
export interface PayMoment {
  /** Changes whenever the page must be drawn anew. */
  readonly key: string
  readonly tone: Tone
  readonly title: string
  readonly lines: readonly string[]
  /** Something may still happen by itself: the page keeps looking. */
  readonly isOpen: boolean
  /** The provider's page, on which the shopper goes on. */
  readonly continueUrl?: string
  readonly continueLabel?: string
  /** Seconds the prompt has left on the phone. */
  readonly leftS?: number
  /** Trying again is offered. */
  readonly canRetry: boolean
  /** The order came to nothing, and its clothes can go back into the bag. */
  readonly isOver: boolean
  readonly isPaid: boolean
}

/** What the moment is read from. */
export interface PayFacts {
  readonly orderState: string
  readonly orderNumber: string
  readonly totalMinor: bigint
  readonly status: PaymentStatus | undefined
  /** The number that was asked, as people write it. */
  readonly phone: string
  /** A second payment came for an order already paid. */
  readonly isPaidTwice: boolean
  readonly now: Date
}

/** How long a prompt lives on a phone, and how long M-Pesa usually takes to tell us (design: payments.md 4.3). */
const promptS = 60
const silenceS = 90
/** A request is out within a second or two; what takes longer waits for a provider that is slow or down. */
const slowS = 8

interface Way {
  /** What the shopper continues to. */
  readonly page: string
  /** Who confirms. */
  readonly who: string
  /** Where money goes back to. */
  readonly back: string
}
const mpesaWay: Way = { page: 'M-Pesa', who: 'M-Pesa', back: 'your M-Pesa' }
const ways: Readonly<Record<string, Way>> = {
  mpesa: mpesaWay,
  card: { page: 'card payment', who: 'Your bank', back: 'your card' },
  paystack: { page: 'Paystack', who: 'Paystack', back: 'where it came from' },
  paypal: { page: 'PayPal', who: 'PayPal', back: 'your PayPal account' },
}

/** How a way of paying is spoken of; of one that needs no page, as of M-Pesa. */
export const wayOf = (method: string | undefined): Way => ways[method ?? 'mpesa'] ?? mpesaWay
const isHosted = (status: PaymentStatus | undefined): boolean => status !== undefined && status.method !== 'mpesa' && status.method in ways

const notCharged = 'You have not been charged.'
const reasons: Readonly<Record<string, readonly [title: string, ...lines: string[]]>> = {
  insufficient_funds: ['There is not enough money in M-Pesa', `${notCharged} Top up, or pay from another number.`],
  wrong_pin: ['The PIN was not right', `${notCharged} Your clothes are still set aside.`],
  cancelled_by_customer: ['You cancelled the request', 'Nothing was paid, and your clothes are still set aside.'],
  no_answer: ['The request ran out of time', `Or your phone had no signal. ${notCharged}`],
  subscriber_locked: ['Another M-Pesa request is open on your phone', `Close it and wait a minute or two. ${notCharged}`],
  busy: ['M-Pesa is slow right now', `${notCharged} Wait half a minute, then try again.`],
  prompt_not_sent: ['M-Pesa could not reach your phone', `${notCharged} Check the number, or try again in half a minute.`],
  provider_unavailable: ['M-Pesa could not be reached', `${notCharged} Try again in a minute.`],
  page_expired: ['The payment page ran out of time', `${notCharged} Your clothes are still set aside.`],
  cancelled_at_provider: ['You cancelled the payment', 'Nothing was paid, and your clothes are still set aside.'],
  declined: ['The payment was declined', `${notCharged} Try again, or pay another way.`],
}

const closed = { isOpen: false, canRetry: false, isOver: false, isPaid: false } as const
const paidStates: ReadonlySet<string> = new Set(['paid', 'packed', 'on_the_road', 'delivered', 'returned'])

/** Reads the moment. Pure; a failure is only ever what the provider said, never a timer of ours. */
export function payMoment(facts: PayFacts): PayMoment {
  const { orderState, status } = facts
  // Goods that are paid at the door are packed and on the road before their money is there.
  const isDue = paidStates.has(orderState) && status !== undefined && status.stage !== 'paid'
  const moment = isDue || orderState === 'awaiting_payment' ? awaiting(facts) : paidStates.has(orderState) ? paid(facts) : over(facts)
  return { ...moment, key: `${moment.key}.${status?.transactionId.slice(-6) ?? 'none'}` }
}

function paid({ orderNumber, status, isPaidTwice, totalMinor }: PayFacts): PayMoment {
  const receipt = status?.receipt == null ? [] : [`Receipt ${status.receipt}.`]
  if (isPaidTwice)
    return {
      ...closed,
      key: 'twice',
      tone: 'warn',
      title: 'You paid twice',
      lines: [`Your order ${orderNumber} is paid.`, `We are returning ${formatMoney(totalMinor)} to ${wayOf(status?.method).back}.`],
      isPaid: true,
    }
  return {
    ...closed,
    key: 'paid',
    tone: 'ok',
    title: 'Paid. Thank you',
    lines: [...receipt, `Your order ${orderNumber} is on its way to you; a text message says the same.`],
    isPaid: true,
  }
}

function over({ orderState, status, totalMinor }: PayFacts): PayMoment {
  if (status?.stage === 'paid')
    return {
      ...closed,
      key: 'owed',
      tone: 'warn',
      title: 'Your money is coming back',
      lines: [
        `We received ${formatMoney(totalMinor)} after this order was closed, and cannot use it.`,
        `We are sending it back to ${wayOf(status.method).back}.`,
      ],
      isOver: true,
    }
  if (status?.stage === 'prompted' || status?.stage === 'confirming') return unknown()
  if (orderState === 'cancelled')
    return { ...closed, key: 'cancelled', tone: 'info', title: 'This order was cancelled', lines: ['Nothing was paid.'], isOver: true }
  return {
    ...closed,
    key: 'expired',
    tone: 'info',
    title: 'This order was not paid in time',
    lines: ['Nothing was paid, and the clothes went back on the shelf.'],
    isOver: true,
  }
}

function awaiting(facts: PayFacts): PayMoment {
  const { status, phone, totalMinor, now } = facts
  if (status?.method === 'cod' && (status.stage === 'sending' || status.stage === 'prompted'))
    return {
      ...closed,
      key: 'door',
      tone: 'ok',
      title: 'You pay at your door',
      lines: [`Have ${formatMoney(totalMinor)} ready, in cash or on M-Pesa. Your rider takes it before handing over.`],
    }
  if (status?.stage === 'sending' && status.openedAt !== undefined && now.getTime() - status.openedAt.getTime() >= slowS * 1_000)
    return {
      ...closed,
      key: 'slow',
      tone: 'info',
      title: `${wayOf(status.method).page} is slow right now`,
      // Once the call is out, only its answer is missing: money may move.
      lines: [
        status.promptedAt === null
          ? `${notCharged} We keep trying for you, and your clothes stay set aside.`
          : 'We wait for its answer. If a request comes, you can answer it; your clothes stay set aside.',
      ],
      isOpen: true,
    }
  if (status !== undefined && status.stage === 'sending' && isHosted(status))
    return {
      ...closed,
      key: 'opening',
      tone: 'info',
      title: `Opening the ${wayOf(status.method).page} page`,
      lines: ['A link to it appears here in a few seconds.'],
      isOpen: true,
    }
  if (status === undefined || status.stage === 'sending')
    return {
      ...closed,
      key: 'sending',
      tone: 'info',
      title: `Sending a request to ${phone}`,
      lines: ['It appears on your phone in a few seconds.'],
      isOpen: true,
    }
  switch (status.stage) {
    case 'prompted':
      return prompted(facts, status)
    case 'confirming':
    case 'paid':
      return {
        ...closed,
        key: 'confirming',
        tone: 'info',
        title: `${wayOf(status.method).who} is confirming`,
        lines: [isHosted(status) ? 'You agreed to pay, and we are making sure.' : 'We have heard from M-Pesa and are making sure.'],
        isOpen: true,
      }
    case 'review':
      return {
        ...closed,
        key: 'review',
        tone: 'warn',
        title: 'We are looking at this payment ourselves',
        lines: ['Something about it does not match your order. Do not pay again; we write to you by text message.'],
        isOpen: true,
      }
    case 'failed':
    case 'cancelled':
    case 'expired': {
      const isUnreached = status.reason === 'provider_unavailable' && isHosted(status)
      const [title, ...lines] = (isUnreached ? undefined : reasons[status.reason ?? '']) ?? [
        'The payment did not go through',
        `${notCharged} Your clothes are still set aside.`,
      ]
      const wait = status.canRetryAt !== null && status.canRetryAt > now ? [`Best from ${formatTime(status.canRetryAt)}.`] : []
      return {
        ...closed,
        key: `${status.stage}-${status.reason ?? 'none'}`,
        tone: 'bad',
        title,
        lines: [...lines, ...wait, `You can still pay ${formatMoney(totalMinor)}.`],
        canRetry: true,
      }
    }
  }
}

function prompted({ phone, totalMinor, now }: PayFacts, status: PaymentStatus): PayMoment {
  if (isHosted(status)) return hosted(totalMinor, status)
  const waitedS = status.promptedAt === null ? 0 : Math.max(0, Math.floor((now.getTime() - status.promptedAt.getTime()) / 1_000))
  if (waitedS >= silenceS) return unknown()
  if (waitedS >= promptS)
    return {
      ...closed,
      key: 'listening',
      tone: 'info',
      title: 'Waiting to hear from M-Pesa',
      lines: ['If you entered your PIN, there is nothing more to do.'],
      isOpen: true,
    }
  return {
    ...closed,
    key: 'prompted',
    tone: 'info',
    title: 'Check your phone',
    lines: [`Enter your M-Pesa PIN on ${phone} to pay ${formatMoney(totalMinor)} to Rahim.`, 'We will never ask for your PIN here.'],
    isOpen: true,
    leftS: promptS - waitedS,
  }
}

/** The shopper pays on a page of the provider; nothing here is on a timer, because that page has its own. */
function hosted(totalMinor: bigint, status: PaymentStatus): PayMoment {
  const { page } = wayOf(status.method)
  const asked = formatMoney(status.providerAmountMinor, status.providerCurrency)
  const amount = status.providerCurrency === status.currency ? asked : `${asked} (${formatMoney(totalMinor)})`
  if (status.nextUrl === null)
    return {
      ...closed,
      key: 'hosted-silent',
      tone: 'info',
      title: `Opening the ${page} page`,
      lines: ['A link to it appears here in a few seconds.'],
      isOpen: true,
    }
  return {
    ...closed,
    key: 'hosted',
    tone: 'info',
    title: `Continue to ${page}`,
    lines: [
      `You pay ${amount} on a secure page. We never see your card or your password.`,
      'Came back already? This page changes by itself when the payment is there.',
    ],
    isOpen: true,
    continueUrl: status.nextUrl,
    continueLabel: `Continue to ${page}`,
  }
}

const unknown = (): PayMoment => ({
  ...closed,
  key: 'unknown',
  tone: 'warn',
  title: 'We have not heard from M-Pesa yet',
  lines: [
    'If you get an M-Pesa message, you are fine: we confirm by text message. Do not pay again.',
    'We keep asking M-Pesa, and your clothes stay set aside while we do.',
  ],
  isOpen: true,
})
