import { type Lang, wordsIn } from '../i18n/words.ts'

/** Links to the neighbouring pages of a list. Keyset lists know only these; there is no page count to lie about. */
export function Pager({ previous, next, lang = 'en' }: { previous?: string | undefined; next?: string | undefined; lang?: Lang }) {
  if (!previous && !next) return null
  const words = wordsIn(lang)
  return (
    <nav class="pager" aria-label={words.pages}>
      {previous && (
        <a class="btn btn-quiet" rel="prev" href={previous}>
          {words.previous}
        </a>
      )}
      {next && (
        <a class="btn btn-quiet" rel="next" href={next}>
          {words.next}
        </a>
      )}
    </nav>
  )
}
