import { eq } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { audit } from '../../../platform/audit.ts'
import type { VendorContext } from '../vendor-context.ts'
import { vendors } from '../vendor.table.ts'

/** What a vendor may say of itself. */
export interface VendorChange {
  readonly story?: string | undefined
  readonly town?: string | undefined
  readonly legalName?: string | undefined
  readonly kraPin?: string | undefined
  readonly payout?: { readonly method: 'mpesa' | 'bank'; readonly account: string } | undefined
}

/**
 * Changes what a vendor says of itself. Where its money goes is the owner's alone, and stands in the audit log with what it was.
 * Refuses with not_allowed; with invalid_input for an account of the wrong form.
 */
export async function changeVendor(context: Context, actor: PersonActor, vendor: VendorContext, change: VendorChange): Promise<void> {
  const { payout, ...rest } = change
  if (payout !== undefined && vendor.role !== 'owner')
    throw new Refusal('not_allowed', { detail: 'Only the owner may say where the money goes.' })
  if (payout !== undefined && !(payout.method === 'mpesa' ? /^254[17][0-9]{8}$/ : /^[0-9]{2}-[0-9]{3}-[0-9]{6,20}$/).test(payout.account))
    throw new Refusal('invalid_input', {
      fields: [{ path: '/body/payout/account', code: 'form', message: 'Write 254712345678, or 01-100-0123456789 for a bank.' }],
    })
  const values = {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(payout === undefined ? {} : { payoutMethod: payout.method, payoutAccount: payout.account }),
  }
  if (Object.keys(values).length === 0) return
  const now = context.clock.now()
  await context.db.transaction(async (tx) => {
    const [before] = await tx.select().from(vendors).where(eq(vendors.id, vendor.vendorId)).for('update')
    if (before === undefined) throw new Refusal('not_found')
    await tx.update(vendors).set(values).where(eq(vendors.id, vendor.vendorId))
    const was = Object.fromEntries(Object.keys(values).map((name) => [name, before[name as keyof typeof before]]))
    await audit(
      tx,
      { now, ids: context.ids, actor },
      { action: 'vendor.changed', target: vendor.vendorId, data: { before: was, after: values } },
    )
  })
}
