import type { Context } from '../../context.ts'
import { activeCart, type Cart, type CartLine } from '../../domain/cart/cart.queries.ts'
import { bringGuestBag } from '../../domain/cart/own-bag.ts'
import { closeCart } from '../../domain/cart/close-cart.ts'
import { holdStock, type StockPick } from '../../domain/catalog/hold-stock.ts'
import { planStock } from '../../domain/catalog/stock.plan.ts'
import { freeStock } from '../../domain/catalog/stock.queries.ts'
import { lineTotals } from '../../domain/cart/cart.totals.ts'
import { type CountyDelivery, countyDelivery } from '../../domain/delivery/zone.queries.ts'
import { orderMessage } from '../../domain/notifications/order-message.ts'
import { createOrder, type OrderDraftLine } from '../../domain/orders/create-order.ts'
import { orderView } from '../../domain/orders/order.view.ts'
import { openTransaction } from '../../domain/payments/open-transaction.ts'
import type { PaymentMethod } from '../../domain/payments/payment.methods.ts'
import { promoRefusal, redeemPromo } from '../../domain/promotions/redeem-promo.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Lang } from '../../lib/language.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { orderLinkToken } from '../../lib/signature.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { after } from '../../lib/time.ts'
import type { Tx } from '../../platform/db.ts'
import { withRetry } from '../../platform/db-error.ts'
import { claimKey, type IdempotentRequest, keepAnswer, type StoredAnswer, storedAnswer } from '../../platform/idempotency.ts'
import { checkPaymentMethod } from './check-payment-method.ts'
import { type Quote, quoteCart, quoteView } from './quote-cart.ts'

/** What the shopper hands in, already checked for form. */
export interface PlaceOrder {
  readonly contact: { readonly name: string; readonly phone: string; readonly email?: string | undefined }
  readonly address: {
    readonly county: string
    readonly town: string
    readonly landmark: string
    readonly lat?: number | undefined
    readonly lng?: number | undefined
  }
  readonly payment: { readonly method: PaymentMethod; readonly phone?: string | undefined }
  readonly expectedTotal?: { readonly amountMinor: number; readonly currency: string } | undefined
  readonly note?: string | undefined
  /** The language of the messages about the order; English unless told. */
  readonly language?: Lang | undefined
}

/** Another buyer took the last of something between our look and our grasp; looked at once more before giving up. */
export class TakenMeanwhile extends Error {}

/**
 * Places an order: key, bag, price, stock, order, payment row and the answer itself in ONE commit, so that there is never an order
 * without its hold, a hold without its order, or a reply without either. The provider is called after the commit, from the
 * outbox; the reply does not wait for it. The same key again gets the same bytes.
 * Refuses with idempotency_mismatch, idempotency_in_progress, phone_invalid, delivery_unavailable, cart_empty, own_listing,
 * total_changed (with the new quote), promo_refused, out_of_stock, payment_method_unavailable. A refused order leaves nothing, not even the key.
 */
export async function placeOrder(context: Context, actor: Actor, request: IdempotentRequest, input: PlaceOrder): Promise<StoredAnswer> {
  const phones = readPhones(input)
  // In a commit of its own: an order that is refused must not take the bag back.
  await bringGuestBag(context, actor)
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await withRetry(() =>
        context.payDb.transaction((tx) => placeInTransaction(context, tx, actor, request, input, phones)),
      )
      context.outbox.wake()
      return answer
    } catch (error) {
      if (!(error instanceof TakenMeanwhile)) throw error
      if (attempt === 3) throw new Refusal('out_of_stock')
    }
  }
}

