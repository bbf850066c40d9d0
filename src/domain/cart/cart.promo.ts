import { judgePromo, type PromoCase, type PromoTerms, type PromoVerdict } from '../promotions/promo.rules.ts'

/** The code in a bag with its terms as they are now; no terms: nobody made such a code. */
export interface CartPromo {
  readonly code: string
  readonly terms: PromoTerms | undefined
  /** How often this account used it; 0 for a guest, whom only the phone number tells, at checkout. */
  readonly personUses: number
}

/** What the code in a bag does for these sums; undefined without a code. */
export function cartVerdict(
  cart: { readonly promo?: CartPromo | undefined } | undefined,
  about: Omit<PromoCase, 'personUses'>,
): PromoVerdict | undefined {
  const promo = cart?.promo
  if (promo === undefined) return undefined
  if (promo.terms === undefined) return { applies: false, code: promo.code, reason: 'promo_unknown' }
  return judgePromo(promo.terms, { ...about, personUses: promo.personUses })
}
