import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { moderateReview } from './moderate-review.ts'
import { listReviews, ratingOf } from './review.queries.ts'
import {
  ModerationBody,
  ProductReviewsShape,
  ratingView,
  ReviewBody,
  ReviewShape,
  reviewView,
  StaffReviewPage,
  StaffReviewShape,
  staffReviewView,
} from './reviews.schema.ts'
import { writeReview } from './write-review.ts'

const Paged = {
  cursor: t.Optional(t.String({ maxLength: 500 })),
  limit: t.Optional(t.Numeric({ minimum: 1, maximum: 50, multipleOf: 1 })),
}
const ById = t.Object({ id: t.String({ maxLength: 36 }) })
const body = ['malformed_json', 'unsupported_media_type'] as const
const refused = ['not_signed_in', 'not_allowed'] as const

/** Reviews: written by buyers, read by everybody once staff have published them. */
export const reviewsRoutes = (context: Context) => {
  const moderate = (state: 'published' | 'rejected', operationId: string, summary: string) =>
    ({
      as: 'staff',
      params: ById,
      body: ModerationBody,
      response: { 200: StaffReviewShape, ...problems(...refused, 'not_found', ...body) },
      detail: { operationId, summary, description: `The review is ${state} from then on; staff may change their mind.` },
    }) as const
  return new Elysia({ prefix: '/api/v1', tags: ['Reviews'] })
    .use(actorGuard(context.identify))
    .get(
      '/products/:slug/reviews',
      async ({ params, query }) => {
        const product = await ratingOf(context.db, params.slug)
        if (product === undefined) throw new Refusal('not_found')
        const filter = { productId: product.productId, state: 'published', cursor: query.cursor, limit: query.limit ?? 20 }
        const { items, nextCursor } = await listReviews(context.db, filter)
        return { rating: ratingView(product.rating), items: items.map(reviewView), nextCursor }
      },
      {
        as: 'anyone',
        params: t.Object({ slug: t.String({ maxLength: 120 }) }),
        query: t.Object(Paged),
        response: { 200: ProductReviewsShape, ...problems('not_found') },
        detail: { operationId: 'listProductReviews', summary: 'Stars, fit votes and reviews of a product' },
      },
    )
    .post(
      '/orders/:number/lines/:lineId/review',
      async ({ actor, params, query, body: wish, set }) => {
        set.status = 201
        return reviewView(await writeReview(context, actor, params.number, query.token, params.lineId, wish))
      },
      {
        as: 'anyone',
        params: t.Object({ number: t.String({ maxLength: 20 }), lineId: t.String({ maxLength: 36 }) }),
        query: t.Object({ token: t.Optional(t.String({ maxLength: 64, description: 'The order’s token, for a guest.' })) }),
        body: ReviewBody,
        response: { 201: ReviewShape, ...problems('not_found', 'review_early', 'conflict', ...body) },
        detail: { operationId: 'writeReview', summary: 'Review what was bought', description: 'Once a line, after the delivery.' },
      },
    )
    .get(
      '/admin/reviews',
      async ({ query }) => {
        const { items, nextCursor } = await listReviews(context.db, { state: query.state, cursor: query.cursor, limit: query.limit ?? 50 })
        return { items: items.map(staffReviewView), nextCursor }
      },
      {
        as: 'staff',
        query: t.Object({ state: t.Optional(t.Union([t.Literal('pending'), t.Literal('published'), t.Literal('rejected')])), ...Paged }),
        response: { 200: StaffReviewPage, ...problems(...refused) },
        detail: { operationId: 'listReviews', summary: 'Reviews, newest first' },
      },
    )
    .post(
      '/admin/reviews/:id/publish',
      async ({ actor, params, body: { note } }) =>
        staffReviewView({ ...(await moderateReview(context, asPerson(actor), params.id, { state: 'published', note })), productSlug: '' }),
      moderate('published', 'publishReview', 'Show a review to everybody'),
    )
    .post(
      '/admin/reviews/:id/reject',
      async ({ actor, params, body: { note } }) =>
        staffReviewView({ ...(await moderateReview(context, asPerson(actor), params.id, { state: 'rejected', note })), productSlug: '' }),
      moderate('rejected', 'rejectReview', 'Keep a review from the public'),
    )
}
