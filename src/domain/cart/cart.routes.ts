import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { setCookie } from '../../platform/http/cookies.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { addToCart } from './add-to-cart.ts'
import { activeCart } from './cart.queries.ts'
import { AddLineBody, CartShape, ChangeLineBody, PromoBody } from './cart.schema.ts'
import { cartView } from './cart.view.ts'
import { changeLine } from './change-line.ts'
import { bagAgeMs } from './open-cart.ts'
import { bringGuestBag, ownBag } from './own-bag.ts'
import { setPromo } from './set-promo.ts'

/** The visitor's bag: by account when signed in, else by the cookie `bag`. */
export const cartRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/cart', tags: ['Bag'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ actor, set }) => {
        set.headers['cache-control'] = 'private, no-cache'
        const { cart, merged } = await ownBag(context, actor)
        if (merged.length > 0) set.headers['set-cookie'] = setCookie(context.config, 'bag', '', 0)
        return cartView(cart, context.clock.now(), merged)
      },
      {
        as: 'anyone',
        response: { 200: CartShape, ...problems() },
        detail: { operationId: 'getCart', summary: 'The bag with today’s prices and stock' },
      },
    )
    .post(
      '/lines',
      async ({ actor, body, set }) => {
        const merged = await bringGuestBag(context, actor)
        const { newToken } = await addToCart(context, actor, body)
        if (newToken !== undefined) set.headers['set-cookie'] = setCookie(context.config, 'bag', newToken, bagAgeMs / 1_000)
        set.status = 201
        const owner = newToken === undefined ? actor : ({ kind: 'guest', cartTokenHash: sha256Hex(newToken) } as const)
        return cartView(await activeCart(context.db, owner), context.clock.now(), merged)
      },
      {
        as: 'anyone',
        body: AddLineBody,
        response: {
          201: CartShape,
          ...problems('variant_unavailable', 'out_of_stock', 'own_listing', 'malformed_json', 'unsupported_media_type'),
        },
        detail: {
          operationId: 'addToCart',
          summary: 'Put a variant into the bag',
          description: 'A guest gets the cookie `bag`, which is their bag from then on.',
        },
      },
    )
    .patch(
      '/lines/:lineId',
      async ({ actor, params, body }) => {
        await changeLine(context, actor, params.lineId, body)
        return cartView(await activeCart(context.db, actor), context.clock.now())
      },
      {
        as: 'anyone',
        params: t.Object({ lineId: t.String({ maxLength: 36 }) }),
        body: ChangeLineBody,
        response: { 200: CartShape, ...problems('not_found', 'out_of_stock', 'malformed_json', 'unsupported_media_type') },
        detail: { operationId: 'changeCartLine', summary: 'Change a quantity or the selection' },
      },
    )
    .delete(
      '/lines/:lineId',
      async ({ actor, params }) => {
        await changeLine(context, actor, params.lineId, { quantity: 0 })
        return cartView(await activeCart(context.db, actor), context.clock.now())
      },
      {
        as: 'anyone',
        params: t.Object({ lineId: t.String({ maxLength: 36 }) }),
        response: { 200: CartShape, ...problems('not_found') },
        detail: { operationId: 'removeCartLine', summary: 'Take a line out of the bag' },
      },
    )
    .put(
      '/promo',
      async ({ actor, body }) => {
        await setPromo(context, actor, body.code)
        return cartView(await activeCart(context.db, actor), context.clock.now())
      },
      {
        as: 'anyone',
        body: PromoBody,
        response: { 200: CartShape, ...problems('not_found', 'promo_refused', 'malformed_json', 'unsupported_media_type') },
        detail: {
          operationId: 'setCartPromo',
          summary: 'Put a promotion code into the bag',
          description: 'A code that exists stays in the bag even while it does not apply; `promo.reason` says why.',
        },
      },
    )
    .delete(
      '/promo',
      async ({ actor }) => {
        await setPromo(context, actor, undefined)
        return cartView(await activeCart(context.db, actor), context.clock.now())
      },
      {
        as: 'anyone',
        response: { 200: CartShape, ...problems('not_found') },
        detail: { operationId: 'removeCartPromo', summary: 'Take the promotion code out of the bag' },
      },
    )
