import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { PersonActor } from '../../../lib/actor.ts'
import { isUuid } from '../../../lib/ids.ts'
import { Refusal } from '../../../lib/refusal.ts'
import { audit } from '../../../platform/audit.ts'
import { applicationFiles } from '../application.table.ts'

/** A paper for staff; that they looked stands in the audit log before they see it. Refuses with not_found. */
export async function readPaper(
  context: Context,
  actor: PersonActor,
  applicationId: string,
  fileId: string,
): Promise<{ name: string; mediaType: string; bytes: Uint8Array }> {
  const now = context.clock.now()
  const [file] =
    isUuid(applicationId) && isUuid(fileId)
      ? await context.db
          .select()
          .from(applicationFiles)
          .where(
            and(eq(applicationFiles.id, fileId), eq(applicationFiles.applicationId, applicationId), isNull(applicationFiles.removedAt)),
          )
      : []
  const bytes = file === undefined ? undefined : await context.vault.get(file.storedName)
  if (file === undefined || bytes === undefined) throw new Refusal('not_found')
  await context.db.transaction(async (tx) => {
    await audit(
      tx,
      { now, ids: context.ids, actor },
      { action: 'vendor_application.paper_read', target: applicationId, data: { fileId, purpose: file.purpose } },
    )
  })
  return { name: `${file.purpose}-${file.id}.${file.mediaType === 'application/pdf' ? 'pdf' : 'webp'}`, mediaType: file.mediaType, bytes }
}
