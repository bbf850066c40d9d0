import { t } from 'elysia'
import { closed, Instant, page, whole } from '../../platform/http/shapes.ts'
import type { RatingRow } from './review.queries.ts'
import type { ReviewRow } from './write-review.ts'

const Fit = t.Union([t.Literal('small'), t.Literal('true'), t.Literal('large')], {
  description: 'Whether it runs small, true to size or large.',
})

export const ReviewBody = closed(
  { stars: whole(1, 5), fit: t.Optional(Fit), body: t.Optional(t.String({ maxLength: 2_000 })) },
  { examples: [{ stars: 5, fit: 'true', body: 'The cotton is soft and the colour is as shown.' }] },
)

export const ModerationBody = closed({ note: t.Optional(t.String({ maxLength: 300, description: 'For staff.' })) }, { examples: [{}] })

export const RatingShape = closed({
  average: t.Union([t.Number({ description: 'One place after the point.' }), t.Null()]),
  count: t.Number(),
  fit: closed({ small: t.Number(), true: t.Number(), large: t.Number() }),
})

export const ReviewShape = closed({
  id: t.String(),
  stars: t.Number(),
  fit: t.Union([Fit, t.Null()]),
  size: t.String({ description: 'What was bought.' }),
  body: t.String(),
  author: t.String(),
  createdAt: Instant,
})

export const ProductReviewsShape = closed({ rating: RatingShape, items: t.Array(ReviewShape), nextCursor: t.Union([t.String(), t.Null()]) })

export const StaffReviewShape = closed({
  ...ReviewShape.properties,
  product: t.String(),
  state: t.String({ description: 'pending, published or rejected.' }),
  note: t.String(),
})

export const StaffReviewPage = page(StaffReviewShape)

/** A review as everybody sees it. */
export const reviewView = (row: ReviewRow) => ({
  id: row.id,
  stars: row.stars,
  fit: row.fit as 'small' | 'true' | 'large' | null,
  size: row.size,
  body: row.body,
  author: row.authorName,
  createdAt: row.createdAt.toISOString(),
})

/** A review as staff see it. */
export const staffReviewView = (row: ReviewRow & { productSlug: string }) => ({
  ...reviewView(row),
  product: row.productSlug,
  state: row.state,
  note: row.moderationNote,
})

/** Stars and fit votes on the wire. */
export const ratingView = (rating: RatingRow | null) => ({
  average: rating === null || rating.count === 0 ? null : Math.round((rating.stars / rating.count) * 10) / 10,
  count: rating?.count ?? 0,
  fit: { small: rating?.fitSmall ?? 0, true: rating?.fitTrue ?? 0, large: rating?.fitLarge ?? 0 },
})
