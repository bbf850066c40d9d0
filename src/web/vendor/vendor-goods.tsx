import type { DeskProduct } from '../../domain/catalog/desk/desk-product.queries.ts'
import type { StockRow } from '../../domain/catalog/stock/stock-sheet.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { Flash, type Tone } from '../parts/flash.tsx'
import { SelectField, TextField } from '../parts/form-field.tsx'
import { GridTable } from '../parts/grid-table.tsx'
import { Pager } from '../parts/pager.tsx'
import type { VendorPlace } from './vendor.desk.ts'

type Outcome = { tone: Tone; text: string } | undefined

/** A vendor's products in any status. */
export function VendorProducts({
  place,
  items,
  q,
  next,
  outcome,
}: {
  place: VendorPlace
  items: readonly DeskProduct[]
  q: string
  next: string | undefined
  outcome: Outcome
}) {
  return (
    <div class="stack">
      <h1>Products</h1>
      {outcome !== undefined && <Flash tone={outcome.tone}>{outcome.text}</Flash>}
      <form class="filters" method="get" action={place.at('/vendor/products')} role="search">
        <input type="hidden" name="vendorId" value={place.vendorId} />
        <TextField name="q" label="Name or SKU" value={q} maxlength={100} />
        <button class="btn">Show</button>
      </form>
      <p>
        <a href={place.at('/api/v1/vendor/products.csv')}>All products as a table</a>
      </p>
      {items.length === 0 ? (
        <p>No products.</p>
      ) : (
        <GridTable
          caption="Products, the last written first"
          rows={items}
          keyOf={({ id }) => id}
          columns={[
            { label: 'Product', cell: ({ name, slug, status }) => (status === 'active' ? <a href={`/p/${slug}`}>{name}</a> : name) },
            { label: 'Status', cell: ({ status }) => <span class={`badge ${status === 'active' ? 'ok' : 'done'}`}>{status}</span> },
            { label: 'Price', isNumber: true, cell: ({ variants }) => priceRange(variants.map(({ priceMinor }) => priceMinor)) },
            {
              label: 'On the shelf',
              isNumber: true,
              cell: ({ variants }) => String(variants.reduce((sum, { onHand }) => sum + onHand, 0)),
            },
            {
              label: 'Set aside',
              isNumber: true,
              cell: ({ variants }) => String(variants.reduce((sum, { reserved }) => sum + reserved, 0)),
            },
            { label: 'Sizes and colours', isNumber: true, cell: ({ variants }) => String(variants.length) },
            {
              label: 'Sale',
              cell: ({ id, status }) =>
                status === 'archived' ? (
                  ''
                ) : (
                  <form method="post" action={place.at(`/vendor/products/${id}/status`)}>
                    <button class="btn btn-quiet" name="status" value={status === 'active' ? 'draft' : 'active'}>
                      {status === 'active' ? 'Take off sale' : 'Put on sale'}
                    </button>
                  </form>
                ),
            },
          ]}
        />
      )}
      <Pager next={next} />
    </div>
  )
}

function priceRange(prices: readonly number[]): string {
  if (prices.length === 0) return ''
  const [least, most] = [Math.min(...prices), Math.max(...prices)]
  return least === most ? formatMoney(least) : `${formatMoney(least)} to ${formatMoney(most)}`
}

/** The stock sheet of one warehouse: every size and colour a row, what was counted typed into it. */
export function VendorStock({
  place,
  items,
  warehouses,
  warehouse,
  isLow,
  next,
  outcome,
}: {
  place: VendorPlace
  items: readonly StockRow[]
  warehouses: readonly string[]
  warehouse: string
  isLow: boolean
  next: string | undefined
  outcome: Outcome
}) {
  return (
    <div class="stack">
      <h1>{isLow ? 'What runs low' : 'Stock'}</h1>
      {outcome !== undefined && <Flash tone={outcome.tone}>{outcome.text}</Flash>}
      <form class="filters" method="get" action={place.at('/vendor/stock')}>
        <input type="hidden" name="vendorId" value={place.vendorId} />
        <SelectField
          name="warehouse"
          label="Warehouse"
          value={warehouse}
          options={warehouses.map((code) => ({ value: code, label: code }))}
        />
        <SelectField
          name="low"
          label="Show"
          value={isLow ? 'true' : ''}
          options={[
            { value: '', label: 'Everything' },
            { value: 'true', label: 'Only what runs low' },
          ]}
        />
        <button class="btn">Show</button>
      </form>
      {items.length === 0 ? (
        <p>Nothing here.</p>
      ) : (
        <form method="post" action={place.at('/vendor/stock')}>
          <input type="hidden" name="warehouse" value={warehouse} />
          <div class="scroll" role="region" aria-label="Stock sheet" tabindex={0}>
            <table class="grid-table sheet">
              <caption>What you count in {warehouse}. Only numbers you change are written down.</caption>
              <thead>
                <tr>
                  <th scope="col">Piece</th>
                  <th scope="col">SKU</th>
                  <th scope="col" class="num">
                    Set aside
                  </th>
                  <th scope="col" class="num">
                    On the shelf
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((row) => {
                  const shelf = row.shelves.find((each) => each.warehouse === warehouse)
                  return (
                    <tr key={row.variantId}>
                      <th scope="row" data-label="Piece">
                        <span>
                          {row.product}, {row.size}, {row.colour}
                          {row.isLow && <span class="badge warn">low</span>}
                        </span>
                      </th>
                      <td data-label="SKU">
                        <span>{row.sku}</span>
                      </td>
                      <td class="num" data-label="Set aside">
                        <span>{shelf?.reserved ?? 0}</span>
                      </td>
                      <td class="num" data-label="On the shelf">
                        <input type="hidden" name={`was ${row.sku}`} value={String(shelf?.onHand ?? 0)} />
                        <input
                          class="input"
                          name={`now ${row.sku}`}
                          value={String(shelf?.onHand ?? 0)}
                          inputmode="numeric"
                          maxlength={6}
                          aria-label={`Counted of ${row.product}, ${row.size}, ${row.colour}`}
                        />
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
          <button class="btn btn-big">Write down the count</button>
        </form>
      )}
      <Pager next={next} />
    </div>
  )
}
