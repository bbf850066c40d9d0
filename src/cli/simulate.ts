import { parseArgs } from 'node:util'
import { callShop } from './call-shop.ts'

/** What a simulated shopper does when the phone rings. */
const habits = [
  { name: 'pays', action: 'pin', pin: '1234' },
  { name: 'mistypes the PIN', action: 'pin', pin: '0000' },
  { name: 'cancels', action: 'cancel' },
  { name: 'has no money', action: 'poor' },
  { name: 'pays twice', action: 'duplicate' },
  { name: 'pays too late', action: 'late' },
] as const
type Habit = (typeof habits)[number]

interface Variant {
  readonly id: string
  readonly available: number
}
interface Placed {
  readonly order: { readonly number: string }
  readonly orderToken: string
}

const askEveryMs = 1_000
const patienceMs = 30_000

/**
 * `shop simulate`: shoppers who buy something on the running sandbox over its public API, each with another habit at the phone,
 * and what became of their orders. Answers 1 when one of them met an error of the shop.
 */
export async function simulate(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string', default: 'http://localhost:3000' }, shoppers: { type: 'string', default: '6' } },
  })
  const count = Math.min(500, Math.max(1, Number(values.shoppers) || 1))
  const shoppers = Array.from({ length: count }, (_, index) => shop(values.url, index, habits[index % habits.length] as Habit))
  const outcomes = await Promise.allSettled(shoppers)
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
  for (const { reason } of failed) process.stderr.write(`  ${String(reason)}\n`)
  process.stdout.write(`${count - failed.length} of ${count} shoppers came to an end.\n`)
  return failed.length === 0 ? 0 : 1
}

async function shop(origin: string, index: number, habit: Habit): Promise<void> {
  const who = `shopper ${index + 1} (${habit.name})`
  const say = (what: string): void => void process.stdout.write(`${who.padEnd(34)} ${what}\n`)
  const call = callShop(origin)
  const { items } = await call<{ items: { name: string; variants: Variant[] }[] }>('GET', '/api/v1/products?inStock=true&limit=24')
  const product = items[Math.floor(Math.random() * items.length)]
  const variant = product?.variants.find(({ available }) => available > 0)
  if (product === undefined || variant === undefined) throw new Error(`${who}: there is nothing to buy; seed the shop first`)
  await call('POST', '/api/v1/cart/lines', { variantId: variant.id, quantity: 1 })
  // Endings below 0100 have habits of their own in the simulator.
  const phone = `2547${String(10_000_000 + Math.floor(Math.random() * 89_999) * 1_000 + 500 + (index % 400)).padStart(8, '0')}`
  const placed = await call<Placed>(
    'POST',
    '/api/v1/checkout',
    {
      contact: { name: `Shopper ${index + 1}`, phone },
      address: { county: 'Nairobi', town: 'Kilimani', landmark: 'Simulated gate' },
      payment: { method: 'mpesa' },
    },
    { 'idempotency-key': crypto.randomUUID() },
  )
  const { number } = placed.order
  say(`${number} placed: ${product.name}`)
  const prompt = await until(
    async () => (await call<{ items: { id: string; amount: number }[] }>('GET', `/sandbox/mpesa/prompts?phone=${phone}`)).items[0],
  )
  if (prompt === undefined) throw new Error(`${who}: the phone never rang for ${number}`)
  say(`${number} the phone asks for KSh ${prompt.amount}`)
  await call('POST', `/sandbox/mpesa/prompts/${prompt.id}/${habit.action}`, 'pin' in habit ? { pin: habit.pin } : {})
  const order = () => call<{ state: string }>('GET', `/api/v1/orders/${number}?token=${encodeURIComponent(placed.orderToken)}`)
  const paid = await until(
    async () => ((await order()).state === 'paid' ? true : undefined),
    habit.action === 'pin' && habit.pin === '1234' ? patienceMs : 4_000,
  )
  say(`${number} is ${paid === true ? 'paid' : (await order()).state}`)
}

/** Asks until there is an answer; undefined when patience is at its end. */
async function until<Value>(ask: () => Promise<Value | undefined>, waitMs = patienceMs): Promise<Value | undefined> {
  const deadlineMs = performance.now() + waitMs
  for (;;) {
    const value = await ask()
    if (value !== undefined || performance.now() > deadlineMs) return value
    await Bun.sleep(askEveryMs)
  }
}
