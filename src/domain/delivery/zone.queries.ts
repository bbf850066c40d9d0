import { type SQL, sql } from 'drizzle-orm'
import { distanceM, type Place } from '../../lib/geo.ts'
import type { DbOrTx } from '../../platform/db.ts'

/** What delivery to a county, or to one spot in it, costs and when it comes. */
export interface CountyDelivery {
  county: string
  zone: string
  zoneName: string
  /** The zone's fee, and what the way beyond `includedKm` adds where the spot is known. Whole shillings. */
  feeMinor: bigint
  /** Goods worth so much are brought for nothing; null: never. */
  freeFromMinor: bigint | null
  daysMin: number
  daysMax: number
  lat: number
  lng: number
}

/** Where in the county: a town may be in a zone of its own, and a pin is measured from the nearest warehouse. */
export interface Spot {
  readonly town?: string | undefined
  readonly lat?: number | undefined
  readonly lng?: number | undefined
}

interface CountyRow extends Record<string, unknown> {
  county: string
  code: string
  name: string
  fee_minor: string
  per_km_minor: string
  included_km: number
  free_from_minor: string | null
  days_min: number
  days_max: number
  lat: number
  lng: number
  warehouses?: Place[] | null
}

// Roads are longer than the straight line; 1.3 is the usual factor for Kenyan towns.
const roadFactor = 1.3

/** Kilometres by road to the nearest of the places, rounded up; 0 without places. */
function roadKm(pin: Place, places: readonly Place[]): number {
  const metres = places.map((place) => distanceM(pin, place))
  return metres.length === 0 ? 0 : Math.ceil((Math.min(...metres) * roadFactor) / 1_000)
}

function countyOf(row: CountyRow, pin?: Place): CountyDelivery {
  const beyondKm = pin === undefined ? 0 : Math.max(0, roadKm(pin, row.warehouses ?? []) - row.included_km)
  return {
    county: row.county,
    zone: row.code,
    zoneName: row.name,
    feeMinor: BigInt(row.fee_minor) + BigInt(row.per_km_minor) * BigInt(beyondKm),
    freeFromMinor: row.free_from_minor === null ? null : BigInt(row.free_from_minor),
    daysMin: row.days_min,
    daysMax: row.days_max,
    lat: row.lat,
    lng: row.lng,
  }
}

const columns: SQL = sql`c.county, z.code, z.name, z.fee_minor, z.per_km_minor, z.included_km, z.free_from_minor, z.days_min, z.days_max, c.lat, c.lng`

/** Delivery to one county by name, in any case, and to a town or pin in it; undefined where we do not go. */
export async function countyDelivery(db: DbOrTx, county: string, spot: Spot = {}): Promise<CountyDelivery | undefined> {
  const [row] = await db.execute<CountyRow>(sql`
    select ${columns}, (select json_agg(json_build_object('lat', w.lat, 'lng', w.lng)) from warehouses w where w.is_active) as warehouses
    from delivery_counties c
    left join delivery_towns t on t.county = c.county and lower(t.town) = lower(${spot.town?.trim() ?? ''})
    join delivery_zones z on z.code = coalesce(t.zone_code, c.zone_code)
    where lower(c.county) = lower(${county.trim()})`)
  if (row === undefined) return undefined
  const { lat, lng } = spot
  return countyOf(row, lat === undefined || lng === undefined ? undefined : { lat, lng })
}

/** Delivery to every county, by name. */
export async function allCountyDeliveries(db: DbOrTx): Promise<CountyDelivery[]> {
  const rows = await db.execute<CountyRow>(sql`
    select ${columns} from delivery_counties c join delivery_zones z on z.code = c.zone_code order by c.county`)
  return rows.map((row) => countyOf(row))
}

/** A zone with the counties and towns in it. */
export interface ZoneView {
  code: string
  name: string
  feeMinor: bigint
  perKmMinor: bigint
  includedKm: number
  freeFromMinor: bigint | null
  daysMin: number
  daysMax: number
  counties: string[]
  towns: { id: string; county: string; town: string }[]
}

/** Every zone, cheapest first. */
export async function allZones(db: DbOrTx): Promise<ZoneView[]> {
  const rows = await db.execute<CountyRow & { counties: string[]; towns: ZoneView['towns'] }>(sql`
    select z.code, z.name, z.fee_minor, z.per_km_minor, z.included_km, z.free_from_minor, z.days_min, z.days_max,
      coalesce((select json_agg(c.county order by c.county) from delivery_counties c where c.zone_code = z.code), '[]') as counties,
      coalesce((select json_agg(json_build_object('id', t.id, 'county', t.county, 'town', t.town) order by t.county, t.town) from delivery_towns t where t.zone_code = z.code), '[]') as towns
    from delivery_zones z order by z.fee_minor, z.code`)
  return rows.map((row) => ({
    code: row.code,
    name: row.name,
    feeMinor: BigInt(row.fee_minor),
    perKmMinor: BigInt(row.per_km_minor),
    includedKm: row.included_km,
    freeFromMinor: row.free_from_minor === null ? null : BigInt(row.free_from_minor),
    daysMin: row.days_min,
    daysMax: row.days_max,
    counties: row.counties,
    towns: row.towns,
  }))
}
