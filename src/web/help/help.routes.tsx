import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { allCountyDeliveries } from '../../domain/delivery/zone.queries.ts'
import { showPage } from '../show-page.ts'
import { zonePromises } from './delivery-fees.tsx'
import { HelpArticle, helpPages } from './help-pages.tsx'

/** Help and the legal pages: short, and true to what this shop does. */
export function helpRoutes(context: Context) {
  const routes = new Elysia({ detail: { hide: true } })
  for (const page of helpPages) {
    routes.get(page.path, async ({ request }) => {
      const facts = {
        supportPhone: context.config.supportPhone,
        supportEmail: context.config.supportEmail,
        promises: zonePromises(await allCountyDeliveries(context.db), context.clock.now()),
        holdMinutes: Math.round(context.config.limits.stockHoldMs / 60_000),
        methods: context.providers.names,
      }
      const { title, path, description } = page
      return showPage(context, request, { title, path, description, body: <HelpArticle page={page} facts={facts} /> }, { keep: 'shared' })
    })
  }
  return routes
}
