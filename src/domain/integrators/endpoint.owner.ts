import { type Actor, isStaff } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { admit } from '../../platform/http/actor-guard.ts'
import { vendorContext } from '../vendors/vendor-context.ts'
import type { EndpointOwner } from './change-endpoint.ts'

/**
 * Whose endpoints a request is about: of admins who name no vendor the shop's; of everybody else their vendor's, for its owner and
 * managers. Refuses like `vendorContext`.
 */
export function endpointOwner(actor: Actor, vendorId: string | undefined): EndpointOwner {
  if (isStaff(actor) && vendorId === undefined) {
    admit(actor, 'admin')
    return null
  }
  const chosen = vendorContext(actor, vendorId, 'manager').vendorId
  if (!isUuid(chosen)) throw new Refusal('not_found')
  return chosen
}
