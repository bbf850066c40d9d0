import { sql } from 'drizzle-orm'
import type { DbOrTx } from '../../platform/db.ts'

/** What delivery to a county costs and when it comes. */
export interface CountyDelivery {
  county: string
  zone: string
  zoneName: string
  feeMinor: bigint
  daysMin: number
  daysMax: number
  lat: number
  lng: number
}

interface CountyRow extends Record<string, unknown> {
  county: string
  code: string
  name: string
  fee_minor: string
  days_min: number
  days_max: number
  lat: number
  lng: number
}

const countyOf = (row: CountyRow): CountyDelivery => ({
  county: row.county,
  zone: row.code,
  zoneName: row.name,
  feeMinor: BigInt(row.fee_minor),
  daysMin: row.days_min,
  daysMax: row.days_max,
  lat: row.lat,
  lng: row.lng,
})

/** Delivery to one county by name, in any case; undefined where we do not go. */
export async function countyDelivery(db: DbOrTx, county: string): Promise<CountyDelivery | undefined> {
  const [row] = await db.execute<CountyRow>(sql`
    select c.county, z.code, z.name, z.fee_minor, z.days_min, z.days_max, c.lat, c.lng
    from delivery_counties c join delivery_zones z on z.code = c.zone_code where lower(c.county) = lower(${county.trim()})`)
  return row === undefined ? undefined : countyOf(row)
}

/** Delivery to every county, by name. */
export async function allCountyDeliveries(db: DbOrTx): Promise<CountyDelivery[]> {
  const rows = await db.execute<CountyRow>(sql`
    select c.county, z.code, z.name, z.fee_minor, z.days_min, z.days_max, c.lat, c.lng
    from delivery_counties c join delivery_zones z on z.code = c.zone_code order by c.county`)
  return rows.map(countyOf)
}
