import type { ComponentChildren } from 'preact'
import { formatMoney } from '../../lib/money.ts'
import { frameWords } from '../i18n/frame.words.ts'
import { Picture, type PictureView } from './picture.tsx'

export type OrderLineView = {
  id: string
  name: string
  href?: string
  colour: string
  size: string
  quantity: number
  unitMinor: bigint | number
  totalMinor: bigint | number
  picture?: PictureView | undefined
  /** What to know about this line: two left, price changed, sold out. */
  note?: string
}

/** What is in the bag or was bought. `controls` adds what can be done with a line. */
export function OrderLines({
  lines,
  controls,
}: {
  lines: readonly OrderLineView[]
  controls?: (line: OrderLineView) => ComponentChildren
}) {
  const words = frameWords()
  return (
    <ul class="lines">
      {lines.map((line) => (
        <li key={line.id}>
          <Picture picture={line.picture} use="line" />
          <div>
            <p>{line.href ? <a href={line.href}>{line.name}</a> : line.name}</p>
            <p class="meta">
              {line.colour}, {line.size}
            </p>
            <p class="meta">
              {words.quantity(line.quantity)}
              {line.quantity > 1 && `, ${words.each(formatMoney(line.unitMinor))}`}
            </p>
            {line.note && <p class="badge warn">{line.note}</p>}
            {controls?.(line)}
          </div>
          <p class="price">{formatMoney(line.totalMinor)}</p>
        </li>
      ))}
    </ul>
  )
}

export type SumLine = { label: ComponentChildren; amountMinor: bigint | number; note?: string }

/** Every fee in its own line and the total at the end: nothing is added later. */
export function SumTable({ lines, totalMinor }: { lines: readonly SumLine[]; totalMinor: bigint | number }) {
  return (
    <dl class="summary">
      {lines.map((line, index) => (
        <div key={index}>
          <dt>
            {line.label}
            {line.note && <span class="meta block">{line.note}</span>}
          </dt>
          <dd>{formatMoney(line.amountMinor)}</dd>
        </div>
      ))}
      <div class="total">
        <dt>{frameWords().total}</dt>
        <dd>{formatMoney(totalMinor)}</dd>
      </div>
    </dl>
  )
}
