import { sql } from 'drizzle-orm'
import { accounts } from '../../domain/accounts/account.table.ts'
import { drivers } from '../../domain/delivery/delivery.table.ts'
import { vendorMembers, vendors } from '../../domain/vendors/vendor.table.ts'
import { parsePhone } from '../../lib/phone.ts'
import { importStamp, type ImportTools, inCommit, type NewLink, pagesOf, readLinks, writeLinks } from './import-tools.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import { oldMoment, type OldRow, oldTruth } from './old-database.ts'

/** Accounts with their roles and passwords, riders, vendors and who acts for them. */
export async function importPeople(tools: ImportTools): Promise<void> {
  const groups = new Map<string, string>()
  for await (const rows of pagesOf(tools, 'auth_group'))
    for (const row of rows) groups.set(row['id'] ?? '', (row['name'] ?? '').trim().toLowerCase())
  for await (const rows of pagesOf(tools, 'users_customuser')) await importAccounts(tools, rows, groups)
  for await (const rows of pagesOf(tools, 'vendor_app_vendororg')) await importVendors(tools, rows)
  for await (const rows of pagesOf(tools, 'vendor_app_vendormember')) await importMembers(tools, rows)
  for await (const rows of pagesOf(tools, 'users_vendorstaff')) await importStaff(tools, rows)
}

async function importAccounts(tools: ImportTools, rows: readonly OldRow[], groups: ReadonlyMap<string, string>): Promise<void> {
  const { report, source, db, ids } = tools
  const table = 'users_customuser'
  const known = await readLinks(
    db,
    source,
    table,
    rows.map((row) => row['id'] ?? ''),
  )
  const fresh = rows.filter((row) => !known.has(row['id'] ?? ''))
  report.count(table, 'unchanged', rows.length - fresh.length)
  if (fresh.length === 0) return
  const memberships = await tools.old.among(
    'users_customuser_groups',
    'customuser_id',
    fresh.map((row) => row['id'] ?? ''),
  )
  const people = fresh.map((row) =>
    readPerson(
      row,
      memberships.filter((one) => one['customuser_id'] === row['id']).map((one) => groups.get(one['group_id'] ?? '') ?? ''),
    ),
  )
  const here = await db
    .select({ id: accounts.id, email: sql<string | null>`lower(${accounts.email})`, phone: accounts.phone })
    .from(accounts)
    .where(
      sql`lower(${accounts.email}) = any(${sql.param(people.map(({ email }) => email))}::text[]) or ${accounts.phone} = any(${sql.param(people.flatMap(({ phone }) => phone ?? []))}::text[])`,
    )
  const byEmail = new Map(here.flatMap(({ id, email }) => (email === null ? [] : [[email, id] as const])))
  const phones = new Set(here.flatMap(({ phone }) => phone ?? []))
  const links: NewLink[] = []
  const made = people.flatMap((person) => {
    const twin = byEmail.get(person.email)
    if (twin !== undefined) {
      // An account of that e-mail is here already; what it holds is newer than what the old shop kept.
      links.push({ table, id: person.oldId, target: 'accounts', targetId: twin })
      report.count(table, 'merged')
      return []
    }
    const id = ids.next()
    const isPhoneTaken = person.phone !== undefined && phones.has(person.phone)
    if (isPhoneTaken)
      report.find({
        sort: 'told',
        kind: 'phone_of_two',
        table,
        id: person.oldId,
        lands: 'without phone',
        says: 'another account has the same phone number',
      })
    if (person.passwordHash === null)
      report.find({
        sort: 'told',
        kind: 'password_unknown',
        table,
        id: person.oldId,
        lands: 'without password',
        says: 'its password is kept in a form we cannot check',
      })
    byEmail.set(person.email, id)
    if (person.phone !== undefined) phones.add(person.phone)
    links.push({ table, id: person.oldId, target: 'accounts', targetId: id })
    report.count(table, 'imported')
    return [{ ...person, id, phone: isPhoneTaken ? undefined : person.phone }]
  })
  await inCommit(tools, async (tx) => {
    await insertRows(
      tx,
      accounts,
      made.map(({ id, email, phone, name, passwordHash, roles, status, createdAt }) => ({
        id,
        email,
        phone: phone ?? null,
        name,
        passwordHash,
        roles,
        status,
        createdAt,
      })),
    )
    await insertRows(
      tx,
      drivers,
      made.filter(({ roles }) => roles.includes('driver')).map(({ id }) => ({ accountId: id })),
    )
    await writeLinks(tx, source, links)
  })
}