async function placeInTransaction(
  context: Context,
  tx: Tx,
  actor: Actor,
  request: IdempotentRequest,
  input: PlaceOrder,
  phones: Phones,
): Promise<StoredAnswer> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  // 1. The key. A twin that runs right now is waited for; when it commits, its answer is ours.
  if (!(await claimKey(tx, request, stamp.now))) {
    const answer = await storedAnswer(tx, request)
    if (answer === undefined) throw new Refusal('idempotency_in_progress')
    return answer
  }
  // 2. The bag, locked, at today's prices; the county's fee and date.
  const cart = await activeCart(tx, actor, true)
  const county = await countyDelivery(tx, input.address.county, input.address)
  if (county === undefined)
    throw new Refusal('delivery_unavailable', {
      fields: [{ path: '/body/address/county', code: 'unknown', message: 'Choose one of the counties on the list.' }],
    })
  const quote = quoteCart(cart, county, stamp.now)
  if (cart === undefined || quote.lines.length === 0) throw new Refusal('cart_empty')
  checkOwnListing(actor, quote.lines)
  checkExpectedTotal(quote, input.expectedTotal)
  // Nobody said which total they saw, and the code they typed gives nothing: they must hear it before they buy.
  if (quote.promo?.applies === false && input.expectedTotal === undefined) throw promoRefusal(quote.promo.reason)
  const provider = checkPaymentMethod(context, input.payment.method, quote.totals.totalMinor)
  // 3. Where the goods come from: the nearest warehouse that has them.
  const picks = await planPicks(tx, quote.lines, input, county)
  // 4. The order with its lines, prices and shares frozen.
  const order = await createOrder(tx, stamp, orderDraft(context, actor, cart, quote, county, input, phones, picks))
  await closeCart(tx, stamp, cart)
  // 5. The charge, and the call to the provider as a row.
  const payment = await openTransaction(tx, stamp, {
    orderId: order.id,
    newOrderNumber: order.number,
    provider: provider.name,
    price: provider.price(quote.totals.totalMinor),
    method: input.payment.method,
    amountMinor: quote.totals.totalMinor,
    phone: phones.payment,
    appSecret: context.config.appSecret,
    alsoStage: [orderMessage('placed', order.id)],
  })
  // 6. The code: late, because all its orders take turns from here on.
  if (quote.promo?.applies === true) await redeemPromo(tx, stamp, redemptionOf(order, quote))
  // 7. The goods, last, so that a hot shelf is locked for as short as can be.
  if (!(await holdStock(tx, stamp, order.id, picks))) throw new TakenMeanwhile()
  // 8. The answer, in the commit that makes it true.
  const token = orderToken(context, order.id)
  const answer: StoredAnswer = {
    status: 201,
    body: JSON.stringify({
      order: orderView(order),
      payment: { transactionId: payment.id, reference: payment.reference, method: input.payment.method, state: 'created' },
      payUrl: `/pay/${token}`,
      trackUrl: `/track/${token}`,
      orderToken: token,
    }),
  }
  await keepAnswer(tx, request, answer, stamp.now)
  return answer
}

/** The token in an order's links. Derived, so that a later message can carry the same link without the token being stored. */
export const orderToken = (context: Pick<Context, 'config'>, orderId: string): string => orderLinkToken(context.config.appSecret, orderId)

interface Phones {
  readonly contact: string
  readonly payment: string
}

function readPhones(input: PlaceOrder): Phones {
  const contact = parsePhone(input.contact.phone)
  if (contact === undefined)
    throw new Refusal('phone_invalid', {
      fields: [{ path: '/body/contact/phone', code: 'phone', message: 'Write a Kenyan mobile number such as 0712 345 678.' }],
    })
  const payment = input.payment.phone === undefined ? contact : parsePhone(input.payment.phone)
  if (payment === undefined)
    throw new Refusal('phone_invalid', {
      fields: [{ path: '/body/payment/phone', code: 'phone', message: 'Write a Kenyan mobile number such as 0712 345 678.' }],
    })
  return { contact, payment }
}

/** Refuses with own_listing for goods of a shop the actor works for. */
export function checkOwnListing(actor: Actor, lines: readonly CartLine[]): void {
  if (actor.kind === 'person' && lines.some((line) => actor.vendors.some((member) => member.vendorId === line.vendorId)))
    throw new Refusal('own_listing')
}

