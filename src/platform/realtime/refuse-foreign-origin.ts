import { Refusal } from '../../lib/refusal.ts'
import type { Config } from '../config.ts'
import { isOwnOrigin } from '../http/front-door.ts'

/**
 * A WebSocket carries cookies across sites and no browser asks before, so a page of another site could listen in its visitor's
 * name; the Origin a browser sends must be our own. Refuses with `cross_site`.
 */
export function refuseForeignOrigin(config: Config, request: Request): void {
  const origin = request.headers.get('origin')
  // Native apps and scripts send none, and carry no cookie of somebody else's browser.
  if (origin === null) return
  if (origin !== new URL(config.publicUrl).origin && !isOwnOrigin(origin, request.headers.get('host') ?? ''))
    throw new Refusal('cross_site')
}
