import { Refusal } from '../../lib/refusal.ts'
import { equalInConstantTime, hmacHex } from '../../lib/signature.ts'
import { decodeUtf8, parseStrictJson } from '../../lib/strict-json.ts'
import type { Outgoing } from '../../platform/outgoing.ts'
import type { EtimsConfig } from '../../platform/tax.config.ts'
import type { Etims, EtimsVerdict } from './etims.port.ts'
import { vatByRate } from './invoice.lines.ts'
import type { InvoiceDocument } from './invoice.queries.ts'

/** Speaks to an eTIMS integrator over HTTPS with a bearer key. */
export function createEtims(config: EtimsConfig, outgoing: Outgoing): Etims {
  const headers = { authorization: `Bearer ${config.apiKey}` }
  return {
    async submit(document) {
      const answer = await outgoing.call({
        method: 'POST',
        url: `${config.baseUrl}/invoices`,
        headers: { ...headers, 'idempotency-key': document.invoice.number },
        body: { branch: config.branch, ...etimsDocument(document) },
        purpose: 'etims.submit',
        totalTimeoutMs: 15_000,
        maxBytes: 65_536,
      })
      // A document it cannot read will not become readable by being sent again.
      if (answer.status === 422 || answer.status === 400) return { status: 'rejected', reason: reasonIn(answer.json) }
      if (answer.status >= 300) throw new Error(`etims answered ${answer.status}`)
      return verdictIn(answer.json)
    },
    async ask(number) {
      const answer = await outgoing.call({
        method: 'GET',
        url: `${config.baseUrl}/invoices/${number}`,
        headers,
        purpose: 'etims.ask',
        totalTimeoutMs: 10_000,
        maxBytes: 65_536,
      })
      if (answer.status === 404) return { status: 'unknown' }
      if (answer.status >= 300) throw new Error(`etims answered ${answer.status}`)
      return verdictIn(answer.json)
    },
    readCallback(body, signature) {
      if (signature === undefined || !equalInConstantTime(hmacHex('sha256', config.callbackSecret, body), signature.toLowerCase()))
        throw new Refusal('signature_invalid')
      const read = decodeUtf8(body) === undefined ? undefined : parseStrictJson(body)
      if (read?.ok !== true) throw new Refusal('malformed_json')
      const number = member(read.value, 'number')
      if (typeof number !== 'string') throw new Refusal('malformed_json', { detail: 'The message names no document.' })
      return { number, verdict: verdictIn(read.value) }
    },
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

const reasonIn = (json: unknown): string => {
  const reason = member(json, 'reason')
  return typeof reason === 'string' && reason !== '' ? reason.slice(0, 300) : 'refused without a reason'
}

/** Anything that is not a clear yes or no is still open: a document is never taken for reported on a guess. */
function verdictIn(json: unknown): EtimsVerdict {
  const [status, controlNumber, qrUrl] = [member(json, 'status'), member(json, 'controlNumber'), member(json, 'qrUrl')]
  if (status === 'rejected') return { status, reason: reasonIn(json) }
  if (status === 'accepted' && typeof controlNumber === 'string' && /^[A-Za-z0-9/-]{4,60}$/.test(controlNumber))
    return { status, controlNumber, qrUrl: typeof qrUrl === 'string' && /^https?:\/\/[^\s"<>]{1,300}$/.test(qrUrl) ? qrUrl : '' }
  return { status: 'received' }
}

/** A document as the integrator takes it: whole cents as decimal text. */
function etimsDocument({ invoice, lines, parentNumber, orderNumber }: InvoiceDocument) {
  return {
    number: invoice.number,
    type: invoice.kind,
    originalNumber: parentNumber,
    orderNumber,
    issuedAt: invoice.issuedAt.toISOString(),
    seller: { name: invoice.sellerName, pin: invoice.sellerPin },
    buyer: { name: invoice.buyerName, pin: invoice.buyerPin },
    currency: invoice.currency,
    lines: lines.map((line) => ({
      sku: line.sku,
      name: line.name,
      supplierPin: line.supplierPin,
      quantity: line.quantity,
      vatRate: decimal(BigInt(line.vatBasisPoints)),
      vat: decimal(line.vatMinor),
      total: decimal(line.totalMinor),
    })),
    vat: vatByRate(lines).map((rate) => ({
      rate: decimal(BigInt(rate.vatBasisPoints)),
      net: decimal(rate.netMinor),
      vat: decimal(rate.vatMinor),
    })),
    net: decimal(invoice.netMinor),
    vatTotal: decimal(invoice.vatMinor),
    total: decimal(invoice.totalMinor),
  }
}

const decimal = (hundredths: bigint): string => `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`