function readPerson(row: OldRow, groups: readonly string[]) {
  const oldId = row['id'] ?? ''
  const name = `${row['first_name'] ?? ''} ${row['last_name'] ?? ''}`.trim()
  const isAdmin = oldTruth(row['is_superuser']) === true || groups.includes('admin') || row['role'] === 'admin'
  const isStaff = isAdmin || oldTruth(row['is_staff']) === true
  const isDriver = row['role'] === 'driver' || groups.includes('driver')
  return {
    oldId,
    email: (row['email'] ?? '').trim().toLowerCase() || `legacy-${oldId}@local.invalid`,
    phone: parsePhone(row['phone'] ?? ''),
    name: name === '' ? (row['username'] ?? 'Customer') : name,
    passwordHash: readHash(row['password'] ?? ''),
    roles: [...(isAdmin ? ['admin'] : []), ...(isStaff ? ['support'] : []), ...(isDriver ? ['driver'] : [])],
    // Not activated in the old shop: the e-mail was never shown to be theirs.
    status: oldTruth(row['is_active']) === false ? 'disabled' : 'active',
    createdAt: oldMoment(row['date_joined']) ?? new Date(0),
  }
}

/** Django writes the name of its hasher before the hash; "!" stands for no password. */
function readHash(password: string): string | null {
  if (password.startsWith('pbkdf2_sha256$')) return password
  return password.startsWith('argon2$argon2id$') ? password.slice('argon2'.length) : null
}

async function importVendors(tools: ImportTools, rows: readonly OldRow[]): Promise<void> {
  const { report, source, db, ids } = tools
  const table = 'vendor_app_vendororg'
  const known = await readLinks(
    db,
    source,
    table,
    rows.map((row) => row['id'] ?? ''),
  )
  const owners = await readLinks(
    db,
    source,
    'users_customuser',
    rows.map((row) => row['owner_id'] ?? ''),
  )
  const fresh = rows.filter((row) => !known.has(row['id'] ?? ''))
  report.count(table, 'unchanged', rows.length - fresh.length)
  report.count(table, 'imported', fresh.length)
  const taken = new Set((await db.select({ slug: vendors.slug }).from(vendors)).map(({ slug }) => slug))
  await inCommit(tools, async (tx) => {
    const made = fresh.map((row) => ({
      row,
      id: ids.next(),
      slug: taken.has(row['slug'] ?? '') || !row['slug'] ? `legacy-${row['id']}` : row['slug'],
    }))
    await insertRows(
      tx,
      vendors,
      made.map(({ row, id, slug }) => ({
        id,
        slug,
        name: row['name'] ?? 'Vendor',
        commissionBasisPoints: readBasisPoints(row['org_commission_rate'] ?? '0'),
        status: oldTruth(row['is_active']) === false ? 'suspended' : 'approved',
        createdAt: oldMoment(row['created_at']) ?? new Date(0),
      })),
    )
    await insertRows(
      tx,
      vendorMembers,
      made.flatMap(({ row, id }) => {
        const owner = owners.get(row['owner_id'] ?? '')
        return owner === undefined ? [] : [{ vendorId: id, accountId: owner.targetId, role: 'owner', scopes: [] }]
      }),
    )
    await writeLinks(
      tx,
      source,
      made.map(({ row, id }) => ({ table, id: row['id'] ?? '', target: 'vendors', targetId: id })),
    )
  })
}

/** A rate of four places, 0.0250, in basis points. */
function readBasisPoints(rate: string): number {
  const [, whole = '0', part = ''] = /^(\d+)(?:\.(\d+))?$/.exec(rate) ?? []
  return Math.min(10_000, Number(whole) * 10_000 + Number(part.slice(0, 4).padEnd(4, '0')))
}

