/** A position as it is drawn. */
export interface Drawn {
  readonly lat: number
  readonly lng: number
}

// How fast a rider who seems to stand may creep, in metres a second.
const driftMps = 3
// A phone that does not say how exact it is.
const usualAccuracyM = 20
// After so long, or so far, the rider is simply somewhere else.
const forgetMs = 120_000
const jumpM = 250
const metresADegree = 111_195

/**
 * Takes the trembling out of a moving dot: an estimate with a variance, drawn towards each fix by how exact the phone says it is
 * (design: realtime.md section 3). A rider who stands at a light stays there; one who rides on is followed. For drawing only: the
 * times and distances that are told are of the fixes themselves.
 */
export function smoother(): (fix: { lat: number; lng: number; acc: number | null; ts: number }) => Drawn {
  let at: { lat: number; lng: number; ts: number; varianceM2: number } | undefined
  return ({ lat, lng, acc, ts }) => {
    const errorM2 = (acc ?? usualAccuracyM) ** 2
    const northM = (lat - (at?.lat ?? lat)) * metresADegree
    const eastM = (lng - (at?.lng ?? lng)) * metresADegree * Math.cos((lat * Math.PI) / 180)
    if (at === undefined || ts - at.ts > forgetMs || Math.hypot(northM, eastM) > jumpM) {
      at = { lat, lng, ts, varianceM2: errorM2 }
      return { lat, lng }
    }
    // Further than the phone may be wrong is a ride, and is followed at once; less is mostly trembling.
    const movedM2 = northM ** 2 + eastM ** 2
    const driftM2 = ((Math.max(0, ts - at.ts) / 1_000) * driftMps) ** 2
    const spread = at.varianceM2 + (movedM2 > errorM2 ? movedM2 : driftM2)
    const trust = spread / (spread + errorM2)
    at = { lat: at.lat + (lat - at.lat) * trust, lng: at.lng + (lng - at.lng) * trust, ts, varianceM2: (1 - trust) * spread }
    return { lat: at.lat, lng: at.lng }
  }
}
