import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { allCountyDeliveries } from '../../domain/delivery/zone.queries.ts'
import { helpWords } from '../i18n/help.words.ts'
import { showPage } from '../show-page.ts'
import { zonePromises } from './delivery-fees.tsx'
import { HelpArticle, type HelpName, helpPages } from './help-pages.tsx'

/** Help and the legal pages: short, and true to what this shop does. */
export function helpRoutes(context: Context) {
  const routes = new Elysia({ detail: { hide: true } })
  for (const [name, path] of Object.entries(helpPages) as [HelpName, string][]) {
    routes.get(path, async ({ request }) => {
      const words = helpWords()
      const { supportPhone, supportEmail, limits } = context.config
      const body = (
        <HelpArticle
          name={name}
          supportPhone={supportPhone}
          supportEmail={supportEmail}
          holdMinutes={Math.round(limits.stockHoldMs / 60_000)}
          promises={name === 'delivery' ? zonePromises(await allCountyDeliveries(context.db), context.clock.now()) : []}
        />
      )
      return showPage(
        context,
        request,
        { title: words[`${name}Title`], path, description: words[`${name}About`], body },
        { keep: 'shared' },
      )
    })
  }
  return routes
}
