import { and, desc, eq, isNull } from 'drizzle-orm'
import type { DbOrTx } from '../../../platform/db.ts'
import { apiKeys } from '../api-key.table.ts'

/** The keys of an account that were not revoked, newest first; at most a hundred. The keys themselves are kept nowhere. */
export const listApiKeys = (db: DbOrTx, accountId: string) =>
  db
    .select({
      id: apiKeys.id,
      keyId: apiKeys.prefix,
      name: apiKeys.name,
      vendorId: apiKeys.vendorId,
      scopes: apiKeys.scopes,
      createdAt: apiKeys.createdAt,
      expiresAt: apiKeys.expiresAt,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .where(and(eq(apiKeys.accountId, accountId), isNull(apiKeys.revokedAt)))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(100)
