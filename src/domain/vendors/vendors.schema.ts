import { t } from 'elysia'
import { closed } from '../../platform/http/shapes.ts'

export const RoleShape = t.Union([t.Literal('owner'), t.Literal('manager'), t.Literal('staff')])
export const ScopeShape = t.Union([t.Literal('catalog'), t.Literal('orders'), t.Literal('delivery'), t.Literal('finance')])

export const MembershipList = closed({
  items: t.Array(
    closed({
      vendorId: t.String(),
      name: t.String({ examples: ['Kariokor Looms'] }),
      role: RoleShape,
      scopes: t.Array(ScopeShape, { description: 'Empty for an owner, who holds them all.' }),
    }),
  ),
})

export const ProfileShape = closed({
  vendorId: t.String(),
  slug: t.String({ examples: ['kariokor-looms'] }),
  name: t.String({ examples: ['Kariokor Looms'] }),
  story: t.String(),
  town: t.String(),
  status: t.Union([t.Literal('pending'), t.Literal('approved'), t.Literal('suspended')]),
  commissionBasisPoints: t.Number({ description: 'Hundredths of a percent; 200 is 2 %.' }),
})
