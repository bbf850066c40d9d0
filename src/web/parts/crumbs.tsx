import { frameWords } from '../i18n/frame.words.ts'
import { localPath } from '../i18n/words.ts'

/** The way here, from the widest shelf to this page, which is the last and not a link. */
export function Crumbs({ trail }: { trail: readonly { name: string; href?: string }[] }) {
  return (
    <nav class="crumbs" aria-label={frameWords().youAreHere}>
      <ol>
        {trail.map(({ name, href }) => (
          <li key={name}>{href ? <a href={localPath(href)}>{name}</a> : <span aria-current="page">{name}</span>}</li>
        ))}
      </ol>
    </nav>
  )
}
