import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** The published password of every seeded account. Production refuses to seed. */
export const demoPassword = 'karibu-rahim-2026'

/** An account to try the shop with. */
export interface DemoAccount {
  readonly name: string
  readonly email: string
  /** What they are, in a word: admin, support, driver, vendor, shopper. */
  readonly role: string
}

/** The accounts of a seeded shop, by what they are. Shown only where the sandbox is on. */
export async function demoAccounts(db: DbOrTx): Promise<DemoAccount[]> {
  const rows = await db.execute<{ name: string; email: string; role: string }>(sql`
    select a.name, a.email,
      case when 'admin' = any(a.roles) then 'admin' when 'support' = any(a.roles) then 'support' when 'driver' = any(a.roles) then 'driver'
        when exists (select 1 from vendor_members m where m.account_id = a.id) then 'vendor' else 'shopper' end as role
    from accounts a where a.email like '%@example.co.ke' and a.status = 'active' order by a.created_at, a.id limit 30`)
  return rows.map(({ name, email, role }) => ({ name, email, role }))
}
