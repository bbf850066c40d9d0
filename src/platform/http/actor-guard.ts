import { Elysia } from 'elysia'
import type { Actor, PersonActor, Role } from '../../lib/actor.ts'
import { isStaff, staffRoles } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { requestScope } from './request-scope.ts'

/** Who may enter a route. `anyone` includes guests; the rest need a signed-in person of that kind. */
export type Audience = 'anyone' | 'person' | 'driver' | 'vendor' | 'staff' | 'finance' | 'admin'

/** Finds out who sent a request. */
export type Identify = (request: Request) => Promise<Actor>

/**
 * The `as` option of a route. The check runs in `transform`, before validation, so that a stranger hears 401 and not which fields
 * a private body has (design: stack.md 3.2). Use `asPerson(actor)` where the type must be a person's.
 */
export const actorGuard = (identify: Identify) => {
  const actors = new WeakMap<Request, Actor>()
  return new Elysia({ name: 'actor-guard' }).macro({
    as: (audience: Audience) => ({
      detail: { security: audience === 'anyone' ? [] : [{ bearer: [] }, { session: [] }], 'x-audience': audience } as object,
      async transform({ request, route }: { request: Request; route: string }) {
        const actor = await identify(request)
        enter(actor, audience, { method: request.method, route })
        actors.set(request, actor)
      },
      resolve: ({ request }: { request: Request }) => ({ actor: actors.get(request) as Actor }),
    }),
    // A page's form that does what an operation of the API does is under the same line of the policy table.
    does: (operationId: string) => ({ detail: { 'x-operation': operationId } as object }),
  })
}

/** Refuses with not_signed_in or not_allowed unless the actor belongs to the audience. */
export function admit(actor: Actor, audience: Audience): void {
  if (audience === 'anyone') return
  if (actor.kind !== 'person') throw new Refusal('not_signed_in')
  const allowed = {
    person: true,
    driver: actor.roles.includes('driver'),
    vendor: actor.vendors.length > 0 || isStaff(actor),
    staff: isStaff(actor),
    finance: actor.roles.includes('finance') || actor.roles.includes('admin'),
    admin: actor.roles.includes('admin'),
  }[audience]
  if (allowed) return
  // Told only to those whom a code would let in.
  const held = actor.suspendedRoles ?? []
  const openers: Partial<Record<Audience, readonly Role[]>> = {
    staff: staffRoles,
    vendor: staffRoles,
    finance: ['finance', 'admin'],
    admin: ['admin'],
  }
  const wouldDo = openers[audience] ?? []
  throw new Refusal(held.some((role) => wouldDo.includes(role)) ? 'second_factor_required' : 'not_allowed')
}

/**
 * The whole question at a door: the audience, then the line of the policy table for this route (scope of a key, freshness of a proof).
 * Every guard asks it. Refuses like `admit`, and with `scope_missing`, `step_up_required`.
 */
export function enter(actor: Actor, audience: Audience, door: { method: string; route: string }): void {
  const scope = requestScope()
  if (scope !== undefined) scope.sender = senderName(actor)
  admit(actor, audience)
  scope?.authorize?.(actor, door.method, door.route)
}

/** Under which name somebody's requests are counted. */
const senderName = (actor: Actor): string =>
  actor.kind !== 'person' ? 'guest' : actor.apiKey === undefined ? `account:${actor.accountId}` : `key:${actor.apiKey.id}`

/** Narrows to a signed-in person. Refuses with not_signed_in. */
export function asPerson(actor: Actor): PersonActor {
  if (actor.kind !== 'person') throw new Refusal('not_signed_in')
  return actor
}

/** Asks once a request, however many ask: the guard, the throttles and the route want to know the same. */
export function onceARequest(identify: Identify): Identify {
  const known = new WeakMap<Request, Promise<Actor>>()
  return (request) => {
    const before = known.get(request)
    if (before !== undefined) return before
    const asked = identify(request)
    known.set(request, asked)
    return asked
  }
}
