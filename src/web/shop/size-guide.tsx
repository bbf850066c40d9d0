import { measureName } from '../i18n/measure.words.ts'
import { shopWords } from '../i18n/shop.words.ts'
import type { SizeGuideRow } from '../../domain/catalog/product.table.ts'

/** "insideLeg" as a heading: known ones by name, others by taking the words apart. */
const heading = (measure: string): string =>
  measureName(measure) ?? measure.charAt(0).toUpperCase() + measure.slice(1).replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)

/** A garment's measures in centimetres, one row a size, and how to take them. */
export function SizeGuide({ rows }: { rows: readonly SizeGuideRow[] }) {
  const words = shopWords()
  const measures = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((measure) => measure !== 'size')
  return (
    <>
      <div class="scroll" role="region" aria-label={words.guideTitle} tabindex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{words.size}</th>
              {measures.map((measure) => (
                <th key={measure} scope="col" class="num">
                  {heading(measure)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.size}>
                <th scope="row">{row.size}</th>
                {measures.map((measure) => (
                  <td key={measure} class="num">
                    {row[measure] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="meta">{words.measured}</p>
    </>
  )
}
