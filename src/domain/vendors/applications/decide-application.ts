import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { isUuid } from '../../../lib/ids.ts'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'
import { notify } from '../../notifications/notify.ts'
import { vendorMembers, vendors } from '../vendor.table.ts'
import { applicationFiles, vendorApplications } from '../application.table.ts'

/** What staff decide. A refusal says why; an approval says at which commission. */
export type ApplicationDecision =
  | { readonly decision: 'approved'; readonly commissionBasisPoints: number; readonly reason?: string | undefined }
  | { readonly decision: 'rejected'; readonly reason: string }

/**
 * Decides an application, once: an approved one becomes a vendor with the applicant as its owner, in the same commit. Nobody decides
 * their own. Refuses with not_found, not_allowed, application_decided, papers_missing for an approval without any paper.
 */
export async function decideApplication(
  context: Context,
  actor: PersonActor,
  applicationId: string,
  decision: ApplicationDecision,
): Promise<void> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  const applicantId = await context.db.transaction(async (tx) => {
    const [application] = isUuid(applicationId)
      ? await tx.select().from(vendorApplications).where(eq(vendorApplications.id, applicationId)).for('update')
      : []
    if (application === undefined) throw new Refusal('not_found')
    if (application.accountId === actor.accountId)
      throw new Refusal('not_allowed', { detail: 'Somebody else has to decide your own application.' })
    if (application.state !== 'pending') throw new Refusal('application_decided')
    const vendorId = decision.decision === 'approved' ? await openVendor(tx, stamp, application, decision.commissionBasisPoints) : null
    await tx
      .update(vendorApplications)
      .set({ state: decision.decision, decidedBy: actor.accountId, decidedAt: stamp.now, reason: decision.reason ?? '', vendorId })
      .where(and(eq(vendorApplications.id, application.id), eq(vendorApplications.state, 'pending')))
    await notify(tx, stamp, {
      accountId: application.accountId,
      event: 'vendor_application.updated',
      about: application.id,
      title: decision.decision === 'approved' ? `${application.name} may sell here` : `${application.name} was not approved`,
      message: decision.decision === 'approved' ? 'Welcome. Add your first product now.' : decision.reason,
      level: decision.decision === 'approved' ? 'success' : 'warning',
      url: '/vendor',
    })
    await audit(tx, stamp, {
      action: `vendor_application.${decision.decision}`,
      target: application.id,
      data: { name: application.name, vendorId, reason: decision.reason ?? '' },
    })
    return application.accountId
  })
  context.hub.recheck({ userId: applicantId })
  context.outbox.wake()
}

async function openVendor(
  tx: Tx,
  stamp: Stamp,
  application: typeof vendorApplications.$inferSelect,
  commissionBasisPoints: number,
): Promise<string> {
  const papers = await tx
    .select({ id: applicationFiles.id })
    .from(applicationFiles)
    .where(eq(applicationFiles.applicationId, application.id))
    .limit(1)
  if (papers.length === 0) throw new Refusal('papers_missing')
  const id = stamp.ids.next()
  await tx.insert(vendors).values({
    id,
    slug: await freeSlug(tx, application.name),
    name: application.name,
    legalName: application.legalName,
    story: application.story,
    town: application.town,
    kraPin: application.kraPin,
    phone: application.phone,
    payoutMethod: 'mpesa',
    payoutAccount: application.phone,
    commissionBasisPoints,
    status: 'approved',
    createdAt: stamp.now,
  })
  await tx.insert(vendorMembers).values({ vendorId: id, accountId: application.accountId, role: 'owner', createdAt: stamp.now })
  return id
}

/** `mama-njeri`, or `mama-njeri-2` where another shop is called so. */
async function freeSlug(tx: Tx, name: string): Promise<string> {
  const base =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'shop'
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`vendor slug ${base}`}))`)
  const taken = await tx.execute<{ slug: string }>(sql`select slug from vendors where slug = ${base} or slug like ${`${base}-%`}`)
  const slugs = new Set(taken.map((row) => row.slug))
  for (let number = 1; ; number++) {
    const slug = number === 1 ? base : `${base}-${number}`
    if (!slugs.has(slug)) return slug
  }
}
