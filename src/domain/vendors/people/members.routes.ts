import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import type { VendorScope } from '../../../lib/actor.ts'
import { actorGuard, asPerson } from '../../../platform/http/actor-guard.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { closed, Instant } from '../../../platform/http/shapes.ts'
import { vendorGuard, vendorQuery, vendorRefusals } from '../vendor-guard.ts'
import { RoleShape, ScopeShape } from '../vendors.schema.ts'
import { acceptInvite } from './accept-invite.ts'
import { changeMember } from './change-member.ts'
import { changeVendor } from './change-vendor.ts'
import { inviteMember } from './invite-member.ts'
import { invitesOf, membersOf } from './member.queries.ts'
import { revokeInvite } from './revoke-invite.ts'

const Member = closed({
  accountId: t.String(),
  name: t.String(),
  email: t.Union([t.String(), t.Null()]),
  role: RoleShape,
  scopes: t.Array(ScopeShape),
  since: Instant,
})
const Invite = closed({ id: t.String(), email: t.String(), role: RoleShape, scopes: t.Array(ScopeShape), expiresAt: Instant })
const Rights = {
  role: t.Union([t.Literal('manager'), t.Literal('staff')]),
  scopes: t.Array(ScopeShape, { maxItems: 4 }),
}
const ByAccount = t.Object({ accountId: t.String({ maxLength: 64 }) })
const Query = t.Object({ ...vendorQuery })
const body = ['malformed_json', 'unsupported_media_type'] as const
const Done = closed({ done: t.Literal(true) })
const done = { done: true as const }

/** Who works for a vendor, and what the vendor says of itself. */
export const membersRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/vendor', tags: ['Vendors'] })
    .use(actorGuard(context.identify))
    .use(vendorGuard(context))
    .patch(
      '/profile',
      async ({ actor, vendor, body: change }) => {
        await changeVendor(context, asPerson(actor), vendor, change)
        return done
      },
      {
        vendorScope: 'manager',
        query: Query,
        body: closed({
          story: t.Optional(t.String({ maxLength: 2_000 })),
          town: t.Optional(t.String({ minLength: 2, maxLength: 80 })),
          legalName: t.Optional(t.String({ maxLength: 120 })),
          kraPin: t.Optional(t.String({ pattern: '^[A-Z][0-9]{9}[A-Z]$' })),
          payout: t.Optional(
            closed({
              method: t.Union([t.Literal('mpesa'), t.Literal('bank')]),
              account: t.String({ maxLength: 40, description: '254712345678, or bank code, branch code and number: 01-100-0123456789.' }),
            }),
          ),
        }),
        response: { 200: Done, ...problems(...vendorRefusals, ...body, 'step_up_required') },
        detail: {
          operationId: 'changeVendor',
          summary: 'Change what the vendor says of itself',
          description: 'Where its money goes: the owner alone.',
        },
      },
    )
    .get(
      '/members',
      async ({ vendor, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const [members, invites] = await Promise.all([membersOf(context.db, vendor.vendorId), invitesOf(context.db, vendor.vendorId)])
        return {
          items: members.map((each) => ({ ...each, ...rightsOf(each), since: each.since.toISOString() })),
          invites: invites.map((each) => ({ id: each.id, email: each.email, ...rightsOf(each), expiresAt: each.expiresAt.toISOString() })),
        }
      },
      {
        vendorScope: 'manager',
        query: Query,
        response: { 200: closed({ items: t.Array(Member), invites: t.Array(Invite) }), ...problems(...vendorRefusals) },
        detail: { operationId: 'listMembers', summary: 'Who works for the vendor, and who is invited' },
      },
    )
    .post(
      '/invites',
      async ({ actor, vendor, body: wish, set }) => {
        set.status = 201
        return { id: await inviteMember(context, asPerson(actor), vendor, wish) }
      },
      {
        vendorScope: 'manager',
        query: Query,
        body: closed({ email: t.String({ format: 'email', maxLength: 254 }), ...Rights }),
        response: { 201: closed({ id: t.String() }), ...problems(...vendorRefusals, ...body, 'conflict') },
        detail: {
          operationId: 'inviteMember',
          summary: 'Invite somebody by e-mail',
          description: 'The link works once, for seven days, for the account of that address.',
        },
      },
    )
    .delete(
      '/invites/:id',
      async ({ actor, vendor, params }) => {
        await revokeInvite(context, asPerson(actor), vendor.vendorId, params.id)
        return done
      },
      {
        vendorScope: 'manager',
        query: Query,
        params: t.Object({ id: t.String({ maxLength: 64 }) }),
        response: { 200: Done, ...problems(...vendorRefusals) },
        detail: { operationId: 'revokeInvite', summary: 'Take an invite back' },
      },
    )
    .post(
      '/invites/acceptance',
      async ({ actor, body: { token } }) => ({ vendorId: await acceptInvite(context, asPerson(actor), token) }),
      {
        as: 'person',
        body: closed({ token: t.String({ minLength: 20, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' }) }),
        response: { 200: closed({ vendorId: t.String() }), ...problems('not_signed_in', 'not_allowed', 'gone', 'conflict', ...body) },
        detail: { operationId: 'acceptInvite', summary: 'Join a vendor by the link of an invite' },
      },
    )
    .put(
      '/members/:accountId',
      async ({ actor, vendor, params, body: change }) => {
        await changeMember(context, asPerson(actor), vendor, params.accountId, change)
        return done
      },
      {
        vendorScope: 'manager',
        query: Query,
        params: ByAccount,
        body: closed(Rights),
        response: { 200: Done, ...problems(...vendorRefusals, ...body) },
        detail: { operationId: 'changeMember', summary: 'Give a member another role or other scopes', description: 'It counts at once.' },
      },
    )
    .delete(
      '/members/:accountId',
      async ({ actor, vendor, params }) => {
        await changeMember(context, asPerson(actor), vendor, params.accountId, 'removed')
        return done
      },
      {
        vendorScope: 'member',
        query: Query,
        params: ByAccount,
        response: { 200: Done, ...problems(...vendorRefusals) },
        detail: { operationId: 'removeMember', summary: 'Remove a member, or leave', description: 'The owner stays.' },
      },
    )

const rightsOf = ({ role, scopes }: { role: string; scopes: readonly string[] }) => ({
  role: role as 'owner' | 'manager' | 'staff',
  scopes: scopes as VendorScope[],
})
