import { Elysia } from 'elysia'
import type { Actor, PersonActor } from '../../lib/actor.ts'
import { isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'

/** Who may enter a route. `anyone` includes guests; the rest need a signed-in person of that kind. */
export type Audience = 'anyone' | 'person' | 'driver' | 'vendor' | 'staff' | 'admin'

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
      async transform({ request }: { request: Request }) {
        const actor = await identify(request)
        admit(actor, audience)
        actors.set(request, actor)
      },
      resolve: ({ request }: { request: Request }) => ({ actor: actors.get(request) as Actor }),
    }),
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
    admin: actor.roles.includes('admin'),
  }[audience]
  if (!allowed) throw new Refusal('not_allowed')
}

/** Narrows to a signed-in person. Refuses with not_signed_in. */
export function asPerson(actor: Actor): PersonActor {
  if (actor.kind !== 'person') throw new Refusal('not_signed_in')
  return actor
}
