import { scale } from '../../lib/money.ts'

/** What a code gives, and on which terms. Amounts are minor units and include VAT. */
export interface PromoTerms {
  readonly id: string
  readonly code: string
  readonly kind: 'percent' | 'amount' | 'free_delivery'
  readonly basisPoints: number | null
  readonly amountMinor: bigint | null
  readonly mostDiscountMinor: bigint | null
  readonly minimumMinor: bigint
  readonly startsAt: Date
  readonly endsAt: Date | null
  readonly totalLimit: number | null
  readonly perPersonLimit: number | null
  readonly usedCount: number
  readonly isActive: boolean
}

/** Why a code gives nothing right now. Stable: clients and pages branch on it. */
export type PromoReason =
  | 'promo_unknown'
  | 'promo_not_started'
  | 'promo_ended'
  | 'promo_used_up'
  | 'promo_used_by_you'
  | 'promo_minimum'
  | 'promo_nothing_to_reduce'

/** What a code takes off. */
export interface Reduction {
  readonly discountMinor: bigint
  readonly isDeliveryFree: boolean
}

/** Whether a code applies to a bag, and if not, why. */
export type PromoVerdict =
  | { readonly applies: true; readonly code: string; readonly reduction: Reduction }
  | { readonly applies: false; readonly code: string; readonly reason: PromoReason; readonly minimumMinor?: bigint }

/** The sentence for each reason. */
export const promoSentences: Readonly<Record<PromoReason, string>> = {
  promo_unknown: 'We do not know this code. Check the spelling.',
  promo_not_started: 'This code is not valid yet.',
  promo_ended: 'This code is no longer valid.',
  promo_used_up: 'This code has been used as often as it may be.',
  promo_used_by_you: 'You have used this code already.',
  promo_minimum: 'What you have chosen costs too little for this code.',
  promo_nothing_to_reduce: 'There is nothing this code could make cheaper.',
}

/** What the rules look at besides the terms. `personUses` counts the visitor's orders with it, where they are known. */
export interface PromoCase {
  readonly linesMinor: bigint
  readonly deliveryMinor: bigint
  readonly now: Date
  readonly personUses: number
}

/** Codes as people type them: any case, spaces around or inside. Undefined when it cannot be one. */
export function parsePromoCode(text: string): string | undefined {
  const code = text.replace(/\s+/g, '').toUpperCase()
  return /^[A-Z0-9][A-Z0-9-]{2,29}$/.test(code) ? code : undefined
}

/**
 * Judges a code for a bag. A percentage is rounded half up to whole shillings, because M-Pesa moves nothing smaller; no discount takes
 * more than the goods cost, and one shilling is always left to pay, because nothing cannot be paid. Pure.
 */
export function judgePromo(terms: PromoTerms, about: PromoCase): PromoVerdict {
  const no = (reason: PromoReason): PromoVerdict => ({ applies: false, code: terms.code, reason })
  if (about.now < terms.startsAt) return no('promo_not_started')
  if (!terms.isActive || (terms.endsAt !== null && about.now >= terms.endsAt)) return no('promo_ended')
  if (terms.totalLimit !== null && terms.usedCount >= terms.totalLimit) return no('promo_used_up')
  if (terms.perPersonLimit !== null && about.personUses >= terms.perPersonLimit) return no('promo_used_by_you')
  if (about.linesMinor < terms.minimumMinor)
    return { applies: false, code: terms.code, reason: 'promo_minimum', minimumMinor: terms.minimumMinor }
  const reduction = { discountMinor: discountOf(terms, about), isDeliveryFree: terms.kind === 'free_delivery' && about.deliveryMinor > 0n }
  if (reduction.discountMinor === 0n && !reduction.isDeliveryFree) return no('promo_nothing_to_reduce')
  return { applies: true, code: terms.code, reduction }
}

const shilling = 100n

function discountOf(terms: PromoTerms, { linesMinor, deliveryMinor }: PromoCase): bigint {
  if (terms.kind === 'free_delivery') return 0n
  const wished =
    terms.kind === 'amount'
      ? (terms.amountMinor ?? 0n)
      : least(scale(linesMinor, BigInt(terms.basisPoints ?? 0), 10_000n * shilling) * shilling, terms.mostDiscountMinor ?? linesMinor)
  const most = deliveryMinor >= shilling ? linesMinor : linesMinor - shilling
  return most <= 0n ? 0n : least(wished, most)
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)
