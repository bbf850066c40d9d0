import { type Lang, wordsIn } from '../i18n/words.ts'

/** The way on through a list, and back to its start. Keyset lists know only these; there is no page count to lie about. */
export function Pager({ next, start, lang = 'en' }: { next?: string | undefined; start?: string | undefined; lang?: Lang }) {
  if (!next && !start) return null
  const words = wordsIn(lang)
  return (
    <nav class="pager" aria-label={words.pages}>
      {next && (
        <a class="btn" rel="next" href={next}>
          {words.more}
        </a>
      )}
      {start && (
        <a class="btn btn-quiet" href={start}>
          {words.start}
        </a>
      )}
    </nav>
  )
}
