import postgres from 'postgres'
import { growCatalogue } from './grow-catalogue.ts'
import { growOrders } from './grow-orders.ts'

/** How large the shop is to be, beside the demo's own products. */
export interface Growth {
  readonly databaseUrl: string
  readonly products: number
  readonly orders: number
}

/** What was added; zero where it was there already. */
export interface Grown {
  readonly products: number
  readonly orders: number
}

const ordersAtOnce = 10_000

/**
 * Makes a seeded shop as large as a real one, for trying and for measuring: the same rows on every machine, written in sets, in commits
 * that each leave every invariant true. May be called again with larger numbers.
 */
export async function growShop({ databaseUrl, products, orders }: Growth): Promise<Grown> {
  // One connection, because its functions are its own; no time-out, because a large set takes as long as it takes.
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: `rahim-seed ${process.pid}`, statement_timeout: 0 },
  })
  try {
    await prepareGrowth(sql)
    const grown = await sql.begin((tx) => growCatalogue(tx, products))
    const [counts] = await sql<{ products: number; orders: number }[]>`
      select (select count(*)::int from products where slug like 'grown-%') as products, (select count(*)::int from orders where id between pg_temp.uid(10, 0) and pg_temp.uid(10, 999999999)) as orders`
    const before = counts?.orders ?? 0
    for (let first = before + 1; first <= orders; first += ordersAtOnce) {
      const last = Math.min(orders, first + ordersAtOnce - 1)
      await sql.begin((tx) => growOrders(tx, { first, last, products: counts?.products ?? 0 }))
    }
    // Plans made for an empty shop would be kept by every connection that made them.
    await sql`analyze`
    return { products: grown, orders: Math.max(0, orders - before) }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Keys that are the same everywhere and rise with the number, and VAT as lib/money.ts rounds it. For this session alone. */
async function prepareGrowth(sql: postgres.Sql): Promise<void> {
  await sql`
    create or replace function pg_temp.uid(kind int, n bigint) returns uuid language sql immutable as $$
      select ('5eed' || lpad(to_hex(kind), 4, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
    $$`
  await sql`
    create or replace function pg_temp.vat_inside(gross bigint) returns bigint language sql immutable as $$
      select (gross * 1600 * 2 + 11600) / (11600 * 2)
    $$`
}
