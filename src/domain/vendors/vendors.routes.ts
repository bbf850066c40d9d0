import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { vendorGuard, vendorQuery, vendorRefusals } from './vendor-guard.ts'
import { vendorProfile } from './vendor.queries.ts'
import { MembershipList, ProfileShape } from './vendors.schema.ts'

/** Which shops somebody works for, and the shop itself. */
export const vendorsRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/vendor', tags: ['Vendors'] })
    .use(actorGuard(context.identify))
    .use(vendorGuard(context))
    .get(
      '/memberships',
      ({ actor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        return { items: asPerson(actor).vendors.map((member) => ({ ...member, scopes: [...member.scopes] })) }
      },
      {
        as: 'person',
        response: { 200: MembershipList, ...problems('not_signed_in') },
        detail: { operationId: 'listMemberships', summary: 'The vendors one works for, with role and scopes' },
      },
    )
    .get(
      '/profile',
      async ({ vendor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const profile = await vendorProfile(context.db, vendor.vendorId)
        if (profile === undefined) throw new Refusal('not_found')
        const { id, slug, name, story, town, status, commissionBasisPoints } = profile
        return { vendorId: id, slug, name, story, town, status: status as 'pending' | 'approved' | 'suspended', commissionBasisPoints }
      },
      {
        vendorScope: 'member',
        query: t.Object({ ...vendorQuery }),
        response: { 200: ProfileShape, ...problems(...vendorRefusals) },
        detail: { operationId: 'getVendorProfile', summary: 'The vendor as its members see it' },
      },
    )
