import { sql } from 'drizzle-orm'
import { type Batch, createBatch } from '../../platform/batch.ts'
import { sqlState, withRetry } from '../../platform/db-error.ts'
import type { Db } from '../../platform/db.ts'

/** A message as the inbox keeps it. */
export interface InboxRow {
  readonly id: string
  readonly provider: string
  readonly dedupeKey: string
  readonly eventType: string
  readonly providerRef: string | null
  readonly body: Uint8Array
  readonly bodySha256: string
  readonly headers: Readonly<Record<string, string>>
  readonly requestId: string | null
  readonly receivedAt: string
  /** Hash of the secret in the address; null where the message itself is signed. */
  readonly tokenHash: string | null
}

/** What became of it; `no_address`: no transaction has this secret, and nothing was stored. */
export type StoreOutcome = 'stored' | 'duplicate' | 'no_address'

/**
 * Stores a message once and for ever. Answers only after the commit that holds it. Messages that come at the same moment share one
 * statement, which proves the address of each, finds its transaction and stores it: a burst then costs a few commits, not one each.
 */
export const storeWebhook = async (db: Db, row: InboxRow): Promise<StoreOutcome> => await inboxOf(db).add(row)

type Inbox = Batch<InboxRow, StoreOutcome>
const inboxes = new WeakMap<Db, Inbox>()

function inboxOf(db: Db): Inbox {
  const known = inboxes.get(db)
  if (known !== undefined) return known
  // One statement at a time leaves the rest of a small pool to the settlements; past 64 rows it would only get longer.
  const made = createBatch<InboxRow, StoreOutcome>({
    work: async (rows) => await withRetry(async () => await insertAll(db, rows)),
    lanes: 1,
    most: 64,
    isOneToBlame,
  })
  inboxes.set(db, made)
  return made
}

// Classes 22 and 23 are about values: one row nobody can store must not keep the others out.
const isOneToBlame = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '')

const keyOf = ({ provider, dedupeKey }: InboxRow): string => `${provider} ${dedupeKey}`

/** One statement of one shape for any number of rows, so that it is planned once a connection. */
async function insertAll(db: Db, rows: readonly InboxRow[]): Promise<StoreOutcome[]> {
  // In one order everywhere, so that two processes that are told the same things at once wait for each other and not in a circle.
  const ordered = rows.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const incoming = JSON.stringify(ordered.map((row) => ({ ...row, body: Buffer.from(row.body).toString('base64') })))
  const answers = await db.execute<{ id: string; outcome: StoreOutcome }>(sql`
    with incoming as materialized (
      select i.*, (select t.id from transactions t where t.callback_token_hash = i."tokenHash" and t.provider = i.provider) as transaction_id
      from json_to_recordset(${incoming}::text::json) as i(id uuid, provider text, "dedupeKey" text, "eventType" text, "providerRef" text, body text,
        "bodySha256" text, headers jsonb, "requestId" text, "receivedAt" timestamptz, "tokenHash" text)),
    stored as (
      insert into webhook_events (id, provider, dedupe_key, event_type, provider_ref, body, body_sha256, headers, request_id, received_at, next_attempt_at, transaction_id)
      select id, provider, "dedupeKey", "eventType", "providerRef", decode(body, 'base64'), "bodySha256", headers, "requestId", "receivedAt", "receivedAt", transaction_id
      from incoming where "tokenHash" is null or transaction_id is not null
      on conflict (provider, dedupe_key) do nothing returning id)
    select incoming.id, case when stored.id is not null then 'stored' when "tokenHash" is null or transaction_id is not null then 'duplicate' else 'no_address' end as outcome
    from incoming left join stored on stored.id = incoming.id`)
  const byId = new Map(answers.map(({ id, outcome }) => [id, outcome]))
  return rows.map(({ id }) => {
    const outcome = byId.get(id)
    if (outcome === undefined) throw new Error('the inbox answered for fewer messages than it was given')
    return outcome
  })
}
