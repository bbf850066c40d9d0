import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { isUuid } from '../../../lib/ids.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { sha256Hex } from '../../../lib/signature.ts'
import { audit } from '../../../platform/audit.ts'
import { applicationFiles, vendorApplications } from '../application.table.ts'
import { ownOpen } from './apply-to-sell.ts'
import { preparePaper } from './kyc.file.ts'

/** What a paper shows. */
export type PaperPurpose = 'identity' | 'kra_certificate' | 'business_permit'
const mostPapers = 3

/**
 * Keeps a paper of one's own open application, encrypted and out of the web's reach. Its name is thrown away: what somebody calls a file
 * is theirs, and a path in it is an attack. Refuses with not_found, file_refused, body_too_large, too_many_files.
 */
export async function keepPaper(
  context: Context,
  actor: PersonActor,
  applicationId: string,
  paper: { purpose: PaperPurpose; bytes: Uint8Array },
): Promise<string> {
  const [open] = isUuid(applicationId)
    ? await context.db.select({ id: vendorApplications.id }).from(vendorApplications).where(ownOpen(applicationId, actor.accountId))
    : []
  if (open === undefined) throw new Refusal('not_found')
  const prepared = await preparePaper(paper.bytes)
  const storedName = await context.vault.put(prepared.bytes)
  const id = context.ids.next()
  const now = context.clock.now()
  try {
    await context.db.transaction(async (tx) => {
      // Locked, so that papers sent at once are counted one after another.
      const [still] = await tx.select().from(vendorApplications).where(ownOpen(applicationId, actor.accountId)).for('update')
      if (still === undefined) throw new Refusal('not_found')
      const [kept] = await tx
        .select({ count: sql<number>`count(*)::int` })
        .from(applicationFiles)
        .where(sql`${applicationFiles.applicationId} = ${applicationId}::uuid`)
      if ((kept?.count ?? 0) >= mostPapers) throw new Refusal('too_many_files')
      await tx.insert(applicationFiles).values({
        id,
        applicationId,
        purpose: paper.purpose,
        mediaType: prepared.mediaType,
        bytes: prepared.bytes.length,
        sha256: sha256Hex(prepared.bytes),
        storedName,
        isQuarantined: prepared.isQuarantined,
        createdAt: now,
      })
      await audit(
        tx,
        { now, ids: context.ids, actor },
        { action: 'vendor_application.paper_kept', target: applicationId, data: { purpose: paper.purpose } },
      )
    })
  } catch (error) {
    // No row names the bytes, so nobody could ever find or delete them.
    await context.vault.remove(storedName)
    throw error
  }
  return id
}
