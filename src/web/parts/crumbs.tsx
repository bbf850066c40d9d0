import { type Lang, wordsIn } from '../i18n/words.ts'

/** The way here, from the widest shelf to this page, which is the last and not a link. */
export function Crumbs({ trail, lang = 'en' }: { trail: readonly { name: string; href?: string }[]; lang?: Lang }) {
  return (
    <nav class="crumbs" aria-label={wordsIn(lang).youAreHere}>
      <ol>
        {trail.map(({ name, href }) => (
          <li key={name}>{href ? <a href={href}>{name}</a> : <span aria-current="page">{name}</span>}</li>
        ))}
      </ol>
    </nav>
  )
}
