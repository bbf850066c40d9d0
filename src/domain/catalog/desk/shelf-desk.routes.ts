import { Elysia, t } from 'elysia'
import type { Context } from '../../../context.ts'
import type { Actor } from '../../../lib/actor.ts'
import type { Stamp } from '../../../lib/stamp.ts'
import type { Tx } from '../../../platform/db.ts'
import { actorGuard } from '../../../platform/http/actor-guard.ts'
import { problems } from '../../../platform/http/problem.schema.ts'
import { closed, whole } from '../../../platform/http/shapes.ts'
import { saveCategory } from './save-category.ts'
import { saveCollection } from './save-collection.ts'
import { saveSynonyms } from './save-synonyms.ts'
import { saveWarehouse } from './save-warehouse.ts'

const SlugParams = t.Object({ slug: t.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 80 }) })
const refused = problems('not_signed_in', 'not_allowed', 'not_found', 'conflict', 'malformed_json', 'unsupported_media_type')
const Saved = closed({ saved: t.Literal(true) })
const Position = t.Optional(whole(0, 10_000))

/** What staff arrange around the products: categories, collections, words of the search, warehouses. */
export const shelfDeskRoutes = (context: Context) => {
  const save = async (actor: Actor, step: (tx: Tx, stamp: Stamp) => Promise<void>) => {
    await context.db.transaction((tx) => step(tx, { now: context.clock.now(), ids: context.ids, actor }))
    return { saved: true as const }
  }
  return new Elysia({ prefix: '/api/v1/admin', tags: ['Catalogue desk'] })
    .use(actorGuard(context.identify))
    .put('/categories/:slug', ({ actor, params, body }) => save(actor, (tx, stamp) => saveCategory(tx, stamp, params.slug, body)), {
      as: 'staff',
      params: SlugParams,
      body: closed(
        {
          name: t.String({ minLength: 1, maxLength: 80 }),
          nameSw: t.Optional(t.String({ maxLength: 80 })),
          parent: t.Optional(t.Union([t.String({ maxLength: 80 }), t.Null()])),
          saying: t.Optional(t.String({ maxLength: 200 })),
          position: Position,
        },
        { examples: [{ name: 'Dresses', nameSw: 'Magauni', parent: 'women' }] },
      ),
      response: { 200: Saved, ...refused },
      detail: { operationId: 'saveCategory', summary: 'Write a category under its slug' },
    })
    .put('/collections/:slug', ({ actor, params, body }) => save(actor, (tx, stamp) => saveCollection(tx, stamp, params.slug, body)), {
      as: 'staff',
      params: SlugParams,
      body: closed(
        {
          name: t.String({ minLength: 1, maxLength: 80 }),
          nameSw: t.Optional(t.String({ maxLength: 80 })),
          story: t.Optional(t.String({ maxLength: 1_000 })),
          status: t.Union([t.Literal('draft'), t.Literal('active'), t.Literal('archived')]),
          position: Position,
          productIds: t.Array(t.String({ format: 'uuid' }), { maxItems: 500 }),
        },
        { examples: [{ name: 'Eid', nameSw: 'Idi', status: 'active', productIds: [] }] },
      ),
      response: { 200: Saved, ...refused },
      detail: { operationId: 'saveCollection', summary: 'Write a collection and what is in it, in order' },
    })
    .put(
      '/search/synonyms/:word',
      ({ actor, params, body }) => save(actor, (tx, stamp) => saveSynonyms(tx, stamp, params.word, body.means)),
      {
        as: 'staff',
        params: t.Object({ word: t.String({ minLength: 1, maxLength: 40 }) }),
        body: closed({ means: t.Array(t.String({ minLength: 1, maxLength: 40 }), { maxItems: 8 }) }, { examples: [{ means: ['dress'] }] }),
        response: { 200: Saved, ...refused },
        detail: { operationId: 'saveSynonyms', summary: 'Say what a word means to shoppers; an empty list forgets it' },
      },
    )
    .put('/warehouses/:code', ({ actor, params, body }) => save(actor, (tx, stamp) => saveWarehouse(tx, stamp, params.code, body)), {
      as: 'admin',
      params: t.Object({ code: t.String({ pattern: '^[A-Z0-9]{2,10}$' }) }),
      body: closed({
        name: t.String({ minLength: 1, maxLength: 80 }),
        address: t.String({ minLength: 1, maxLength: 200 }),
        lat: t.Number({ minimum: -90, maximum: 90 }),
        lng: t.Number({ minimum: -180, maximum: 180 }),
        isActive: t.Boolean(),
      }),
      response: { 200: Saved, ...refused },
      detail: { operationId: 'saveWarehouse', summary: 'Write a warehouse under its code' },
    })
}
