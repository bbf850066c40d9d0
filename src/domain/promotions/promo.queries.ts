import { and, count, desc, eq, lt, or } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import { isUuid } from '../../lib/ids.ts'
import type { PromoTerms } from './promo.rules.ts'
import { promoRedemptions, promos } from './promo.table.ts'

/** A code as the database holds it. */
export type PromoRow = typeof promos.$inferSelect

/** A code by how it is written, or undefined. */
export async function findPromo(db: DbOrTx, code: string): Promise<PromoTerms | undefined> {
  const [row] = await db.select().from(promos).where(eq(promos.code, code))
  return row === undefined ? undefined : termsOf(row)
}

/** The terms of a row. */
export const termsOf = (row: PromoRow): PromoTerms => ({ ...row, kind: row.kind as PromoTerms['kind'] })

/** One page of codes, newest first, for staff. */
export async function listPromos(
  db: DbOrTx,
  filter: { cursor: string | undefined; limit: number },
): Promise<{ items: PromoRow[]; nextCursor: string | null }> {
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, 2)
  const at = new Date(String(after?.[0]))
  const id = String(after?.[1])
  const isUsable = after !== undefined && isUuid(id) && !Number.isNaN(at.getTime())
  const found = await db
    .select()
    .from(promos)
    .where(isUsable ? or(lt(promos.createdAt, at), and(eq(promos.createdAt, at), lt(promos.id, id))) : undefined)
    .orderBy(desc(promos.createdAt), desc(promos.id))
    .limit(filter.limit + 1)
  const items = found.slice(0, filter.limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: found.length > filter.limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null,
  }
}

/** How often one account's orders count for a code. */
export async function usesOfAccount(db: DbOrTx, promoId: string, accountId: string): Promise<number> {
  const [row] = await db
    .select({ uses: count() })
    .from(promoRedemptions)
    .where(and(eq(promoRedemptions.promoId, promoId), eq(promoRedemptions.accountId, accountId), eq(promoRedemptions.state, 'counted')))
  return row?.uses ?? 0
}
