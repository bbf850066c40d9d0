import { and, eq } from 'drizzle-orm'
import type { Stamp } from '../../lib/stamp.ts'
import type { Tx } from '../../platform/db.ts'
import { promoRedemptions } from './promo.table.ts'

/**
 * Gives an order's use of a code back, because the order came to nothing or uses it no more; the trigger lowers the code's counter.
 * A step; does nothing when none counts.
 */
export async function releasePromo(tx: Tx, stamp: Stamp, orderId: string): Promise<void> {
  await tx
    .update(promoRedemptions)
    .set({ state: 'released', releasedAt: stamp.now })
    .where(and(eq(promoRedemptions.orderId, orderId), eq(promoRedemptions.state, 'counted')))
}
