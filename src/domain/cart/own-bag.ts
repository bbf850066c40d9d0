import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { activeCart, type Cart } from './cart.queries.ts'
import { mergeCarts, type MergedLine } from './merge-carts.ts'

/** A visitor's bag, and what signing in brought into it just now. */
export interface OwnBag {
  readonly cart: Cart | undefined
  readonly merged: readonly MergedLine[]
}

/**
 * The visitor's bag. Somebody signed in who still carries a guest's bag gets it merged first, however they signed in: a bag is never
 * lost because a program, and not the sign-in page, asked for the session.
 */
export async function ownBag(context: Context, actor: Actor): Promise<OwnBag> {
  const merged = await bringGuestBag(context, actor)
  return { cart: await activeCart(context.db, actor), merged }
}

/** Merges the guest's bag of somebody who signed in, if they still carry one. */
export async function bringGuestBag(context: Context, actor: Actor): Promise<MergedLine[]> {
  if (actor.kind !== 'person' || actor.cartTokenHash === undefined) return []
  return await mergeCarts(context, actor.accountId, actor.cartTokenHash)
}
