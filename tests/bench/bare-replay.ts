/**
 * The plain reference of the checkout bench: a script that does nothing but send recorded transactions by postgres.js, statement after
 * statement, one transaction after the other on each of so many connections. Input and output are one line of JSON.
 */
import postgres from 'postgres'
import type { BareReport, BareTransactions } from './bare-order.ts'

const order = (await Bun.stdin.json()) as BareTransactions
const sql = postgres(order.url, { max: order.connections, onnotice: () => {} })
const latenciesMs: number[] = []

async function replay(transactions: BareTransactions['warmUp']): Promise<number> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let one = transactions[next++]; one !== undefined; one = transactions[next++]) {
      const statements = one
      const began = performance.now()
      await sql.begin(async (tx) => {
        for (const { text, parameters } of statements) await tx.unsafe(text, parameters as never[], { prepare: true })
      })
      latenciesMs.push(performance.now() - began)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: order.connections }, worker))
  return performance.now() - began
}

// Connected and planned before the clock starts, as the shop is.
await Promise.all(Array.from({ length: order.connections }, () => sql`select pg_sleep(0.05)`))
await replay(order.warmUp)
latenciesMs.length = 0
const tookMs = await replay(order.transactions)
await sql.end({ timeout: 2 })
process.stdout.write(JSON.stringify({ tookMs, latenciesMs } satisfies BareReport))
