import { and, eq } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { parsePhone } from '../../../lib/phone.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { audit } from '../../../platform/audit.ts'
import { vendorApplications } from '../application.table.ts'

/** What an applicant says of the shop to be. */
export interface ApplicationWish {
  readonly name: string
  readonly legalName?: string | undefined
  readonly town: string
  readonly story?: string | undefined
  readonly phone: string
  readonly kraPin: string
}

/** Asks to sell here. Refuses with phone_invalid, and with application_open while an earlier one waits. Answers its id. */
export async function applyToSell(context: Context, actor: PersonActor, wish: ApplicationWish): Promise<string> {
  const phone = parsePhone(wish.phone)
  if (phone === undefined) throw new Refusal('phone_invalid')
  const id = context.ids.next()
  const now = context.clock.now()
  await context.db.transaction(async (tx) => {
    const added = await tx
      .insert(vendorApplications)
      .values({
        id,
        accountId: actor.accountId,
        name: wish.name.trim(),
        legalName: wish.legalName?.trim() ?? '',
        town: wish.town.trim(),
        story: wish.story?.trim() ?? '',
        phone,
        kraPin: wish.kraPin,
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: vendorApplications.id })
    if (added.length === 0) throw new Refusal('application_open')
    await audit(tx, { now, ids: context.ids, actor }, { action: 'vendor_application.made', target: id, data: { name: wish.name.trim() } })
  })
  return id
}

/** An open application of this very person, by id; what somebody else has is not there. */
export const ownOpen = (applicationId: string, accountId: string) =>
  and(eq(vendorApplications.id, applicationId), eq(vendorApplications.accountId, accountId), eq(vendorApplications.state, 'pending'))
