import { SQL } from 'bun'
import postgres from 'postgres'

/** A row of the old shop. Every value is read as text, so that a price never becomes a float on the way. */
export type OldRow = Readonly<Record<string, string | null>>

/** What the import reads, by Django's names. A table or column that is not there is told in the report and read as null. */
export const oldTables = {
  auth_group: ['id', 'name'],
  users_customuser: [
    'id',
    'username',
    'email',
    'phone',
    'first_name',
    'last_name',
    'password',
    'role',
    'is_active',
    'is_staff',
    'is_superuser',
    'date_joined',
  ],
  users_customuser_groups: ['id', 'customuser_id', 'group_id'],
  users_vendorstaff: ['id', 'owner_id', 'staff_id', 'role', 'scopes', 'is_active'],
  vendor_app_vendororg: ['id', 'name', 'slug', 'owner_id', 'is_active', 'org_commission_rate', 'created_at'],
  vendor_app_vendormember: ['id', 'org_id', 'user_id', 'role', 'is_active'],
  vendor_app_vendorprofile: ['id', 'user_id', 'org_id'],
  product_app_category: ['id', 'name', 'slug'],
  product_app_warehouse: ['id', 'name', 'latitude', 'longitude', 'address', 'is_active'],
  product_app_product: ['id', 'category_id', 'owner_id', 'name', 'slug', 'description', 'price', 'available', 'status', 'created_at'],
  product_app_productstock: ['id', 'product_id', 'warehouse_id', 'quantity'],
  orders_order: [
    'id',
    'user_id',
    'full_name',
    'email',
    'address',
    'location_address',
    'dest_address_text',
    'dest_lat',
    'dest_lng',
    'paid',
    'payment_method',
    'payment_status',
    'mpesa_phone_number',
    'created_at',
  ],
  orders_orderitem: ['id', 'order_id', 'product_id', 'price', 'quantity', 'warehouse_id', 'delivery_status'],
  orders_delivery: ['id', 'order_id', 'driver_id', 'status', 'assigned_at', 'picked_up_at', 'delivered_at', 'created_at'],
  orders_transaction: [
    'id',
    'user_id',
    'order_id',
    'amount',
    'method',
    'gateway',
    'status',
    'callback_received',
    'verified',
    'reference',
    'body_sha256',
    'raw_event',
    'processed_at',
    'created_at',
  ],
  orders_paymentevent: ['id', 'provider', 'reference', 'body', 'body_sha256'],
  payments_transaction: [
    'id',
    'order_id',
    'user_id',
    'method',
    'gateway',
    'amount',
    'currency',
    'status',
    'idempotency_key',
    'reference',
    'gateway_reference',
    'callback_received',
    'signature_valid',
    'verified',
    'raw_event',
    'refund_reference',
    'refunded_at',
    'created_at',
    'updated_at',
  ],
  payments_paymentevent: ['id', 'provider', 'reference', 'body', 'body_sha256'],
  payments_refund: ['id', 'transaction_id', 'amount', 'status', 'reference', 'created_at'],
  payments_payout: ['id', 'transaction_id', 'amount', 'status'],
  payments_auditlog: ['id', 'event', 'transaction_id', 'order_id', 'request_id', 'message', 'created_at'],
} as const

/** A table of the old shop that the import reads. */
export type OldTable = keyof typeof oldTables

/** The old shop, opened for reading only. */
export interface OldDatabase {
  readonly missing: readonly string[]
  has(table: OldTable): boolean
  /** All rows after a key, in the order of their keys, so that nothing is skipped or read twice while the old shop still sells. */
  page(table: OldTable, after: string, limit: number): Promise<OldRow[]>
  /** Rows whose column lies above `from` and up to `to`. */
  range(table: OldTable, column: string, from: string, to: string): Promise<OldRow[]>
  /** Rows whose column is one of these. */
  among(table: OldTable, column: string, values: readonly string[]): Promise<OldRow[]>
  /** Rows that point to a row of another table that is not there, after a key. */
  orphans(table: OldTable, column: string, parent: OldTable, after: string, limit: number): Promise<OldRow[]>
  /** References that both payment models know, for different orders. */
  sharedReferences(): Promise<Set<string>>
  close(): Promise<void>
}

type Dialect = 'postgres' | 'mysql' | 'sqlite'

const dialectOf = (url: string): Dialect => (/^postgres(ql)?:/.test(url) ? 'postgres' : /^(mysql|mariadb):/.test(url) ? 'mysql' : 'sqlite')
const asText: Record<Dialect, string> = { postgres: 'text', mysql: 'char', sqlite: 'text' }
const asKey: Record<Dialect, string> = { postgres: 'bigint', mysql: 'signed', sqlite: 'integer' }

