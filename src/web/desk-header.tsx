import { localPath } from './i18n/words.ts'
import { LanguageLink } from './parts/language-link.tsx'
import { Wordmark } from './parts/wordmark.tsx'

/** The navigation of a desk: who works there and where one can go. */
export type Desk = {
  /** "Dispatch", "Pwani Prints": what stands beside the shop's name. */
  title: string
  links: readonly { href: string; label: string; count?: number }[]
}

/** The header of pages for drivers, vendors and staff: no search, no bag, the desk's own pages in one row. */
export function DeskHeader({ desk, path }: { desk: Desk; path: string }) {
  // The longest address this page lies under is the current one, so that a detail page keeps its list marked.
  const current = desk.links
    .filter(({ href }) => path === href || path.startsWith(`${href}/`))
    .reduce((longest, { href }) => (href.length > longest.length ? href : longest), '')
  return (
    <header class="top desk">
      <div class="wrap">
        <Wordmark />
        <strong class="desk-title">{desk.title}</strong>
        <LanguageLink path={path} />
      </div>
      <nav class="wrap" aria-label={desk.title}>
        <ul class="shelves">
          {desk.links.map(({ href, label, count }) => (
            <li key={href}>
              <a href={localPath(href)} aria-current={href === current ? 'page' : undefined}>
                {label}
                {count !== undefined && count > 0 && <span class="count">{count}</span>}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  )
}
