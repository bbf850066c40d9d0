import { eq, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { PersonActor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { audit } from '../../platform/audit.ts'
import type { Tx } from '../../platform/db.ts'
import { deliveryCounties, deliveryTowns, deliveryZones } from './delivery.table.ts'

/** What staff say about a zone. Amounts are cents, in whole shillings. */
export interface ZoneTerms {
  readonly name: string
  readonly feeMinor: number
  readonly perKmMinor?: number | undefined
  readonly includedKm?: number | undefined
  readonly freeFromMinor?: number | null | undefined
  readonly daysMin: number
  readonly daysMax: number
}

/** One change of where delivery goes and what it costs. Orders placed before keep their fee and date. */
export type ZoneChange =
  | { readonly kind: 'zone'; readonly code: string; readonly terms: ZoneTerms }
  | { readonly kind: 'county'; readonly county: string; readonly zone: string }
  | { readonly kind: 'town'; readonly county: string; readonly town: string; readonly zone: string }
  | { readonly kind: 'town removed'; readonly id: string }

/** Staff change delivery fees. Refuses with not_found for a county, town or zone that is not there, invalid_input for odd terms. */
export async function changeZones(context: Context, actor: PersonActor, change: ZoneChange): Promise<void> {
  const stamp = { now: context.clock.now(), ids: context.ids, actor }
  await context.db.transaction(async (tx) => {
    await apply(tx, context, change)
    await audit(tx, stamp, { action: `delivery.${change.kind.replace(' ', '_')}`, target: targetOf(change), data: { ...change } })
  })
}

const targetOf = (change: ZoneChange): string =>
  change.kind === 'zone'
    ? change.code
    : change.kind === 'town removed'
      ? change.id
      : change.kind === 'town'
        ? `${change.county}, ${change.town}`
        : change.county

async function apply(tx: Tx, context: Context, change: ZoneChange): Promise<void> {
  switch (change.kind) {
    case 'zone':
      return await setZone(tx, change.code, change.terms)
    case 'county': {
      await mustExist(tx, change.zone)
      const moved = await tx
        .update(deliveryCounties)
        .set({ zoneCode: change.zone })
        .where(sql`lower(${deliveryCounties.county}) = lower(${change.county})`)
        .returning({ county: deliveryCounties.county })
      if (moved.length === 0) throw new Refusal('not_found')
      return
    }
    case 'town': {
      await mustExist(tx, change.zone)
      const [county] = await tx
        .select()
        .from(deliveryCounties)
        .where(sql`lower(${deliveryCounties.county}) = lower(${change.county})`)
      if (county === undefined) throw new Refusal('not_found')
      await tx.execute(sql`
        insert into delivery_towns (id, county, town, zone_code) values (${context.ids.next()}::uuid, ${county.county}, ${change.town.trim()}, ${change.zone})
        on conflict (county, lower(town)) do update set zone_code = excluded.zone_code`)
      return
    }
    case 'town removed': {
      const gone = isUuid(change.id)
        ? await tx.delete(deliveryTowns).where(eq(deliveryTowns.id, change.id)).returning({ id: deliveryTowns.id })
        : []
      if (gone.length === 0) throw new Refusal('not_found')
    }
  }
}

async function setZone(tx: Tx, code: string, terms: ZoneTerms): Promise<void> {
  if (terms.daysMax < terms.daysMin) throw odd('daysMax', 'The longest time is shorter than the shortest.')
  for (const name of ['feeMinor', 'perKmMinor'] as const) if ((terms[name] ?? 0) % 100 !== 0) throw odd(name, 'Whole shillings only.')
  const values = {
    name: terms.name.trim(),
    feeMinor: BigInt(terms.feeMinor),
    perKmMinor: BigInt(terms.perKmMinor ?? 0),
    includedKm: terms.includedKm ?? 0,
    freeFromMinor: terms.freeFromMinor == null ? null : BigInt(terms.freeFromMinor),
    daysMin: terms.daysMin,
    daysMax: terms.daysMax,
  }
  await tx
    .insert(deliveryZones)
    .values({ code, ...values })
    .onConflictDoUpdate({ target: deliveryZones.code, set: values })
}

async function mustExist(tx: Tx, zone: string): Promise<void> {
  const [found] = await tx.select({ code: deliveryZones.code }).from(deliveryZones).where(eq(deliveryZones.code, zone))
  if (found === undefined) throw new Refusal('not_found', { detail: 'There is no such zone.' })
}

const odd = (field: string, message: string): Refusal =>
  new Refusal('invalid_input', { detail: message, fields: [{ path: `/body/${field}`, code: 'terms', message }] })
