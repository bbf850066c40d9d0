import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard, asPerson } from '../../platform/http/actor-guard.ts'
import { readBytes } from '../../platform/http/body-parser.ts'
import { problems } from '../../platform/http/problem.schema.ts'
import { closed } from '../../platform/http/shapes.ts'
import { orderByNumber, type OrderReader } from '../orders/order.queries.ts'
import { invoicePdf } from './invoice.pdf.ts'
import { invoiceByNumber, listInvoices } from './invoice.queries.ts'
import { EtimsStateShape, invoiceHeadView, InvoicePage, InvoiceShape, invoiceView, KindShape, TaxDetailsBody } from './invoices.schema.ts'
import { retryEtims } from './retry-etims.ts'
import { setTaxDetails } from './set-tax-details.ts'
import { takeEtimsCallback } from './take-etims-callback.ts'

const ByNumber = t.Object({ number: t.String({ maxLength: 30 }) })
const WithToken = t.Object({ token: t.Optional(t.String({ maxLength: 64, description: 'The order’s token, for a guest.' })) })

const readerOf = (actor: Actor, token: string | undefined): OrderReader => ({
  accountId: actor.kind === 'person' ? actor.accountId : undefined,
  token,
  isStaff: isStaff(actor),
})

/** Invoices and credit notes: for the shopper of the order, the holder of its link, and staff. */
export const invoicingRoutes = (context: Context) =>
  new Elysia({ tags: ['Invoices'] })
    .use(actorGuard(context.identify))
    .get(
      '/api/v1/invoices',
      async ({ actor, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const { all, token, limit, ...filter } = query
        const everybody = all === 'true' && isStaff(actor)
        const reader = everybody ? { isStaff: true } : { ...readerOf(actor, token), isStaff: false }
        const found = await listInvoices(context.db, reader, { ...filter, limit: limit ?? 20 })
        return { items: found.items.map(invoiceHeadView), nextCursor: found.nextCursor }
      },
      {
        as: 'anyone',
        query: t.Object({
          ...WithToken.properties,
          all: t.Optional(t.Literal('true', { description: 'Staff only: everybody’s.' })),
          orderNumber: t.Optional(t.String({ maxLength: 20 })),
          kind: t.Optional(KindShape),
          etims: t.Optional(
            t.Union(EtimsStateShape.anyOf, { description: 'How far they are at the revenue authority; `stuck` waits for a person.' }),
          ),
          cursor: t.Optional(t.String({ maxLength: 500 })),
          limit: t.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1 })),
        }),
        response: { 200: InvoicePage, ...problems() },
        detail: { operationId: 'listInvoices', summary: 'Invoices and credit notes of one’s orders, newest first' },
      },
    )
    .get(
      '/api/v1/invoices/:number',
      async ({ actor, params, query, set }) => {
        set.headers['cache-control'] = 'private, no-store'
        const found = await invoiceByNumber(context.db, params.number, readerOf(actor, query.token))
        if (found === undefined) throw new Refusal('not_found')
        return invoiceView(found)
      },
      {
        as: 'anyone',
        params: ByNumber,
        query: WithToken,
        response: { 200: InvoiceShape, ...problems('not_found') },
        detail: {
          operationId: 'getInvoice',
          summary: 'An invoice or credit note',
          description: 'As a page to print: `/invoices/{number}`.',
        },
      },
    )
    .get(
      '/api/v1/invoices/:number/pdf',
      async ({ actor, params, query, set }) => {
        const found = await invoiceByNumber(context.db, params.number, readerOf(actor, query.token))
        if (found === undefined) throw new Refusal('not_found')
        set.headers['content-type'] = 'application/pdf'
        set.headers['content-disposition'] = `attachment; filename="${found.invoice.number}.pdf"`
        set.headers['cache-control'] = 'private, no-store'
        return await invoicePdf(found)
      },
      {
        as: 'anyone',
        params: ByNumber,
        query: WithToken,
        response: { 200: t.Uint8Array({ description: 'PDF, as a download.' }), ...problems('not_found') },
        detail: { operationId: 'downloadInvoice', summary: 'The same as PDF' },
      },
    )
    .put(
      '/api/v1/orders/:number/tax-details',
      async ({ actor, params, query, body, set }) => {
        const order = await orderByNumber(context.db, params.number, readerOf(actor, query.token))
        if (order === undefined) throw new Refusal('not_found')
        await setTaxDetails(context, order.id, { buyerName: body.buyerName.trim(), kraPin: body.kraPin })
        set.headers['cache-control'] = 'private, no-store'
        return body
      },
      {
        as: 'anyone',
        params: ByNumber,
        query: WithToken,
        body: TaxDetailsBody,
        response: { 200: TaxDetailsBody, ...problems('not_found', 'invoice_issued', 'malformed_json', 'unsupported_media_type') },
        detail: {
          operationId: 'setTaxDetails',
          summary: 'Make the invoice of an order out to a business',
          description: 'Until the order is paid; a document is never changed afterwards.',
        },
      },
    )
    .post(
      '/api/v1/admin/invoices/:number/etims-retry',
      async ({ actor, params }) => {
        await retryEtims(context, asPerson(actor), params.number)
        return { queued: true as const }
      },
      {
        as: 'staff',
        params: ByNumber,
        response: { 200: closed({ queued: t.Literal(true) }), ...problems('not_signed_in', 'not_allowed', 'not_found', 'conflict') },
        detail: { operationId: 'retryEtims', summary: 'Report a rejected or stuck document again' },
      },
    )
    .post(
      '/webhooks/etims',
      async ({ body, headers }) => {
        await takeEtimsCallback(context, body as Uint8Array, headers['x-etims-signature'])
        return { received: true as const }
      },
      {
        // Of a route without a parser of its own the framework reads JSON first, and the bytes that were signed are gone.
        parse: [({ request }: { request: Request }) => readBytes(request, context.config.limits.webhookBodyBytes)],
        response: {
          200: closed({ received: t.Literal(true) }),
          ...problems('signature_invalid', 'malformed_json', 'body_too_large', 'not_found'),
        },
        detail: {
          tags: ['Webhooks'],
          security: [],
          operationId: 'etimsCallback',
          summary: 'The revenue authority tells what became of a document',
          description: 'Signed: X-Etims-Signature is the HMAC-SHA256 of the raw body in hex.',
        },
      },
    )
