import { promoSentences, type PromoReason } from '../../domain/promotions/promo.rules.ts'

/** Whether a refusal names why a code does not count. */
export const isPromoReason = (reason: unknown): reason is PromoReason => typeof reason === 'string' && Object.hasOwn(promoSentences, reason)
