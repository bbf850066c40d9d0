import { distanceM, type Place } from '../lib/geo.ts'
import { nairobiStreets } from './nairobi-streets.data.ts'

/** One fix of a ride. */
export interface RideStop extends Place {
  readonly street: string
}

// Nearer than this to both ends, the streets we know are the way.
const knownM = 1_500

/** `count` fixes from origin to destination, evenly along the streets we know, or along the straight line where we know none. Pure. */
export function planRide(origin: Place, destination: Place, count: number): RideStop[] {
  const [first, last] = [nairobiStreets[0], nairobiStreets.at(-1)]
  const isKnown = first !== undefined && last !== undefined && distanceM(first, origin) < knownM && distanceM(last, destination) < knownM
  const corners: RideStop[] = [
    { ...origin, street: 'the store' },
    ...(isKnown ? nairobiStreets.slice(1, -1) : []),
    { ...destination, street: 'the door' },
  ]
  const lengths = corners.slice(1).map((corner, index) => distanceM(corners[index] as RideStop, corner))
  const total = lengths.reduce((sum, length) => sum + length, 0)
  return Array.from({ length: count }, (_, index) => pointAlong(corners, lengths, (total * (index + 1)) / count))
}

function pointAlong(corners: readonly RideStop[], lengths: readonly number[], wanted: number): RideStop {
  let gone = 0
  for (const [index, length] of lengths.entries()) {
    const [from, to] = [corners[index] as RideStop, corners[index + 1] as RideStop]
    if (gone + length >= wanted && length > 0) {
      const part = (wanted - gone) / length
      return { lat: from.lat + (to.lat - from.lat) * part, lng: from.lng + (to.lng - from.lng) * part, street: to.street }
    }
    gone += length
  }
  return corners.at(-1) as RideStop
}
