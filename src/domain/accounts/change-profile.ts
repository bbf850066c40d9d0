import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { accounts } from './account.table.ts'
import { consents } from './consent.table.ts'
import { termsVersion } from './register.ts'

/** Changes the actor's own name, and whether letters about offers are wanted, which is kept as a consent with its day. */
export async function changeProfile(
  context: Context,
  actor: PersonActor,
  change: { name?: string | undefined; wantsNews?: boolean | undefined },
): Promise<void> {
  const createdAt = context.clock.now()
  await context.db.transaction(async (tx) => {
    if (change.name !== undefined) await tx.update(accounts).set({ name: change.name.trim() }).where(eq(accounts.id, actor.accountId))
    if (change.wantsNews !== undefined)
      await tx.insert(consents).values({
        id: context.ids.next(),
        accountId: actor.accountId,
        kind: 'news',
        version: termsVersion,
        isGiven: change.wantsNews,
        createdAt,
      })
  })
}
