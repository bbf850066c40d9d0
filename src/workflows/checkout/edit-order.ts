import { eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { CartLine } from '../../domain/cart/cart.queries.ts'
import { pricedLines, type WishedLine } from '../../domain/cart/priced-lines.queries.ts'
import { holdStock } from '../../domain/catalog/hold-stock.ts'
import { releaseHolds } from '../../domain/catalog/release-holds.ts'
import { type CountyDelivery, countyDelivery } from '../../domain/delivery/zone.queries.ts'
import { noteEvent } from '../../domain/orders/note-event.ts'
import type { OrderWithLines } from '../../domain/orders/order.queries.ts'
import { orderLines, orders } from '../../domain/orders/order.table.ts'
import { rewriteOrder } from '../../domain/orders/rewrite-order.ts'
import type { PaymentMethod } from '../../domain/payments/payment.methods.ts'
import { findPromo, usesOfAccount } from '../../domain/promotions/promo.queries.ts'
import { parsePromoCode } from '../../domain/promotions/promo.rules.ts'
import { promoRefusal, redeemPromo } from '../../domain/promotions/redeem-promo.ts'
import { releasePromo } from '../../domain/promotions/release-promo.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { isLang } from '../../lib/language.ts'
import { parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import type { Stamp } from '../../lib/stamp.ts'
import { after } from '../../lib/time.ts'
import type { Tx } from '../../platform/db.ts'
import { withRetry } from '../../platform/db-error.ts'
import { checkPaymentMethod } from './check-payment-method.ts'
import { closeCashCharge, openCharges, reopenCashCharge } from './cash.charge.ts'
import { lockOrder } from './lock-order.ts'
import { checkExpectedTotal, checkOwnListing, draftLines, type PlaceOrder, planPicks, redemptionOf, TakenMeanwhile } from './place-order.ts'
import { type Quote, quoteCart } from './quote-cart.ts'

/** What may change of an unpaid order. What is not named stays; `lines` is the whole new list, `promoCode: null` takes the code out. */
export interface OrderEdit {
  readonly lines?: readonly WishedLine[] | undefined
  readonly contact?: PlaceOrder['contact'] | undefined
  readonly address?: PlaceOrder['address'] | undefined
  readonly note?: string | undefined
  readonly promoCode?: string | null | undefined
  readonly payment?: { readonly method: PaymentMethod; readonly phone?: string | undefined } | undefined
  readonly expectedTotal?: PlaceOrder['expectedTotal']
}

type OrderRow = typeof orders.$inferSelect

/**
 * Changes an order nobody has paid: re-priced at today's prices, its goods set aside anew and its code counted anew, all in one
 * commit, so that it is never without its goods in between. Refused while a payment may still arrive, because that asks for the old
 * total; cash at the door is asked for anew by itself. Refuses with not_found, order_state, payment_open, variant_unavailable,
 * cart_empty, own_listing, delivery_unavailable, phone_invalid, promo_refused, total_changed (with the new quote), out_of_stock,
 * payment_method_unavailable.
 */
export async function editOrder(
  context: Context,
  actor: Actor,
  number: string,
  token: string | undefined,
  edit: OrderEdit,
): Promise<OrderWithLines> {
  for (let attempt = 1; ; attempt++) {
    try {
      const order = await withRetry(() => context.payDb.transaction((tx) => editInTransaction(context, tx, actor, number, token, edit)))
      context.outbox.wake()
      return order
    } catch (error) {
      if (!(error instanceof TakenMeanwhile)) throw error
      if (attempt === 3) throw new Refusal('out_of_stock')
    }
  }
}

async function editInTransaction(
  context: Context,
  tx: Tx,
  actor: Actor,
  number: string,
  token: string | undefined,
  edit: OrderEdit,
): Promise<OrderWithLines> {
  const stamp: Stamp = { now: context.clock.now(), ids: context.ids, actor }
  const before = await orderToEdit(tx, await lockOrder(tx, actor, number, token))
  const next = await plan(context, tx, stamp, before, edit)
  const { quote, county } = next
  // The code before the shelves, as everywhere.
  if (quote.promo?.applies === true)
    await redeemPromo(tx, stamp, redemptionOf({ ...before, contactPhone: next.contact.contactPhone }, quote))
  await releaseHolds(tx, stamp, before.id)
  const spot = { lat: next.place.lat ?? undefined, lng: next.place.lng ?? undefined }
  const picks = await planPicks(tx, quote.lines, { address: spot }, county)
  const written = await rewriteOrder(tx, stamp, before.id, {
    ...next.contact,
    ...next.place,
    county: county.county,
    deliveryZone: county.zone,
    promisedFrom: quote.promisedFrom,
    promisedTo: quote.promisedTo,
    note: edit.note?.trim() ?? before.note,
    language: isLang(before.language) ? before.language : 'en',
    promoCode: quote.promo?.applies === true ? quote.promo.code : null,
    paymentMethod: next.method,
    paymentPhone: next.paymentPhone,
    totals: quote.totals,
    lines: draftLines(quote, picks),
    expiresAt: latest(before.expiresAt, after(stamp.now, context.config.limits.stockHoldMs)),
  })
  if (next.method === 'cod') await reopenCashCharge(context, tx, stamp, written)
  else await closeCashCharge(tx, stamp, before.id, 'order_edited')
  await noteEvent(tx, stamp, {
    orderId: before.id,
    state: before.state,
    kind: 'edited',
    data: {
      totalBefore: Number(before.totalMinor),
      totalAfter: Number(written.totalMinor),
      changed: Object.keys(edit).filter((name) => name !== 'expectedTotal'),
    },
  })
  if (!(await holdStock(tx, stamp, before.id, picks))) throw new TakenMeanwhile()
  return written
}

async function orderToEdit(tx: Tx, { id, state }: { id: string; state: string }): Promise<OrderRow> {
  if (state !== 'awaiting_payment') throw new Refusal('order_state')
  if ((await openCharges(tx, id)) > 0) throw new Refusal('payment_open')
  const [order] = await tx.select().from(orders).where(eq(orders.id, id))
  if (order === undefined) throw new Refusal('not_found')
  return order
}

/** What the order will be: checked, priced, and with what the code says. The old use of a code is given back first. */
async function plan(context: Context, tx: Tx, stamp: Stamp, before: OrderRow, edit: OrderEdit) {
  const contact = contactOf(before, edit)
  const place = placeOf(before, edit)
  const county = await countyDelivery(tx, edit.address?.county ?? before.county, {
    town: place.town,
    lat: place.lat ?? undefined,
    lng: place.lng ?? undefined,
  })
  if (county === undefined) throw new Refusal('delivery_unavailable')
  const lines = await linesOf(tx, before, edit)
  checkOwnListing(stamp.actor, lines)
  await releasePromo(tx, stamp, before.id)
  const quote = await quoteOf(tx, stamp, before, edit, lines, county)
  const method = (edit.payment?.method ?? before.paymentMethod) as PaymentMethod
  if (edit.payment !== undefined || quote.totals.totalMinor !== before.totalMinor)
    checkPaymentMethod(context, method, quote.totals.totalMinor)
  return { contact, place, county, quote, method, paymentPhone: payingPhone(before, edit, contact.contactPhone) }
}

async function quoteOf(tx: Tx, stamp: Stamp, before: OrderRow, edit: OrderEdit, lines: CartLine[], county: CountyDelivery): Promise<Quote> {
  const typed = edit.promoCode === undefined ? before.promoCode : edit.promoCode
  const code = typed === null ? null : (parsePromoCode(typed) ?? typed)
  const terms = code === null ? undefined : await findPromo(tx, code)
  const personUses = terms === undefined || before.accountId === null ? 0 : await usesOfAccount(tx, terms.id, before.accountId)
  const promo = code === null ? undefined : { code, terms, personUses }
  const quote = quoteCart({ id: before.cartId, lines, promo }, county, stamp.now)
  checkExpectedTotal(quote, edit.expectedTotal)
  if (quote.promo?.applies === false && edit.expectedTotal === undefined) throw promoRefusal(quote.promo.reason)
  return quote
}

async function linesOf(tx: Tx, before: OrderRow, edit: OrderEdit): Promise<CartLine[]> {
  const wished = edit.lines ?? (await linesNow(tx, before.id))
  if (wished.length === 0) throw new Refusal('cart_empty')
  const isOnce = new Set(wished.map(({ variantId }) => variantId)).size === wished.length
  if (!isOnce) throw new Refusal('invalid_input', { detail: 'Name each item once.' })
  const lines = wished.every(({ variantId }) => isUuid(variantId)) ? await pricedLines(tx, wished) : []
  if (lines.length !== wished.length || lines.some((line) => !line.isSold)) throw new Refusal('variant_unavailable')
  return lines
}

const linesNow = async (tx: Tx, orderId: string): Promise<WishedLine[]> =>
  await tx
    .select({ variantId: orderLines.variantId, quantity: sql<number>`sum(${orderLines.quantity})::int` })
    .from(orderLines)
    .where(eq(orderLines.orderId, orderId))
    .groupBy(orderLines.variantId)
    .orderBy(sql`min(${orderLines.position})`)

function contactOf(before: OrderRow, { contact }: OrderEdit) {
  if (contact === undefined)
    return { contactName: before.contactName, contactPhone: before.contactPhone, contactEmail: before.contactEmail }
  const contactPhone = parsePhone(contact.phone)
  if (contactPhone === undefined)
    throw new Refusal('phone_invalid', {
      fields: [{ path: '/body/contact/phone', code: 'phone', message: 'Write a Kenyan mobile number such as 0712 345 678.' }],
    })
  return { contactName: contact.name.trim(), contactPhone, contactEmail: contact.email ?? null }
}

function placeOf(before: OrderRow, { address }: OrderEdit) {
  if (address === undefined) return { town: before.town, landmark: before.landmark, lat: before.lat, lng: before.lng }
  const hasPin = address.lat !== undefined && address.lng !== undefined
  return {
    town: address.town.trim(),
    landmark: address.landmark.trim(),
    lat: hasPin ? (address.lat ?? null) : null,
    lng: hasPin ? (address.lng ?? null) : null,
  }
}

function payingPhone(before: OrderRow, edit: OrderEdit, contactPhone: string): string | null {
  if (edit.payment?.phone !== undefined) {
    const phone = parsePhone(edit.payment.phone)
    if (phone === undefined) throw new Refusal('phone_invalid')
    return phone
  }
  return edit.contact !== undefined && before.paymentPhone === before.contactPhone ? contactPhone : before.paymentPhone
}

const latest = (one: Date, other: Date): Date => (one > other ? one : other)