/** Opens the old shop by its address: postgres://, mysql:// or sqlite:// and a path. Throws Error when no known table is there. */
export async function openOldDatabase(url: string): Promise<OldDatabase> {
  const dialect = dialectOf(url)
  const { run, close } = connect(url, dialect)
  const quote = (name: string): string => (dialect === 'mysql' ? `\`${name}\`` : `"${name}"`)
  const place = (at: number): string => (dialect === 'postgres' ? `$${at}` : '?')
  const key = (at: number): string => `cast(${place(at)} as ${asKey[dialect]})`
  const columns = new Map<string, ReadonlySet<string>>()
  try {
    for (const table of Object.keys(oldTables)) columns.set(table, await columnsOf(run, dialect, table))
  } catch (error) {
    await close()
    throw error
  }
  const hasColumn = (table: string, column: string): boolean => columns.get(table)?.has(column) === true
  const has = (table: OldTable): boolean => hasColumn(table, 'id')
  if (!has('orders_order') && !has('users_customuser')) {
    await close()
    throw new Error('this database holds none of the old shop’s tables (orders_order, users_customuser)')
  }
  const select = (table: OldTable, alias = 't'): string =>
    `select ${oldTables[table].map((name) => (hasColumn(table, name) ? `cast(${alias}.${quote(name)} as ${asText[dialect]})` : 'null') + ` as ${quote(name)}`).join(', ')} from ${quote(table)} ${alias}`

  return {
    missing: Object.entries(oldTables).flatMap(([table, names]) =>
      hasColumn(table, 'id') ? names.filter((name) => !hasColumn(table, name)).map((name) => `${table}.${name}`) : [table],
    ),
    has,
    page: async (table, after, limit) =>
      has(table) ? await run(`${select(table)} where t.id > ${key(1)} order by t.id limit ${limit}`, [after]) : [],
    range: async (table, column, from, to) =>
      has(table) && hasColumn(table, column)
        ? await run(
            `${select(table)} where t.${quote(column)} > ${key(1)} and t.${quote(column)} <= ${key(2)} order by t.${quote(column)}, t.id`,
            [from, to],
          )
        : [],
    among: async (table, column, values) => {
      if (values.length === 0 || !has(table) || !hasColumn(table, column)) return []
      const isKey = column === 'id' || column.endsWith('_id')
      return await run(
        `${select(table)} where t.${quote(column)} in (${values.map((_, at) => (isKey ? key(at + 1) : place(at + 1))).join(', ')}) order by t.${quote(column)}, t.id`,
        values,
      )
    },
    orphans: async (table, column, parent, after, limit) =>
      has(table) && hasColumn(table, column)
        ? await run(
            `${select(table)} where t.id > ${key(1)} and not exists (select 1 from ${quote(parent)} p where p.id = t.${quote(column)}) order by t.id limit ${limit}`,
            [after],
          )
        : [],
    sharedReferences: async () => {
      if (!has('orders_transaction') || !has('payments_transaction')) return new Set()
      const shared = ['reference', 'gateway_reference'].filter((name) => hasColumn('payments_transaction', name))
      const found: OldRow[] = []
      for (const name of shared)
        found.push(
          ...(await run(
            `select l.reference as shared from orders_transaction l join payments_transaction n on n.${name} = l.reference where l.order_id <> n.order_id`,
          )),
        )
      return new Set(found.flatMap(({ shared: reference }) => (reference == null ? [] : [reference])))
    },
    close,
  }
}

/** Asks one statement. Names in it are our own list's, never a caller's; values are always parameters. */
type Run = (text: string, values?: readonly string[]) => Promise<OldRow[]>

/** The shop's own driver for Postgres, Bun's for the other two. */
function connect(url: string, dialect: Dialect): { run: Run; close(): Promise<void> } {
  if (dialect === 'postgres') {
    const sql = postgres(url, {
      max: 1,
      prepare: false,
      onnotice: () => {},
      connection: { application_name: `rahim-import ${process.pid}`, default_transaction_read_only: true },
    })
    return {
      run: async (text, values = []) => (await sql.unsafe(text, [...values])) as OldRow[],
      close: async () => await sql.end({ timeout: 5 }),
    }
  }
  const sql = new SQL(url, { max: 1 })
  return { run: async (text, values = []) => (await sql.unsafe(text, [...values])) as OldRow[], close: async () => await sql.close() }
}

async function columnsOf(run: Run, dialect: Dialect, table: string): Promise<Set<string>> {
  const question: Record<Dialect, string> = {
    postgres:
      'select column_name as name from information_schema.columns where table_schema = any(current_schemas(false)) and table_name = $1',
    mysql: 'select column_name as name from information_schema.columns where table_schema = database() and table_name = ?',
    sqlite: 'select name from pragma_table_info(?)',
  }
  return new Set((await run(question[dialect], [table])).flatMap(({ name }) => (name == null ? [] : [name])))
}

/** A moment of the old shop: with its offset as Postgres prints it, without one in UTC, as Django keeps it elsewhere. */
export function oldMoment(text: string | null | undefined): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text ?? '')
  if (match === null) return undefined
  const [, day, time, fraction = '', zone = 'Z'] = match
  const moment = new Date(`${day}T${time}${fraction.slice(0, 4)}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

/** A truth of the old shop: `true` in Postgres, 1 elsewhere. Undefined where it says nothing. */
export const oldTruth = (text: string | null | undefined): boolean | undefined => (text == null ? undefined : /^(t|true|1)$/i.test(text))
