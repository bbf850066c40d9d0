import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { deliveriesOfOrder, type DeliveryDetail, eventsOf } from '../../domain/delivery/delivery.queries.ts'
import { visiblePosition } from '../../domain/delivery/delivery.view.ts'
import { dropOffCode } from '../../domain/delivery/drop-off-code.ts'
import { orderByToken } from '../../domain/orders/order.queries.ts'
import { Refusal } from '../../lib/refusal.ts'
import { orderWords } from '../i18n/order.words.ts'
import { localPath } from '../i18n/words.ts'
import { showPage } from '../show-page.ts'
import { socketOrigin } from '../socket-origin.ts'
import { TrackPage } from './track-page.tsx'
import type { TrackedDelivery } from './track.view.ts'

const codeStates: ReadonlySet<string> = new Set(['assigned', 'picked_up', 'en_route', 'arriving', 'failed'])

/** Following an order by its link, without an account. */
export const trackPages = (context: Context) =>
  new Elysia()
    .get(
      '/track',
      ({ request }) =>
        showPage(context, request, { title: orderWords().trackTitle, path: '/track', body: <WhereIsMyLink /> }, { keep: 'private' }),
      { detail: { hide: true } },
    )
    .get(
      '/track/:token',
      async ({ request, params }) => {
        const order = await orderByToken(context.db, params.token)
        if (order === undefined) throw new Refusal('not_found')
        const deliveries = await deliveriesOfOrder(context.db, order.id)
        const tracked = await Promise.all(deliveries.map((delivery) => trackedOf(context, delivery)))
        const { config } = context
        const body = (
          <TrackPage
            order={order}
            token={params.token}
            tracked={tracked}
            now={context.clock.now()}
            support={{ phone: config.supportPhone }}
            tiles={config.mapTilesUrl}
            wantsStreets={new URL(request.url).searchParams.get('streets') === 'yes'}
          />
        )
        return showPage(
          context,
          request,
          { title: orderWords().orderTitle(order.number), path: '/track', body, isPrivate: true, scripts: ['follow-delivery.js'] },
          // The address opens the order; it must not travel to other sites as a referrer.
          {
            keep: 'never',
            policy: { 'connect-src': socketOrigin(config.publicUrl), ...tileOrigin(config.mapTilesUrl) },
            headers: { 'referrer-policy': 'same-origin' },
          },
        )
      },
      { params: t.Object({ token: t.String({ maxLength: 64 }) }), detail: { hide: true } },
    )

async function trackedOf(context: Context, delivery: DeliveryDetail): Promise<TrackedDelivery> {
  const [{ position, eta }, events] = await Promise.all([visiblePosition(context, delivery, 'link'), eventsOf(context.db, delivery.id)])
  return {
    delivery,
    events,
    position,
    eta,
    code: codeStates.has(delivery.state) ? dropOffCode(context.config.appSecret, delivery.id) : undefined,
  }
}

function WhereIsMyLink() {
  const words = orderWords()
  return (
    <div class="stack max-w-text">
      <h1>{words.trackTitle}</h1>
      <p>{words.trackHow}</p>
      <p>
        <a href={localPath('/account')}>{words.yourOrders}</a>
      </p>
    </div>
  )
}

/** What the page's policy must allow for streets: pictures of the one configured server. */
const tileOrigin = (tiles: string | undefined): { 'img-src'?: string } =>
  tiles === undefined ? {} : { 'img-src': new URL(tiles.replace('{s}', 'a')).origin }
