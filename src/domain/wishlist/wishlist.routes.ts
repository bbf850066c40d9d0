import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed } from '../../platform/http/shapes.ts'
import { ProductCardShape } from '../catalog/catalog.schema.ts'
import { changeWishlist } from './change-wishlist.ts'
import { wishlistCards } from './wishlist.queries.ts'

const ById = t.Object({ productId: t.String({ maxLength: 36 }) })

/** What an account wants to remember. */
export const wishlistRoutes = (context: Context) =>
  new Elysia({ prefix: '/api/v1/me/wishlist', tags: ['Wishlist'] })
    .use(actorGuard(context.identify))
    .get(
      '',
      async ({ actor }) =>
        // The database writes the cards; they go out as they are.
        new Response(`{"items":[${(await wishlistCards(context.db, asPerson(actor).accountId)).join(',')}]}`, {
          headers: { 'content-type': 'application/json;charset=utf-8', 'cache-control': 'private, no-cache' },
        }),
      {
        as: 'person',
        response: { 200: closed({ items: t.Array(ProductCardShape) }), ...problems('not_signed_in') },
        detail: { operationId: 'getWishlist', summary: 'Own wishlist, newest first' },
      },
    )
    .put(
      '/:productId',
      async ({ actor, params, set }) => {
        await changeWishlist(context, asPerson(actor), params.productId, true)
        set.status = 204
      },
      {
        as: 'person',
        params: ById,
        response: { 204: t.Void(), ...problems('not_signed_in', 'not_found') },
        detail: { operationId: 'addToWishlist', summary: 'Remember a product' },
      },
    )
    .delete(
      '/:productId',
      async ({ actor, params, set }) => {
        await changeWishlist(context, asPerson(actor), params.productId, false)
        set.status = 204
      },
      {
        as: 'person',
        params: ById,
        response: { 204: t.Void(), ...problems('not_signed_in', 'not_found') },
        detail: { operationId: 'removeFromWishlist', summary: 'Forget a product' },
      },
    )
