import { moneyView } from '../../lib/money.ts'
import { type PromoVerdict, promoSentences } from './promo.rules.ts'

/** What a code does, on the wire. */
export const promoView = (verdict: PromoVerdict | undefined) =>
  verdict === undefined
    ? null
    : {
        code: verdict.code,
        applies: verdict.applies,
        reason: verdict.applies ? null : verdict.reason,
        message: verdict.applies ? '' : promoSentences[verdict.reason],
        discount: moneyView(verdict.applies ? verdict.reduction.discountMinor : 0n),
        isDeliveryFree: verdict.applies && verdict.reduction.isDeliveryFree,
        minimum: verdict.applies || verdict.minimumMinor === undefined ? null : moneyView(verdict.minimumMinor),
      }
