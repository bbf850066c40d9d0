import { t } from 'elysia'
import { moneyView } from '../../lib/money.ts'
import { closed, Instant, MoneyShape, page } from '../../platform/http/shapes.ts'
import { vatByRate } from './invoice.lines.ts'
import type { InvoiceDocument } from './invoice.queries.ts'

const Nullable = t.Union([t.String(), t.Null()])
export const KindShape = t.Union([t.Literal('invoice'), t.Literal('credit_note')])
export const EtimsStateShape = t.Union([
  t.Literal('queued'),
  t.Literal('submitted'),
  t.Literal('accepted'),
  t.Literal('rejected'),
  t.Literal('stuck'),
])

const head = {
  number: t.String({ examples: ['INV-2026-000001'] }),
  kind: KindShape,
  orderNumber: t.String(),
  parentNumber: t.Union([t.String(), t.Null()], { description: 'Of a credit note: the invoice it takes from.' }),
  issuedAt: Instant,
  seller: closed({ name: t.String(), kraPin: t.String() }),
  buyer: closed({ name: t.String(), kraPin: Nullable, address: t.String() }),
  net: MoneyShape,
  vat: MoneyShape,
  total: MoneyShape,
  etims: t.Union([closed({ state: EtimsStateShape, controlNumber: Nullable, qrUrl: Nullable }), t.Null()]),
}
export const InvoicePage = page(closed(head))
export const InvoiceShape = closed({
  ...head,
  lines: t.Array(
    closed({
      kind: t.Union([t.Literal('goods'), t.Literal('delivery')]),
      name: t.String(),
      sku: t.String(),
      supplier: closed({ name: t.String(), kraPin: Nullable }),
      quantity: t.Number(),
      unitPrice: MoneyShape,
      discount: MoneyShape,
      vatBasisPoints: t.Number(),
      vat: MoneyShape,
      total: MoneyShape,
    }),
  ),
  vatByRate: t.Array(closed({ vatBasisPoints: t.Number(), net: MoneyShape, vat: MoneyShape })),
})

/** The head of a document on the wire. */
export const invoiceHeadView = ({ invoice, orderNumber, parentNumber, etims }: Omit<InvoiceDocument, 'lines'>) => ({
  number: invoice.number,
  kind: invoice.kind as 'invoice' | 'credit_note',
  orderNumber,
  parentNumber,
  issuedAt: invoice.issuedAt.toISOString(),
  seller: { name: invoice.sellerName, kraPin: invoice.sellerPin },
  buyer: { name: invoice.buyerName, kraPin: invoice.buyerPin, address: invoice.buyerAddress },
  net: moneyView(invoice.netMinor, invoice.currency),
  vat: moneyView(invoice.vatMinor, invoice.currency),
  total: moneyView(invoice.totalMinor, invoice.currency),
  etims: etims === null ? null : { ...etims, state: etims.state as 'queued' | 'submitted' | 'accepted' | 'rejected' | 'stuck' },
})

/** A whole document on the wire. */
export const invoiceView = (document: InvoiceDocument) => {
  const { currency } = document.invoice
  return {
    ...invoiceHeadView(document),
    lines: document.lines.map((line) => ({
      kind: line.kind as 'goods' | 'delivery',
      name: line.name,
      sku: line.sku,
      supplier: { name: line.supplierName, kraPin: line.supplierPin },
      quantity: line.quantity,
      unitPrice: moneyView(line.unitPriceMinor, currency),
      discount: moneyView(line.discountMinor, currency),
      vatBasisPoints: line.vatBasisPoints,
      vat: moneyView(line.vatMinor, currency),
      total: moneyView(line.totalMinor, currency),
    })),
    vatByRate: vatByRate(document.lines).map((rate) => ({
      vatBasisPoints: rate.vatBasisPoints,
      net: moneyView(rate.netMinor, currency),
      vat: moneyView(rate.vatMinor, currency),
    })),
  }
}

export const TaxDetailsBody = closed(
  {
    buyerName: t.String({ minLength: 2, maxLength: 120 }),
    kraPin: t.String({ pattern: '^[A-Z][0-9]{9}[A-Z]$', description: 'A letter, nine digits, a letter.' }),
  },
  { examples: [{ buyerName: 'Acacia Traders Ltd', kraPin: 'P051234567X' }] },
)
