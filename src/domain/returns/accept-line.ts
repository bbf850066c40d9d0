import { eq } from 'drizzle-orm'
import type { LinePart } from '../orders/line.parts.ts'
import type { Tx } from '../../platform/db.ts'
import { returnLines } from './return.table.ts'

/** Writes down what was really taken back of a line of a return, and what is paid back for it. A step. */
export async function acceptLine(
  tx: Tx,
  returnLineId: string,
  accepted: { readonly quantity: number; readonly isRestocked: boolean; readonly part: LinePart },
): Promise<void> {
  const { part } = accepted
  await tx
    .update(returnLines)
    .set({
      acceptedQuantity: accepted.quantity,
      isRestocked: accepted.isRestocked,
      refundMinor: part.paidMinor,
      discountMinor: part.discountMinor,
      vatMinor: part.vatMinor,
      commissionMinor: part.commissionMinor,
      commissionVatMinor: part.commissionVatMinor,
    })
    .where(eq(returnLines.id, returnLineId))
}
