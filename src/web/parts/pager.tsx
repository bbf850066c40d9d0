import { frameWords } from '../i18n/frame.words.ts'

/** The way on through a list, and back to its start. Keyset lists know only these; there is no page count to lie about. */
export function Pager({ next, start }: { next?: string | undefined; start?: string | undefined }) {
  if (!next && !start) return null
  const words = frameWords()
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
