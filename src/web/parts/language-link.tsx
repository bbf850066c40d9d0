import { frameWords } from '../i18n/frame.words.ts'
import { spokenLang } from '../i18n/words.ts'

/** The same page in the other language; the address notes the choice in a cookie on its way. */
export function LanguageLink({ path }: { path: string }) {
  const other = spokenLang() === 'en' ? 'sw' : 'en'
  return (
    <a class="tongue" href={`/language/${other}?next=${encodeURIComponent(path)}`} lang={other} hreflang={other} rel="nofollow">
      {frameWords().otherLanguage}
    </a>
  )
}
