import type { PaymentStatus } from '../../domain/payments/transaction.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatTime } from '../../lib/time.ts'
import { payWords } from '../i18n/pay.words.ts'
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
const hostedWays: ReadonlySet<string> = new Set(['card', 'paystack', 'paypal'])

/** How a way of paying is spoken of; of one that needs no page, as of M-Pesa. */
export function wayOf(method: string | undefined): Way {
  const words = payWords()
  const way = method !== undefined && hostedWays.has(method) ? (method as 'card' | 'paystack' | 'paypal') : 'mpesa'
  return { page: words[`${way}Page`], who: words[`${way}Who`], back: words[`${way}Back`] }
}
const isHosted = (status: PaymentStatus | undefined): boolean => status !== undefined && hostedWays.has(status.method)

/** Why a payment came to nothing, as its title and what is said below it. */
function reasonOf(reason: string): readonly [title: string, ...lines: string[]] | undefined {
  const words = payWords()
  const not = (text: string): string => `${words.notCharged} ${text}`
  const reasons: Readonly<Record<string, readonly [title: string, ...lines: string[]]>> = {
    insufficient_funds: [words.insufficientFunds, not(words.insufficientFundsText)],
    wrong_pin: [words.wrongPin, not(words.setAside)],
    cancelled_by_customer: [words.cancelledByCustomer, words.nothingPaid],
    no_answer: [words.noAnswer, `${words.noAnswerText} ${words.notCharged}`],
    subscriber_locked: [words.subscriberLocked, `${words.subscriberLockedText} ${words.notCharged}`],
    busy: [words.busy, not(words.busyText)],
    prompt_not_sent: [words.promptNotSent, not(words.promptNotSentText)],
    provider_unavailable: [words.providerUnavailable, not(words.providerUnavailableText)],
    page_expired: [words.pageExpired, not(words.setAside)],
    cancelled_at_provider: [words.cancelledAtProvider, words.nothingPaid],
    declined: [words.declined, not(words.declinedText)],
  }
  return Object.hasOwn(reasons, reason) ? reasons[reason] : undefined
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
  const words = payWords()
  const receipt = status?.receipt == null ? [] : [words.receipt(status.receipt)]
  if (isPaidTwice)
    return {
      ...closed,
      key: 'twice',
      tone: 'warn',
      title: words.twice,
      lines: [words.twiceOrder(orderNumber), words.twiceBack(formatMoney(totalMinor), wayOf(status?.method).back)],
      isPaid: true,
    }
  return {
    ...closed,
    key: 'paid',
    tone: 'ok',
    title: words.paid,
    lines: [...receipt, words.paidText(orderNumber)],
    isPaid: true,
  }
}

function over({ orderState, status, totalMinor }: PayFacts): PayMoment {
  const words = payWords()
  if (status?.stage === 'paid')
    return {
      ...closed,
      key: 'owed',
      tone: 'warn',
      title: words.owed,
      lines: [words.owedText(formatMoney(totalMinor)), words.owedBack(wayOf(status.method).back)],
      isOver: true,
    }
  if (status?.stage === 'prompted' || status?.stage === 'confirming') return unknown()
  if (orderState === 'cancelled')
    return { ...closed, key: 'cancelled', tone: 'info', title: words.cancelled, lines: [words.cancelledText], isOver: true }
  return {
    ...closed,
    key: 'expired',
    tone: 'info',
    title: words.expired,
    lines: [words.expiredText],
    isOver: true,
  }
}

