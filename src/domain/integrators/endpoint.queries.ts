import { and, asc, desc, eq, inArray, isNull, lt } from 'drizzle-orm'
import { isUuid } from '../../lib/ids.ts'
import { decodeCursor, encodeCursor } from '../../lib/page-cursor.ts'
import type { DbOrTx } from '../../platform/db.ts'
import type { EndpointOwner } from './change-endpoint.ts'
import { webhookAttempts, webhookDeliveries, webhookEndpoints, webhookMessages } from './webhook-endpoint.table.ts'

const ownedBy = (owner: EndpointOwner) =>
  and(owner === null ? isNull(webhookEndpoints.vendorId) : eq(webhookEndpoints.vendorId, owner), isNull(webhookEndpoints.removedAt))

/** The endpoints of an owner, oldest first. */
export const endpointsOf = async (db: DbOrTx, owner: EndpointOwner) =>
  await db.select().from(webhookEndpoints).where(ownedBy(owner)).orderBy(asc(webhookEndpoints.id)).limit(100)

/** One page of what was sent to an endpoint, newest first, with every try; undefined for an endpoint that is not the owner's. */
export async function deliveriesOf(
  db: DbOrTx,
  owner: EndpointOwner,
  endpointId: string,
  page: { cursor?: string | undefined; limit: number },
) {
  const [endpoint] = isUuid(endpointId)
    ? await db
        .select({ id: webhookEndpoints.id })
        .from(webhookEndpoints)
        .where(and(ownedBy(owner), eq(webhookEndpoints.id, endpointId)))
    : []
  if (endpoint === undefined) return undefined
  const [last] = page.cursor === undefined ? [] : (decodeCursor(page.cursor, 1) ?? [])
  const rows = await db
    .select({ delivery: webhookDeliveries, message: webhookMessages })
    .from(webhookDeliveries)
    .innerJoin(webhookMessages, eq(webhookMessages.id, webhookDeliveries.messageId))
    .where(
      and(
        eq(webhookDeliveries.endpointId, endpointId),
        typeof last === 'string' && isUuid(last) ? lt(webhookDeliveries.messageId, last) : undefined,
      ),
    )
    .orderBy(desc(webhookDeliveries.messageId))
    .limit(page.limit + 1)
  const shown = rows.slice(0, page.limit)
  const ids = shown.map((row) => row.delivery.id)
  const attempts =
    ids.length === 0
      ? []
      : await db.select().from(webhookAttempts).where(inArray(webhookAttempts.deliveryId, ids)).orderBy(asc(webhookAttempts.id))
  const end = shown.at(-1)
  return {
    items: shown.map((row) => ({ ...row, attempts: attempts.filter((attempt) => attempt.deliveryId === row.delivery.id) })),
    nextCursor: rows.length > page.limit && end !== undefined ? encodeCursor([end.message.id]) : null,
  }
}
