import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { enter } from '../../platform/http/actor-guard.ts'
import { vendorContext, type VendorContext, type VendorNeed } from './vendor-context.ts'
import { vendorExists } from './vendor.queries.ts'

/** The part of a query that names the vendor; spread it into the `query` of every route with `vendorScope`. */
export const vendorQuery = {
  vendorId: t.Optional(
    t.String({
      maxLength: 64,
      description: 'Which vendor. Left out by a member of one vendor; members of several and staff name one, here or as X-Vendor-Id.',
    }),
  ),
}

/** The refusals every route with `vendorScope` may answer, for its `problems(...)`. */
export const vendorRefusals = ['vendor_required', 'not_signed_in', 'not_allowed', 'not_found'] as const

/**
 * The `vendorScope` option of a route: it stands in place of `as`, admits members of a vendor (and staff) who hold what is asked for,
 * and hands the handler `vendor`, the one vendor the request acts for. Put `vendor.vendorId` into the condition of every query.
 */
export const vendorGuard = (context: Pick<Context, 'identify' | 'db'>) => {
  const chosen = new WeakMap<Request, { actor: Actor; vendor: VendorContext }>()
  return new Elysia({ name: 'vendor-guard' }).macro({
    vendorScope: (need: VendorNeed) => ({
      detail: { security: [{ bearer: [] }, { session: [] }], 'x-audience': 'vendor', 'x-vendor-scope': need } as object,
      async transform({ request, route }: { request: Request; route: string }) {
        const actor = await context.identify(request)
        enter(actor, 'vendor', { method: request.method, route })
        const vendor = vendorContext(actor, namedVendor(request), need)
        // Members were found among existing vendors; what staff name may be anything.
        if (vendor.role === 'shop' && !(isUuid(vendor.vendorId) && (await vendorExists(context.db, vendor.vendorId))))
          throw new Refusal('not_found')
        chosen.set(request, { actor, vendor })
      },
      resolve: ({ request }: { request: Request }) => chosen.get(request) as { actor: Actor; vendor: VendorContext },
    }),
  })
}

function namedVendor(request: Request): string | undefined {
  const names = [...new URL(request.url).searchParams.getAll('vendorId'), request.headers.get('x-vendor-id') ?? ''].filter(Boolean)
  if (new Set(names).size > 1) throw new Refusal('vendor_required', { detail: 'The request names two vendors. Name one.' })
  return names[0]
}
