import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { invoiceByNumber } from '../../domain/invoicing/invoice.queries.ts'
import { isStaff } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { showPage } from '../show-page.ts'
import { InvoicePage } from './invoice-page.tsx'

/** Documents as pages to print, for the shopper of the order, the holder of its link, or staff. */
export const invoicePages = (context: Context) =>
  new Elysia({ detail: { hide: true } }).use(actorGuard(context.identify)).get(
    '/invoices/:number',
    async ({ actor, params, request }) => {
      const token = new URL(request.url).searchParams.get('token') ?? undefined
      const document = await invoiceByNumber(context.db, params.number, {
        accountId: actor.kind === 'person' ? actor.accountId : undefined,
        token,
        isStaff: isStaff(actor),
      })
      if (document === undefined) throw new Refusal('not_found')
      const { number } = document.invoice
      const pdfHref = `/api/v1/invoices/${number}/pdf${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`
      return await showPage(
        context,
        request,
        { title: number, path: `/invoices/${number}`, isPrivate: true, body: <InvoicePage document={document} pdfHref={pdfHref} /> },
        // The address may open the document; it must not travel to other sites as a referrer.
        { keep: 'never', headers: { 'referrer-policy': 'same-origin' } },
      )
    },
    { as: 'anyone', params: t.Object({ number: t.String({ maxLength: 30 }) }) },
  )
