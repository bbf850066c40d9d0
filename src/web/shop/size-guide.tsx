import type { SizeGuideRow } from '../../domain/catalog/product.table.ts'

const measureWords: Readonly<Record<string, string>> = { insideLeg: 'Inside leg' }

/** "insideLeg" as a heading: known ones by name, others by taking the words apart. */
const heading = (measure: string): string =>
  measureWords[measure] ?? measure.charAt(0).toUpperCase() + measure.slice(1).replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)

/** A garment's measures in centimetres, one row a size, and how to take them. */
export function SizeGuide({ rows }: { rows: readonly SizeGuideRow[] }) {
  const measures = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((measure) => measure !== 'size')
  return (
    <>
      <div class="scroll" role="region" aria-label="Size guide" tabindex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Size</th>
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
      <p class="meta">Measured on the garment, laid flat. Compare with one of yours that fits.</p>
    </>
  )
}
