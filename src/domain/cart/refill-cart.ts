import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { addToCart } from './add-to-cart.ts'

/** What came back into the bag, and what could not. */
export interface Refilled {
  readonly newToken: string | undefined
  readonly taken: number
  readonly missing: number
}

/**
 * Puts what was in an order that came to nothing back into the visitor's bag, as far as it is still there: a payment that failed
 * must not cost the shopper the work of choosing. A line that cannot be had is counted, not an error.
 */
export async function refillCart(
  context: Context,
  actor: Actor,
  items: readonly { variantId: string; quantity: number }[],
): Promise<Refilled> {
  let owner = actor
  let newToken: string | undefined
  let taken = 0
  for (const item of items) {
    try {
      const added = await addToCart(context, owner, item)
      taken++
      if (added.newToken !== undefined) {
        newToken = added.newToken
        owner = { kind: 'guest', cartTokenHash: sha256Hex(added.newToken) }
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error
    }
  }
  return { newToken, taken, missing: items.length - taken }
}
