import type { Place } from '../lib/geo.ts'
import { type LivePosition, socketUrl, trackDelivery } from '../web/enhance/tracking-client.ts'
import { planRide, type RideStop } from './plan-ride.ts'

/** A ride to drive over the real socket. */
export interface Ride {
  readonly origin: string
  readonly token: string
  readonly deliveryId: string
  readonly from: Place
  readonly to: Place
  readonly fixes: number
  /** Between two positions; at least what the shop lets through. */
  readonly everyMs: number
  /** Told when the position has come back from the shop. */
  sent(stop: RideStop, echo: LivePosition, index: number): void
}

const patienceMs = 15_000

/**
 * Drives a delivery from one place to the other over the rider's socket. Every position is awaited as the shop tells it to those
 * who watch (the rider is one of them) before the next is sent. Throws Error when the channel ends, a position is refused, or
 * none comes back.
 */
export async function rideDelivery(ride: Ride): Promise<void> {
  let heard: (position: LivePosition) => void = () => {}
  let failed: (error: Error) => void = () => {}
  const live = Promise.withResolvers<void>()
  const client = trackDelivery({
    url: socketUrl(`/ws/delivery/track/${ride.deliveryId}`, ride.origin),
    headers: { authorization: `Bearer ${ride.token}` },
    position: (position) => heard(position),
    refused: (error) => failed(new Error(`the shop refused a position: ${error}`)),
    link(state, code) {
      if (state === 'live') live.resolve()
      if (state === 'over' || state === 'down') {
        const error = new Error(`the rider's channel is ${state} (${code})`)
        live.reject(error)
        failed(error)
      }
    },
  })
  try {
    await live.promise
    for (const [index, stop] of planRide(ride.from, ride.to, ride.fixes).entries()) {
      if (index > 0) await Bun.sleep(ride.everyMs)
      const told = Promise.withResolvers<LivePosition>()
      // What is told on joining is an older place.
      heard = (position) => {
        if (Math.abs(position.lat - stop.lat) < 1e-6 && Math.abs(position.lng - stop.lng) < 1e-6) told.resolve(position)
      }
      failed = told.reject
      const timer = setTimeout(
        () => told.reject(new Error(`position ${index + 1} was not told within ${patienceMs / 1_000} s`)),
        patienceMs,
      )
      client.sendPosition({ lat: stop.lat, lng: stop.lng, acc: 8 })
      try {
        ride.sent(stop, await told.promise, index)
      } finally {
        clearTimeout(timer)
      }
    }
  } finally {
    failed = () => {}
    client.close()
  }
}
