import { localPath } from '../i18n/words.ts'

/** One number of a desk; `href` opens the list behind it. */
export type FigureView = { label: string; value: string; note?: string; href?: string; tone?: 'ok' | 'warn' | 'bad' }

/** What stands on a desk's first page: one number each, every one a way to its list. */
export function Figures({ figures }: { figures: readonly FigureView[] }) {
  return (
    <div class="figures">
      {figures.map(({ label, value, note, href, tone = '' }) => {
        const inside = (
          <>
            <span class="meta">{label}</span>
            <strong>{value}</strong>
            {note && <span class="meta">{note}</span>}
          </>
        )
        return href === undefined ? (
          <div key={label} class={`figure ${tone}`}>
            {inside}
          </div>
        ) : (
          <a key={label} class={`figure ${tone}`} href={localPath(href)}>
            {inside}
          </a>
        )
      })}
    </div>
  )
}
