import type { RatingRow } from '../../domain/reviews/review.queries.ts'
import type { ReviewRow } from '../../domain/reviews/write-review.ts'
import { dayText } from '../i18n/dates.ts'
import { reviewWords } from '../i18n/review.words.ts'

/** What buyers say of a product: the sum of it, how it fits, and the newest in their words. Nothing while nobody has said anything. */
export function Reviews({ rating, reviews }: { rating: RatingRow | null; reviews: readonly ReviewRow[] }) {
  if (rating === null || rating.count === 0) return null
  const words = reviewWords()
  const votes = rating.fitSmall + rating.fitTrue + rating.fitLarge
  const fits = [
    [words.small, rating.fitSmall],
    [words.true, rating.fitTrue],
    [words.large, rating.fitLarge],
  ] as const
  return (
    <section id="reviews">
      <h2 class="h3">{words.title}</h2>
      <p>
        <strong>{words.summary((rating.stars / rating.count).toFixed(1), String(rating.count))}</strong>
      </p>
      {votes > 0 && (
        <p>
          {words.fits}{' '}
          {fits
            .filter(([, count]) => count > 0)
            .map(([what, count]) => words.share(what, String(Math.round((count / votes) * 100))))
            .join(', ')}
          .
        </p>
      )}
      <ul class="stack">
        {reviews.map((review) => (
          <li key={review.id} class="panel">
            <p>
              <span aria-hidden="true">{'★'.repeat(review.stars) + '☆'.repeat(5 - review.stars)}</span>{' '}
              <span class="hush">{words.stars(String(review.stars))}</span>
              <span class="meta">
                {review.size !== '' && `${words.size(review.size)}, `}
                {dayText(review.createdAt)}
              </span>
            </p>
            {review.body !== '' && <p>{review.body}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
