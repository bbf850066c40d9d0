import { parseArgs } from 'node:util'
import { readConfig } from '../platform/config.ts'
import { callShop, signInAs } from './call-shop.ts'
import { rideDelivery } from './ride-delivery.ts'
import { demoPassword } from './seed/people.data.ts'

interface Driven {
  readonly id: string
  readonly number: number
  readonly state: string
  readonly origin: { readonly lat: number; readonly lng: number }
  readonly destination: { readonly lat: number; readonly lng: number; readonly text: string }
}

/**
 * `shop drive`: one rider of the running shop brings the delivery they have been given, or take the one that is named, to the door
 * over the real socket, so that the tracking page can be looked at. Stops at the door: the code is the shopper's. Answers 1 when
 * there is nothing to bring or the shop refuses.
 */
export async function drive(args: readonly string[]): Promise<number> {
  const config = readConfig()
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: config.publicUrl },
      as: { type: 'string', default: 'dennis@example.co.ke' },
      password: { type: 'string', default: demoPassword },
      delivery: { type: 'string' },
      fixes: { type: 'string', default: '30' },
    },
  })
  const token = await signInAs(values.url, values.as, values.password)
  const call = callShop(values.url, token)
  if (values.delivery !== undefined) await call('POST', `/api/v1/deliveries/${values.delivery}/accept`)
  const { items } = await call<{ items: Driven[] }>('GET', '/api/v1/deliveries?limit=50')
  const delivery = items.find(
    ({ id, number, state }) =>
      (values.delivery === undefined || [id, String(number)].includes(values.delivery)) &&
      ['assigned', 'picked_up', 'en_route', 'failed'].includes(state),
  )
  if (delivery === undefined) {
    process.stderr.write(`${values.as} has nothing to bring.\n`)
    return 1
  }
  if (delivery.state === 'assigned') await call('POST', `/api/v1/deliveries/${delivery.id}/pickup`)
  if (delivery.state !== 'en_route') await call('POST', `/api/v1/deliveries/${delivery.id}/depart`)
  process.stdout.write(`Delivery ${delivery.number} to ${delivery.destination.text}\n`)
  await rideDelivery({
    origin: values.url,
    token,
    deliveryId: delivery.id,
    from: delivery.origin,
    to: delivery.destination,
    fixes: Math.min(1_000, Math.max(2, Number(values.fixes) || 30)),
    everyMs: config.limits.positionIntervalMs + 150,
    sent: ({ street, lat, lng }) => void process.stdout.write(`  ${lat.toFixed(5)}, ${lng.toFixed(5)}  ${street}\n`),
  })
  await call('POST', `/api/v1/deliveries/${delivery.id}/arrive`)
  process.stdout.write('At the door. The shopper’s code closes the delivery.\n')
  return 0
}
