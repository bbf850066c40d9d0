/**
 * The plain reference of the database benches: a script that does nothing but send statements by postgres.js, one after the other
 * on each of so many connections. `transaction` statements go between a begin and a commit. Input and output are one line of JSON.
 */
import postgres from 'postgres'
import type { BareOrder, BareReport } from './bare-order.ts'

const order = (await Bun.stdin.json()) as BareOrder
const sql = postgres(order.url, { max: order.connections, onnotice: () => {} })
const latenciesMs: number[] = []
let next = 0

async function worker(end: number): Promise<void> {
  while (next < end) {
    const row = order.rows[next++] ?? []
    const values = row
    const began = performance.now()
    if (order.isTransaction)
      await sql.begin(async (tx) => {
        for (const text of order.statements) await tx.unsafe(text, values as never[], { prepare: true })
      })
    else for (const text of order.statements) await sql.unsafe(text, values as never[], { prepare: true })
    latenciesMs.push(performance.now() - began)
  }
}

// Connected, planned and warm before the clock starts, as the shop is.
await Promise.all(Array.from({ length: order.connections }, () => sql`select pg_sleep(0.05)`))
const work = (end: number) => Promise.all(Array.from({ length: order.connections }, () => worker(end)))
await work(order.warmUpRows ?? 0)
latenciesMs.length = 0
const began = performance.now()
await work(order.rows.length)
const tookMs = performance.now() - began
await sql.end({ timeout: 2 })
process.stdout.write(JSON.stringify({ tookMs, latenciesMs } satisfies BareReport))
