import { etimsLines } from '../../domain/invoicing/invoice.pdf.ts'
import { vatByRate } from '../../domain/invoicing/invoice.lines.ts'
import type { InvoiceDocument } from '../../domain/invoicing/invoice.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatDay, formatTime } from '../../lib/time.ts'

/** An invoice or a credit note to be read and printed. Its words are those of the law, in English in both languages. */
export function InvoicePage({ document, pdfHref }: { document: InvoiceDocument; pdfHref: string }) {
  const { invoice, lines, orderNumber, parentNumber } = document
  const money = (amountMinor: bigint): string => formatMoney(amountMinor, invoice.currency)
  return (
    <article class="stack" lang="en">
      <h1>
        {invoice.kind === 'invoice' ? 'Tax invoice' : 'Credit note'} <span class="nb">{invoice.number}</span>
      </h1>
      <p>
        <strong>{invoice.sellerName}</strong>, KRA PIN {invoice.sellerPin}
        <br />
        Issued {formatDay(invoice.issuedAt)} {invoice.year}, {formatTime(invoice.issuedAt)}, for order {orderNumber}
        {parentNumber !== null && (
          <>
            <br />
            Takes from invoice {parentNumber}
          </>
        )}
      </p>
      <p>
        To <strong>{invoice.buyerName}</strong>
        {invoice.buyerPin !== null && <>, KRA PIN {invoice.buyerPin}</>}
        <br />
        {invoice.buyerAddress}
      </p>
      <div class="scroll" role="region" aria-label="Lines" tabindex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col">Quantity</th>
              <th scope="col">Price</th>
              <th scope="col">VAT in it</th>
              <th scope="col">Total</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.position}>
                <td>
                  {line.name}
                  <br />
                  <span class="meta">
                    {line.sku !== '' && `${line.sku}, `}sold by {line.supplierName}
                    {line.supplierPin !== null && `, PIN ${line.supplierPin}`}
                    {line.discountMinor > 0n && `, discount ${money(line.discountMinor)}`}
                  </span>
                </td>
                <td>{line.quantity}</td>
                <td class="nb">{money(line.unitPriceMinor)}</td>
                <td class="nb">{money(line.vatMinor)}</td>
                <td class="nb">{money(line.totalMinor)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            {vatByRate(lines).map((rate) => (
              <tr key={rate.vatBasisPoints}>
                <td colSpan={4}>
                  VAT {rate.vatBasisPoints / 100} % on {money(rate.netMinor)}
                </td>
                <td class="nb">{money(rate.vatMinor)}</td>
              </tr>
            ))}
            <tr>
              <th scope="row" colSpan={4}>
                {invoice.kind === 'invoice' ? 'Total paid, VAT included' : 'Total credited, VAT included'}
              </th>
              <td class="nb">
                <strong>{money(invoice.totalMinor)}</strong>
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {etimsLines(document).map((text) => (
        <p class="meta" key={text}>
          {text}
        </p>
      ))}
      <p class="chips no-print">
        <a class="btn" href={pdfHref}>
          Download PDF
        </a>
        <button class="btn btn-quiet" type="button" data-print hidden>
          Print
        </button>
      </p>
    </article>
  )
}
