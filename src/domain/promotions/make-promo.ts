import type { Context } from '../../context.ts'
import { actorLabel, type PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import type { PromoRow } from './promo.queries.ts'
import { parsePromoCode } from './promo.rules.ts'
import { promos } from './promo.table.ts'

/** The terms of a code that may change while it runs. Amounts are cents. */
export interface PromoChange {
  readonly minimumMinor?: number | undefined
  readonly mostDiscountMinor?: number | null | undefined
  readonly startsAt?: string | undefined
  readonly endsAt?: string | null | undefined
  readonly totalLimit?: number | null | undefined
  readonly perPersonLimit?: number | null | undefined
  readonly note?: string | undefined
}

/** A code to be. */
export interface PromoWish extends PromoChange {
  readonly code: string
  readonly kind: 'percent' | 'amount' | 'free_delivery'
  readonly percent?: number | undefined
  readonly amountMinor?: number | undefined
}

/**
 * Staff make a code. Refuses with invalid_input for terms that make no sense together and for a code that cannot be one, conflict for
 * one that exists.
 */
export async function makePromo(context: Context, actor: PersonActor, wish: PromoWish): Promise<PromoRow> {
  const code = parsePromoCode(wish.code)
  if (code === undefined) throw badTerm('code', 'Use 3 to 30 letters, digits and dashes.')
  if ((wish.kind === 'percent') !== (wish.percent !== undefined)) throw badTerm('percent', 'A percentage belongs to the kind percent.')
  if ((wish.kind === 'amount') !== (wish.amountMinor !== undefined)) throw badTerm('amountMinor', 'An amount belongs to the kind amount.')
  if (wish.amountMinor !== undefined && wish.amountMinor % 100 !== 0) throw badTerm('amountMinor', 'Whole shillings only.')
  if (wish.kind !== 'percent' && wish.mostDiscountMinor != null)
    throw badTerm('mostDiscountMinor', 'Only a percentage has a largest discount.')
  if (wish.percent !== undefined && Math.abs(wish.percent * 100 - Math.round(wish.percent * 100)) > 1e-6)
    throw badTerm('percent', 'At most two places after the point.')
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  const { startsAt, endsAt, ...terms } = termsFrom(wish)
  checkPeriod(startsAt ?? stamp.now, endsAt ?? null)
  return await context.db.transaction(async (tx) => {
    const [made] = await tx
      .insert(promos)
      .values({
        ...terms,
        id: stamp.ids.next(),
        code,
        kind: wish.kind,
        basisPoints: wish.percent === undefined ? null : Math.round(wish.percent * 100),
        amountMinor: wish.amountMinor === undefined ? null : BigInt(wish.amountMinor),
        startsAt: startsAt ?? stamp.now,
        endsAt: endsAt ?? null,
        createdBy: actorLabel(actor),
        createdAt: stamp.now,
        updatedAt: stamp.now,
      })
      .onConflictDoNothing({ target: promos.code })
      .returning()
    if (made === undefined) throw new Refusal('conflict', { detail: 'This code exists already.' })
    await audit(tx, stamp, { action: 'promo.made', target: made.id, data: { ...wish, code } })
    return made
  })
}

/** The columns a change writes; what is not named stays. */
export function termsFrom(change: PromoChange) {
  const day = (text: string | null | undefined): Date | null | undefined => (text == null ? text : new Date(text))
  const amount = (minor: number | null | undefined): bigint | null | undefined => (minor == null ? minor : BigInt(minor))
  const { startsAt, endsAt } = change
  return {
    ...(change.minimumMinor === undefined ? {} : { minimumMinor: BigInt(change.minimumMinor) }),
    ...(change.mostDiscountMinor === undefined ? {} : { mostDiscountMinor: amount(change.mostDiscountMinor) ?? null }),
    ...(startsAt === undefined ? {} : { startsAt: new Date(startsAt) }),
    ...(endsAt === undefined ? {} : { endsAt: day(endsAt) ?? null }),
    ...(change.totalLimit === undefined ? {} : { totalLimit: change.totalLimit }),
    ...(change.perPersonLimit === undefined ? {} : { perPersonLimit: change.perPersonLimit }),
    ...(change.note === undefined ? {} : { note: change.note }),
  }
}

/** Refuses a period that ends before it begins. */
export function checkPeriod(startsAt: Date, endsAt: Date | null): void {
  if (endsAt !== null && endsAt <= startsAt) throw badTerm('endsAt', 'It must end after it starts.')
}

/** A refusal that names the field of the body. */
export const badTerm = (field: string, message: string): Refusal =>
  new Refusal('invalid_input', { detail: message, fields: [{ path: `/body/${field}`, code: 'terms', message }] })