function awaiting(facts: PayFacts): PayMoment {
  const { status, phone, totalMinor, now } = facts
  const words = payWords()
  if (status?.method === 'cod' && (status.stage === 'sending' || status.stage === 'prompted'))
    return {
      ...closed,
      key: 'door',
      tone: 'ok',
      title: words.door,
      lines: [words.doorText(formatMoney(totalMinor))],
    }
  if (status?.stage === 'sending' && status.openedAt !== undefined && now.getTime() - status.openedAt.getTime() >= slowS * 1_000)
    return {
      ...closed,
      key: 'slow',
      tone: 'info',
      title: words.slow(wayOf(status.method).page),
      // Once the call is out, only its answer is missing: money may move.
      lines: [status.promptedAt === null ? `${words.notCharged} ${words.slowUnsent}` : words.slowSent],
      isOpen: true,
    }
  if (status !== undefined && status.stage === 'sending' && isHosted(status))
    return {
      ...closed,
      key: 'opening',
      tone: 'info',
      title: words.opening(wayOf(status.method).page),
      lines: [words.openingText],
      isOpen: true,
    }
  if (status === undefined || status.stage === 'sending')
    return {
      ...closed,
      key: 'sending',
      tone: 'info',
      title: words.sending(phone),
      lines: [words.sendingText],
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
        title: words.confirming(wayOf(status.method).who),
        lines: [isHosted(status) ? words.confirmingHosted : words.confirmingMpesa],
        isOpen: true,
      }
    case 'review':
      return {
        ...closed,
        key: 'review',
        tone: 'warn',
        title: words.review,
        lines: [words.reviewText],
        isOpen: true,
      }
    case 'failed':
    case 'cancelled':
    case 'expired': {
      const isUnreached = status.reason === 'provider_unavailable' && isHosted(status)
      const [title, ...lines] = (isUnreached ? undefined : reasonOf(status.reason ?? '')) ?? [
        words.failed,
        `${words.notCharged} ${words.setAside}`,
      ]
      const wait = status.canRetryAt !== null && status.canRetryAt > now ? [words.bestFrom(formatTime(status.canRetryAt))] : []
      return {
        ...closed,
        key: `${status.stage}-${status.reason ?? 'none'}`,
        tone: 'bad',
        title,
        lines: [...lines, ...wait, words.stillPay(formatMoney(totalMinor))],
        canRetry: true,
      }
    }
  }
}

function prompted({ phone, totalMinor, now }: PayFacts, status: PaymentStatus): PayMoment {
  const words = payWords()
  if (isHosted(status)) return hosted(totalMinor, status)
  const waitedS = status.promptedAt === null ? 0 : Math.max(0, Math.floor((now.getTime() - status.promptedAt.getTime()) / 1_000))
  if (waitedS >= silenceS) return unknown()
  if (waitedS >= promptS)
    return {
      ...closed,
      key: 'listening',
      tone: 'info',
      title: words.listening,
      lines: [words.listeningText],
      isOpen: true,
    }
  return {
    ...closed,
    key: 'prompted',
    tone: 'info',
    title: words.prompted,
    lines: [words.promptedText(phone, formatMoney(totalMinor)), words.promptedPin],
    isOpen: true,
    leftS: promptS - waitedS,
  }
}

/** The shopper pays on a page of the provider; nothing here is on a timer, because that page has its own. */
function hosted(totalMinor: bigint, status: PaymentStatus): PayMoment {
  const words = payWords()
  const { page } = wayOf(status.method)
  const asked = formatMoney(status.providerAmountMinor, status.providerCurrency)
  const amount = status.providerCurrency === status.currency ? asked : `${asked} (${formatMoney(totalMinor)})`
  if (status.nextUrl === null)
    return {
      ...closed,
      key: 'hosted-silent',
      tone: 'info',
      title: words.opening(page),
      lines: [words.openingText],
      isOpen: true,
    }
  return {
    ...closed,
    key: 'hosted',
    tone: 'info',
    title: words.hosted(page),
    lines: [words.hostedText(amount), words.hostedBack],
    isOpen: true,
    continueUrl: status.nextUrl,
    continueLabel: words.hosted(page),
  }
}

const unknown = (): PayMoment => ({
  ...closed,
  key: 'unknown',
  tone: 'warn',
  title: payWords().unknown,
  lines: [payWords().unknownText, payWords().unknownKeep],
  isOpen: true,
})
