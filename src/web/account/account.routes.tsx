import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { accountView } from '../../domain/accounts/account.queries.ts'
import { signIn } from '../../domain/accounts/sign-in.ts'
import { signOut } from '../../domain/accounts/sign-out.ts'
import { mergeCarts } from '../../domain/cart/merge-carts.ts'
import { listOrders } from '../../domain/orders/order.queries.ts'
import { type Actor, isStaff, type PersonActor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { endedSessionCookie, sessionCookie } from '../../domain/accounts/sessions/session.cookie.ts'
import { setCookie } from '../../platform/http/cookies.ts'
import { fieldText, formBody, type FormBody, ownPath, rawField } from '../form-values.ts'
import { forgetOrder } from '../checkout/last-order.ts'
import { seeOther, showPage } from '../show-page.ts'
import { accountWords } from '../i18n/account.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import { localPath } from '../i18n/words.ts'
import { AccountPage } from './account-page.tsx'
import { SignInPage, type SignInView } from './sign-in-page.tsx'

/** Signing in and out, and one's own orders. */
export const accountPages = (context: Context) =>
  new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/account',
      async ({ actor, request }) => {
        const query = new URL(request.url).searchParams
        const words = accountWords()
        if (actor.kind !== 'person') {
          const done = query.get('done')
          const news = done === 'password' ? words.resetDone : done === 'erased' ? words.eraseDone : undefined
          return showSignIn(context, request, { login: '', next: query.get('next') ?? '', news })
        }
        const [account, orders] = await Promise.all([
          accountView(context.db, actor.accountId),
          listOrders(context.db, { accountId: actor.accountId, state: undefined, cursor: query.get('after')?.slice(0, 500), limit: 20 }),
        ])
        if (account === undefined) throw new Refusal('not_found')
        const nextHref = orders.nextCursor === null ? undefined : localPath(`/account?${new URLSearchParams({ after: orders.nextCursor })}`)
        return showPage(
          context,
          request,
          {
            title: words.title,
            path: '/account',
            isPrivate: true,
            body: (
              <AccountPage
                account={account}
                orders={orders.items}
                nextHref={nextHref}
                desks={desksOf(actor)}
                isNew={query.get('welcome') === 'yes'}
              />
            ),
          },
          { keep: 'private' },
        )
      },
      { as: 'anyone' },
    )
    .post('/account/sign-in', ({ actor, body, request }) => enter(context, request, actor, formBody(body)), { as: 'anyone' })
    .post(
      '/account/sign-out',
      async ({ actor }) => {
        if (actor.kind === 'person') await signOut(context, actor)
        return seeOther('/', [['set-cookie', endedSessionCookie(context.config)], forgetOrder(context)])
      },
      { as: 'anyone' },
    )

/** Where somebody works besides shopping. */
function desksOf(actor: PersonActor): { href: string; label: string }[] {
  const words = accountWords()
  return [
    ...(actor.roles.includes('driver') ? [{ href: '/driver', label: words.deliveries }] : []),
    ...(actor.vendors.length > 0 ? [{ href: '/vendor', label: words.shop }] : []),
    ...(isStaff(actor) ? [{ href: '/admin', label: words.staff }] : []),
  ]
}

function showSignIn(context: Context, request: Request, view: SignInView, status = 200): Promise<Response> {
  const body = <SignInPage {...view} next={ownPath(view.next) ?? ''} isSandbox={context.config.sandbox} />
  return showPage(
    context,
    request,
    { title: accountWords().signIn, path: '/account', isPrivate: true, hasErrors: view.errors !== undefined, body },
    { keep: 'private', status },
  )
}

/** Signs in; the guest's bag comes along, and its cookie is taken back because its token is spent. */
async function enter(context: Context, request: Request, actor: Actor, form: FormBody): Promise<Response> {
  const words = accountWords()
  const login = fieldText(form, 'login', 254)
  const next = fieldText(form, 'next', 300)
  const password = rawField(form, 'password')
  const errors = {
    ...(login.length < 3 ? { login: words.errorLogin } : {}),
    ...(password === '' ? { password: words.errorPassword } : {}),
  }
  if (Object.keys(errors).length > 0) return showSignIn(context, request, { login, next, errors }, 422)
  try {
    const code = fieldText(form, 'code', 20)
    const session = await signIn(context, {
      login,
      password,
      userAgent: request.headers.get('user-agent'),
      ...(code === '' ? {} : { code }),
    })
    const cookies: [string, string][] = [['set-cookie', sessionCookie(context.config, session)]]
    const bag = actor.kind === 'system' ? undefined : actor.cartTokenHash
    const merged = bag === undefined ? 0 : (await mergeCarts(context, session.accountId, bag)).length
    if (bag !== undefined) cookies.push(['set-cookie', setCookie(context.config, 'bag', '', 0)])
    return seeOther(ownPath(next) ?? (merged > 0 ? `/cart?merged=${merged}` : '/account'), cookies)
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    const wantsCode = error.code === 'code_required' || error.code === 'wrong_code'
    // Asking for the second step is no mistake of the person's.
    const told = error.code === 'code_required' ? {} : { errors: { [wantsCode ? 'code' : 'password']: refusalText(error) } }
    return showSignIn(context, request, { login, next, wantsCode, ...told }, error.status)
  }
}
