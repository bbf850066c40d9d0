import { sql } from 'drizzle-orm'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { constraintOf } from '../../platform/db-error.ts'
import { type PromoReason, promoSentences } from './promo.rules.ts'

/** The order that uses a code, and the person behind it. */
export interface Redemption {
  readonly code: string
  readonly orderId: string
  readonly phone: string
  readonly accountId: string | null
  readonly discountMinor: bigint
}

/**
 * Counts one use of a code, in the order's commit. The trigger on the row does the counting: it raises the code's counter only while
 * there is room and the code runs, which makes all orders of the code take turns, and then gives the person the next free one of
 * their uses, which nobody else can be counting at that moment. Taken late, because it locks the code. A step. Refuses with
 * promo_refused and the reason.
 */
export async function redeemPromo(tx: Tx, stamp: Stamp, use: Redemption): Promise<void> {
  try {
    const counted = await tx.execute(sql`
      insert into promo_redemptions (id, promo_id, order_id, phone, account_id, phone_use, account_use, discount_minor, created_at)
      select ${stamp.ids.next()}::uuid, p.id, ${use.orderId}::uuid, ${use.phone}, ${use.accountId}::uuid, 1, null, ${use.discountMinor.toString()}::bigint, ${stamp.now.toISOString()}::timestamptz
      from promos p where p.code = ${use.code} returning id`)
    if (counted.length === 0) throw promoRefusal('promo_unknown')
  } catch (error) {
    const reason = constraintOf(error)
    throw reason !== undefined && reason in promoSentences ? promoRefusal(reason as PromoReason, error) : error
  }
}

/** The refusal for a code that gives nothing, with its stable reason. */
export const promoRefusal = (reason: PromoReason, cause?: unknown): Refusal =>
  new Refusal('promo_refused', { detail: promoSentences[reason], extra: { reason }, cause })
