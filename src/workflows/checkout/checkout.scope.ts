import type { Actor } from '../../lib/actor.ts'

/** Whose Idempotency-Keys these are: one account's or one bag's, so that a key of one visitor never answers another. */
export const checkoutScope = (actor: Actor): string =>
  actor.kind === 'person'
    ? `checkout person:${actor.accountId}`
    : actor.kind === 'guest'
      ? `checkout guest:${actor.cartTokenHash ?? 'none'}`
      : 'checkout system'
