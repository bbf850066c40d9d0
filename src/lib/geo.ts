/** A place on the earth in degrees (WGS 84). */
export interface Place {
  readonly lat: number
  readonly lng: number
}

/** The box that holds Kenya; warehouses and drop-off points lie inside (design: product.md section 3). */
export const kenyaBox = { south: -4.8, north: 5.3, west: 33.5, east: 42.2 } as const

const earthRadiusM = 6_371_008.8

/** Whether a place is a finite coordinate inside the Kenya box. */
export const inKenya = ({ lat, lng }: Place): boolean =>
  lat >= kenyaBox.south && lat <= kenyaBox.north && lng >= kenyaBox.west && lng <= kenyaBox.east

/** Great-circle distance in metres (haversine, mean earth radius 6371.0088 km). */
export function distanceM(from: Place, to: Place): number {
  const radians = Math.PI / 180
  const dLat = (to.lat - from.lat) * radians
  const dLng = (to.lng - from.lng) * radians
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(from.lat * radians) * Math.cos(to.lat * radians) * Math.sin(dLng / 2) ** 2
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Rounds degrees to six places (about 0.1 m), the precision the predecessor stored and sent. */
export const toSixPlaces = (degrees: number): number => Math.round(degrees * 1e6) / 1e6
