import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { demoAccounts, demoPassword } from '../../domain/accounts/demo-account.queries.ts'
import { showPage } from '../show-page.ts'
import { SandboxPage } from './sandbox-page.tsx'

/** The page for people who try the shop: accounts, the simulated phone, text messages. Only where the sandbox is on. */
export function sandboxPages(context: Context) {
  const routes = new Elysia({ detail: { hide: true } })
  if (!context.config.sandbox) return routes
  return routes.get('/sandbox', async ({ request }) => {
    const body = (
      <SandboxPage
        accounts={await demoAccounts(context.db)}
        password={demoPassword}
        texts={context.sms.recent().slice(0, 10)}
        hasDocs={context.config.docsEnabled}
      />
    )
    return showPage(context, request, { title: 'Sandbox', path: '/sandbox', isPrivate: true, body }, { keep: 'never' })
  })
}
