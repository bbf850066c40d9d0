import type { InvoiceDocument } from './invoice.queries.ts'

/** What the authority says of a document. `received`: it will be decided later. */
export type EtimsVerdict =
  | { readonly status: 'received' }
  | { readonly status: 'accepted'; readonly controlNumber: string; readonly qrUrl: string }
  | { readonly status: 'rejected'; readonly reason: string }

/**
 * The way to the revenue authority. Both calls are asked under the document's number, so that one whose answer was lost may be made
 * again. Throws OutgoingError when no usable answer came; never called inside a database transaction.
 */
export interface Etims {
  submit(document: InvoiceDocument): Promise<EtimsVerdict>
  /** What became of a document; `unknown` when the authority has never heard of it. */
  ask(number: string): Promise<EtimsVerdict | { readonly status: 'unknown' }>
  /** Reads what the authority tells by itself. Refuses with signature_invalid, malformed_json. */
  readCallback(body: Uint8Array, signature: string | undefined): { readonly number: string; readonly verdict: EtimsVerdict }
}