/** The use of a code by an order. A free delivery is worth what it would have cost. */
export const redemptionOf = (
  order: { readonly id: string; readonly contactPhone: string; readonly accountId: string | null },
  { totals, promo }: Pick<Quote, 'totals' | 'promo'>,
) => ({
  code: promo?.code ?? '',
  orderId: order.id,
  phone: order.contactPhone,
  accountId: order.accountId,
  discountMinor: totals.discountMinor + (promo?.applies === true && promo.reduction.isDeliveryFree ? totals.waivedDeliveryMinor : 0n),
})

/** Refuses with total_changed, and the new quote, when the shopper saw another total. */
export function checkExpectedTotal(quote: Quote, expected: PlaceOrder['expectedTotal']): void {
  if (expected === undefined) return
  if (expected.currency === 'KES' && BigInt(expected.amountMinor) === quote.totals.totalMinor) return
  throw new Refusal('total_changed', { extra: { quote: quoteView(quote) } })
}

/** Where the goods come from. Refuses with out_of_stock, naming what is missing. */
export async function planPicks(
  tx: Tx,
  lines: readonly CartLine[],
  input: { readonly address: { readonly lat?: number | undefined; readonly lng?: number | undefined } },
  county: CountyDelivery,
): Promise<StockPick[]> {
  const { lat, lng } = input.address
  const destination = lat === undefined || lng === undefined ? county : { lat, lng }
  const { picks, short } = planStock(
    lines,
    await freeStock(
      tx,
      lines.map((line) => line.variantId),
    ),
    destination,
  )
  if (short.length > 0) {
    const names = lines.filter((line) => short.includes(line.variantId)).map((line) => `${line.name}, ${line.size}, ${line.colour}`)
    throw new Refusal('out_of_stock', { detail: `Not enough left of: ${names.join('; ')}.`, extra: { variantIds: short } })
  }
  return picks
}

function orderDraft(
  context: Context,
  actor: Actor,
  cart: Cart,
  quote: Quote,
  county: CountyDelivery,
  input: PlaceOrder,
  phones: Phones,
  picks: readonly StockPick[],
) {
  const id = context.ids.next()
  const hasPin = input.address.lat !== undefined && input.address.lng !== undefined
  return {
    id,
    token: orderToken(context, id),
    accountId: actor.kind === 'person' ? actor.accountId : null,
    cartId: cart.id,
    contactName: input.contact.name.trim(),
    contactPhone: phones.contact,
    contactEmail: input.contact.email ?? null,
    county: county.county,
    town: input.address.town.trim(),
    landmark: input.address.landmark.trim(),
    lat: hasPin ? (input.address.lat ?? null) : null,
    lng: hasPin ? (input.address.lng ?? null) : null,
    deliveryZone: county.zone,
    promisedFrom: quote.promisedFrom,
    promisedTo: quote.promisedTo,
    note: input.note?.trim() ?? '',
    language: input.language ?? 'en',
    promoCode: quote.promo?.applies === true ? quote.promo.code : null,
    paymentMethod: input.payment.method,
    paymentPhone: phones.payment,
    totals: quote.totals,
    lines: draftLines(quote, picks),
    expiresAt: after(context.clock.now(), context.config.limits.stockHoldMs),
  }
}

/** The lines of an order: one for each shelf its goods come from, which share the discount and VAT of their line of the bag. */
export function draftLines(quote: Pick<Quote, 'lines' | 'totals'>, picks: readonly StockPick[]): OrderDraftLine[] {
  const totals = lineTotals(quote.lines, quote.totals.discountMinor)
  return quote.lines.flatMap((line, index) => {
    let first = 0
    const { discountMinor, vatMinor } = totals[index] ?? { discountMinor: 0n, vatMinor: 0n }
    return picks
      .filter((pick) => pick.variantId === line.variantId)
      .map(({ warehouseId, quantity }) => {
        const whole = { first, quantity: line.quantity, discountMinor, vatMinor }
        first += quantity
        return { ...line, warehouseId, quantity, whole }
      })
  })
}