async function importMembers(tools: ImportTools, rows: readonly OldRow[]): Promise<void> {
  const orgs = await readLinks(
    tools.db,
    tools.source,
    'vendor_app_vendororg',
    rows.map((row) => row['org_id'] ?? ''),
  )
  await writeMembers(
    tools,
    'vendor_app_vendormember',
    rows.map((row) => ({
      row,
      vendorId: orgs.get(row['org_id'] ?? '')?.targetId,
      person: row['user_id'] ?? '',
      role: row['role'] === 'MANAGER' ? 'manager' : 'staff',
      scopes: row['role'] === 'MANAGER' ? allScopes : [],
      isOwner: row['role'] === 'OWNER',
    })),
  )
}

const allScopes = ['catalog', 'orders', 'delivery', 'finance']

/** The older tenancy: somebody acts for a person, whose shop is the organisation that person owns. */
async function importStaff(tools: ImportTools, rows: readonly OldRow[]): Promise<void> {
  const orgs = await tools.old.among('vendor_app_vendororg', 'owner_id', [...new Set(rows.flatMap((row) => row['owner_id'] ?? []))])
  const links = await readLinks(
    tools.db,
    tools.source,
    'vendor_app_vendororg',
    orgs.map((org) => org['id'] ?? ''),
  )
  const vendorOf = new Map(
    orgs.flatMap((org) => {
      const link = links.get(org['id'] ?? '')
      return link === undefined ? [] : [[org['owner_id'] ?? '', link.targetId] as const]
    }),
  )
  await writeMembers(
    tools,
    'users_vendorstaff',
    rows.map((row) => ({
      row,
      vendorId: vendorOf.get(row['owner_id'] ?? ''),
      person: row['staff_id'] ?? '',
      role: 'staff',
      scopes: allScopes.filter((scope) => (row['scopes'] ?? '').includes(`"${scope}"`)),
      isOwner: row['owner_id'] === row['staff_id'],
    })),
  )
}

interface OldMember {
  readonly row: OldRow
  readonly vendorId: string | undefined
  readonly person: string
  readonly role: string
  readonly scopes: readonly string[]
  readonly isOwner: boolean
}

async function writeMembers(
  tools: ImportTools,
  table: 'vendor_app_vendormember' | 'users_vendorstaff',
  members: readonly OldMember[],
): Promise<void> {
  const { report, source, db } = tools
  const known = await readLinks(
    db,
    source,
    table,
    members.map(({ row }) => row['id'] ?? ''),
  )
  const people = await readLinks(
    db,
    source,
    'users_customuser',
    members.map(({ person }) => person),
  )
  report.count(table, 'unchanged', known.size)
  const fresh = members.filter(({ row }) => !known.has(row['id'] ?? ''))
  // In a dry run nobody has been taken over yet, so whom a row names cannot be told.
  if (!tools.isApplied) return report.count(table, 'imported', fresh.length)
  const writable = fresh.flatMap((member) => {
    const accountId = people.get(member.person)?.targetId
    const { vendorId } = member
    if (accountId !== undefined && vendorId !== undefined) return [{ ...member, accountId, vendorId }]
    report.find({
      sort: 'left',
      kind: 'member_of_nothing',
      table,
      id: member.row['id'] ?? '',
      lands: '',
      says: 'its person or its vendor is gone',
    })
    return []
  })
  report.count(table, 'imported', writable.length)
  await inCommit(tools, async (tx) => {
    const rows = writable
      .filter(({ isOwner }) => !isOwner)
      .map(({ row, vendorId, accountId, role, scopes }) => ({
        vendorId,
        accountId,
        role,
        scopes: [...scopes],
        isActive: oldTruth(row['is_active']) !== false,
        createdAt: importStamp(tools, tools.clock.now()).now,
      }))
    // The owner came with the vendor, and one person may stand in both tenancies: the first word counts.
    await insertRows(tx, vendorMembers, rows, sql` on conflict do nothing`)
    await writeLinks(
      tx,
      source,
      writable.map(({ row, vendorId }) => ({ table, id: row['id'] ?? '', target: 'vendors', targetId: vendorId })),
    )
  })
}
