import { sql } from 'drizzle-orm'
import { derivedDigits, equalInConstantTime } from '../../lib/signature.ts'
import type { Tx } from '../../platform/db.ts'
import { deliveries } from './delivery.table.ts'

/** How often a driver may guess; after that the dispatcher closes the delivery (design: storefront.md 4.4). */
export const dropOffTries = 5

/** The four digits the shopper reads out at the door. Derived, never stored; the driver never sees them. */
export const dropOffCode = (appSecret: string, deliveryId: string): string => derivedDigits(appSecret, 'drop-off', deliveryId)

/** What a guess came to. */
export interface CodeVerdict {
  readonly isRight: boolean
  readonly triesLeft: number
}

/**
 * Uses one of the tries up and compares. The try is counted before the comparison and must be committed even when the code is
 * wrong, so that many guesses at once are still five. A step.
 */
export async function tryDropOffCode(tx: Tx, appSecret: string, deliveryId: string, code: string): Promise<CodeVerdict> {
  const [row] = await tx
    .update(deliveries)
    .set({ codeTries: sql`${deliveries.codeTries} + 1` })
    .where(sql`${deliveries.id} = ${deliveryId}::uuid and ${deliveries.codeTries} < ${dropOffTries}`)
    .returning({ tries: deliveries.codeTries })
  if (row === undefined) return { isRight: false, triesLeft: 0 }
  return { isRight: equalInConstantTime(code, dropOffCode(appSecret, deliveryId)), triesLeft: dropOffTries - row.tries }
}
