import { sql } from 'drizzle-orm'
import { Refusal } from '../../../lib/refusal.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/db.ts'

/** A category as it is to be. */
export interface CategoryInput {
  readonly name: string
  readonly nameSw?: string | undefined
  /** Slug of the category above; none at the top. The tree has two floors. */
  readonly parent?: string | null | undefined
  readonly saying?: string | undefined
  readonly position?: number | undefined
}

/**
 * Writes a category under its slug, new or known. Names are words of the search for everything in it. A step. Refuses with
 * invalid_input for a parent that is unknown, below another, or the category itself.
 */
export async function saveCategory(tx: Tx, stamp: Stamp, slug: string, input: CategoryInput): Promise<void> {
  const wrong = new Refusal('invalid_input', {
    fields: [{ path: '/body/parent', code: 'unknown', message: 'Choose a category of the top floor.' }],
  })
  let parentId: string | null = null
  if (input.parent !== undefined && input.parent !== null) {
    const [parent] = await tx.execute<{ id: string }>(
      sql`select id from categories where slug = ${input.parent} and parent_id is null and slug <> ${slug} for share`,
    )
    const below = await tx.execute(sql`select 1 from categories k join categories c on c.id = k.parent_id where c.slug = ${slug} limit 1`)
    if (parent === undefined || below.length > 0) throw wrong
    parentId = parent.id
  }
  await tx.execute(sql`
    insert into categories (id, slug, parent_id, name, name_sw, saying, position)
    values (${stamp.ids.next()}::uuid, ${slug}, ${parentId}::uuid, ${input.name.trim()}, ${input.nameSw?.trim() ?? ''}, ${input.saying?.trim() ?? ''}, ${input.position ?? 0})
    on conflict (slug) do update set parent_id = excluded.parent_id, name = excluded.name, name_sw = excluded.name_sw, saying = excluded.saying, position = excluded.position`)
  await audit(tx, stamp, { action: 'category.saved', target: slug, data: { ...input } })
}
