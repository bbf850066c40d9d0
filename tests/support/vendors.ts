import { eq } from 'drizzle-orm'
import { settlePayment } from '../../src/workflows/checkout/settle-payment.ts'
import { transactions } from '../../src/domain/payments/transaction.table.ts'
import { vendors } from '../../src/domain/vendors/vendor.table.ts'
import { checkoutBody, guest, type Visitor } from './actors.ts'
import { makeVariant } from './factories.ts'
import type { TestShop } from './shop.ts'

let serial = 0

/** Another approved vendor; M-Pesa pays it unless wished otherwise. */
export async function makeVendor(
  shop: TestShop,
  wish: Partial<typeof vendors.$inferInsert> & { name: string } = { name: 'Bata Soles' },
): Promise<string> {
  const id = shop.context.ids.next()
  await shop.context.db.insert(vendors).values({
    id,
    slug: `vendor-${process.pid}-${++serial}`,
    status: 'approved',
    payoutMethod: 'mpesa',
    payoutAccount: `2547${String(20_000_000 + serial)}`,
    ...wish,
  })
  return id
}

/** An order that was placed. */
export interface Placed {
  readonly number: string
  readonly orderId: string
  readonly token: string
  readonly chargeId: string
  readonly totalMinor: bigint
}

/** Buys pieces of these vendors in one order: a price and a quantity for each. */
export async function place(
  shop: TestShop,
  goods: readonly { vendorId: string; priceMinor: bigint; quantity?: number; variantId?: string }[],
  visitor: Visitor = guest(shop),
  body: Record<string, unknown> = {},
): Promise<Placed> {
  for (const { quantity = 1, variantId, ...wish } of goods)
    await visitor.post('/api/v1/cart/lines', {
      variantId: variantId ?? (await makeVariant(shop.context, shop.catalogue, { ...wish, stock: 1_000 })).variantId,
      quantity,
    })
  const answer = await visitor.post('/api/v1/checkout', checkoutBody(body), { 'idempotency-key': crypto.randomUUID() })
  if (answer.status !== 201) throw new Error(`the order was refused: ${await answer.text()}`)
  const placed = (await answer.json()) as { order: { number: string }; payment: { transactionId: string }; orderToken: string }
  const [charge] = await shop.context.db.select().from(transactions).where(eq(transactions.id, placed.payment.transactionId))
  if (charge?.orderId == null) throw new Error('the order has no charge')
  return {
    number: placed.order.number,
    orderId: charge.orderId,
    token: placed.orderToken,
    chargeId: charge.id,
    totalMinor: charge.amountMinor,
  }
}

/** The provider says the order was paid. */
export async function pay(shop: TestShop, placed: Placed): Promise<void> {
  await settlePayment(shop.context, {
    transactionId: placed.chargeId,
    effect: 'captured',
    effectRef: placed.chargeId,
    source: 'poll',
    provenAmountMinor: placed.totalMinor,
    provenCurrency: 'KES',
  })
}

/** Staff send money back, and it reaches the shopper. Answers the refund's id. */
export async function refund(shop: TestShop, staff: Visitor, placed: Placed, amountMinor: number): Promise<string> {
  const answer = await staff.post(
    `/api/v1/admin/transactions/${placed.chargeId}/refunds`,
    { reason: 'It came torn', amountMinor },
    { 'idempotency-key': crypto.randomUUID() },
  )
  if (answer.status !== 201) throw new Error(`the refund was refused: ${await answer.text()}`)
  const [row] = await shop.database.sql<{ id: string }[]>`
    select id from transactions where parent_id = ${placed.chargeId} and kind = 'refund' order by id desc limit 1`
  const id = row?.id ?? ''
  await settlePayment(shop.context, { transactionId: id, effect: 'refund_succeeded', effectRef: id, source: 'poll' })
  return id
}

/** What the database says to a statement that it refuses; an empty text when it takes it. */
export async function refusal(statement: PromiseLike<unknown>): Promise<string> {
  try {
    await statement
    return ''
  } catch (error) {
    return String(error)
  }
}

/** An answer with its body read. Typed loosely: tests compare it with what they expect. */
export async function read(answer: Response | Promise<Response>): Promise<{ status: number; body: Loose }> {
  const got = await answer
  return { status: got.status, body: (await got.json()) as Loose }
}

// oxlint-disable-next-line typescript/no-explicit-any -- a test looks at single members of answers of many shapes
type Loose = any
