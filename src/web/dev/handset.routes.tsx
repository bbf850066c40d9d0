import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { simulatorOf } from '../../domain/payments/simulators/mpesa.simulator.ts'
import { parsePhone } from '../../lib/phone.ts'
import { showPage } from '../show-page.ts'
import { HandsetPage } from './handset-page.tsx'

// The look of a phone, and nothing else; a file of its own because pages take styles from files only.
const look = `.handset{max-width:22rem;padding:2.5rem 1rem;border:3px solid var(--color-ink);border-radius:2rem;background:var(--color-ink)}
.handset-screen{padding:1.25rem;border-radius:.75rem;background:var(--color-surface);color:var(--color-ink)}
.handset-screen>*+*{margin-top:.75rem}.handset-row{display:flex;flex-wrap:wrap;align-items:end;gap:.75rem}.handset details{margin-top:1rem;padding:.75rem;border-radius:.75rem;background:var(--color-sunk)}`

/** The page of the simulated phones. Mounted only where the sandbox is on, which production refuses. */
export function handsetPages(context: Context) {
  const simulator = context.config.sandbox ? simulatorOf(context) : undefined
  const routes = new Elysia({ prefix: '/sandbox', detail: { hide: true } })
  if (simulator === undefined) return routes
  return routes
    .get(
      '/handset.css',
      () => new Response(look, { headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=300' } }),
    )
    .get(
      '/handset',
      async ({ request, query }) => {
        const phone = query.phone === undefined ? undefined : parsePhone(query.phone)
        const prompts = simulator.prompts(phone)
        const texts = context.sms.recent().filter((text) => phone === undefined || text.to === phone)
        // Without a prompt the page looks again by itself; with one it stands still, because somebody is typing a PIN.
        const isWaiting = prompts.some((prompt) => prompt.state === 'waiting')
        const page = {
          title: 'Sandbox phone',
          path: '/sandbox/handset',
          body: <HandsetPage phone={phone} prompts={prompts} texts={texts} />,
          isPrivate: true,
          head: <link rel="stylesheet" href="/sandbox/handset.css" />,
        }
        return await showPage(context, request, page, { keep: 'never', ...(isWaiting ? {} : { headers: { refresh: '3' } }) })
      },
      { query: t.Object({ phone: t.Optional(t.String({ maxLength: 30 })) }) },
    )
}
