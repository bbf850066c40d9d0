import { PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from 'pdf-lib'
import { formatMoney } from '../../lib/money.ts'
import { formatDay, formatTime } from '../../lib/time.ts'
import { vatByRate } from './invoice.lines.ts'
import type { InvoiceDocument } from './invoice.queries.ts'

const [width, height, margin] = [595.28, 841.89, 48]
const ink = rgb(0.1, 0.1, 0.1)
const muted = rgb(0.4, 0.4, 0.4)

/** A document on A4 pages. */
export async function invoicePdf(document: InvoiceDocument): Promise<Uint8Array> {
  const pdf = await PDFDocument.create()
  const fonts = { plain: await pdf.embedFont(StandardFonts.Helvetica), bold: await pdf.embedFont(StandardFonts.HelveticaBold) }
  const { invoice, lines } = document
  const title = invoice.kind === 'invoice' ? 'Tax invoice' : 'Credit note'
  pdf.setTitle(`${title} ${invoice.number}`)
  // The moment of the document and not of the print, so that printing twice gives the same file.
  pdf.setCreationDate(invoice.issuedAt)
  pdf.setModificationDate(invoice.issuedAt)
  const sheet = createSheet(pdf, fonts)
  sheet.row([[margin, `${title} ${invoice.number}`]], { size: 18, isBold: true, gap: 28 })
  for (const text of headLines(document)) sheet.row([[margin, text]], { colour: muted })
  sheet.space(14)
  const columns = [margin, 300, 345, 430, 490]
  const table = (cells: readonly string[], isBold = false): void =>
    sheet.row(
      cells.map((cell, index): [number, string] => [columns[index] ?? margin, cell]),
      { isBold, fits: 240 },
    )
  table(['Item', 'Qty', 'Price', 'VAT', 'Total'], true)
  for (const line of lines) {
    table([
      line.name,
      String(line.quantity),
      money(line.unitPriceMinor, invoice.currency),
      money(line.vatMinor, invoice.currency),
      money(line.totalMinor, invoice.currency),
    ])
    const below = [line.sku, `sold by ${line.supplierName}${line.supplierPin === null ? '' : `, PIN ${line.supplierPin}`}`]
    if (line.discountMinor > 0n) below.push(`discount ${money(line.discountMinor, invoice.currency)}`)
    sheet.row([[margin + 8, below.filter(Boolean).join(' - ')]], { size: 8, colour: muted, fits: 480 })
  }
  sheet.space(10)
  for (const rate of vatByRate(lines)) {
    const [net, vat] = [money(rate.netMinor, invoice.currency), money(rate.vatMinor, invoice.currency)]
    sheet.row([
      [300, `VAT ${rate.vatBasisPoints / 100} % on ${net}`],
      [490, vat],
    ])
  }
  sheet.row(
    [
      [300, invoice.kind === 'invoice' ? 'Total paid, VAT included' : 'Total credited, VAT included'],
      [490, money(invoice.totalMinor, invoice.currency)],
    ],
    { isBold: true },
  )
  sheet.space(14)
  for (const text of etimsLines(document)) sheet.row([[margin, text]], { size: 8, colour: muted, fits: 500 })
  return await pdf.save()
}

function headLines({ invoice, orderNumber, parentNumber }: InvoiceDocument): string[] {
  return [
    `${invoice.sellerName}, KRA PIN ${invoice.sellerPin}`,
    `Issued ${formatDay(invoice.issuedAt)} ${invoice.year}, ${formatTime(invoice.issuedAt)}, for order ${orderNumber}`,
    ...(parentNumber === null ? [] : [`Takes from invoice ${parentNumber}`]),
    `To ${invoice.buyerName}${invoice.buyerPin === null ? '' : `, KRA PIN ${invoice.buyerPin}`}, ${invoice.buyerAddress}`,
  ]
}

/** What is printed of the revenue authority's word. */
export function etimsLines({ etims }: Pick<InvoiceDocument, 'etims'>): string[] {
  if (etims === null) return []
  if (etims.state !== 'accepted') return ['eTIMS: being reported; the control number is printed here once it is known.']
  return [`eTIMS control number ${etims.controlNumber ?? ''}`, ...(etims.qrUrl ? [etims.qrUrl] : [])]
}

const money = (amountMinor: bigint, currency: string): string => formatMoney(amountMinor, currency).replaceAll('\u00a0', ' ')

interface RowStyle {
  readonly size?: number
  readonly isBold?: boolean
  readonly colour?: ReturnType<typeof rgb>
  readonly gap?: number
  /** The widest the first cell may be. */
  readonly fits?: number
}

/** Writes row under row and begins a new page when one is full. */
function createSheet(pdf: PDFDocument, fonts: { plain: PDFFont; bold: PDFFont }) {
  let page: PDFPage = pdf.addPage([width, height])
  let y = height - margin
  return {
    space: (points: number) => void (y -= points),
    row(cells: readonly (readonly [x: number, text: string])[], style: RowStyle = {}): void {
      const { size = 10, isBold = false, colour = ink, gap = size + 5, fits = 500 } = style
      if (y - gap < margin) {
        page = pdf.addPage([width, height])
        y = height - margin
      }
      y -= gap
      const font = isBold ? fonts.bold : fonts.plain
      for (const [index, [x, text]] of cells.entries())
        page.drawText(fitted(printable(text, font), font, size, index === 0 ? fits : width - margin - x), {
          x,
          y,
          size,
          font,
          color: colour,
        })
    },
  }
}

/** The standard fonts know Western letters only; anything else is written without its accent, or as a question mark. */
function printable(text: string, font: PDFFont): string {
  const known = new Set(font.getCharacterSet())
  const can = (letter: string): boolean => known.has(letter.codePointAt(0) ?? 0) && letter >= ' '
  return Array.from(text.normalize('NFC'), (letter) => (can(letter) ? letter : bare(letter, can))).join('')
}

function bare(letter: string, can: (letter: string) => boolean): string {
  const [first = ''] = letter.normalize('NFKD')
  return can(first) ? first : '?'
}

function fitted(text: string, font: PDFFont, size: number, fits: number): string {
  if (font.widthOfTextAtSize(text, size) <= fits) return text
  let end = text.length
  while (end > 0 && font.widthOfTextAtSize(`${text.slice(0, end)}...`, size) > fits) end--
  return `${text.slice(0, end)}...`
}
