import { Elysia } from 'elysia'
import type { Context } from '../../context.ts'
import { accountView } from '../../domain/accounts/account.queries.ts'
import { sessionAgeMs, signIn } from '../../domain/accounts/sign-in.ts'
import { signOut } from '../../domain/accounts/sign-out.ts'
import { mergeCarts } from '../../domain/cart/merge-carts.ts'
import { listOrders } from '../../domain/orders/order.queries.ts'
import type { Actor } from '../../lib/actor.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { setCookie } from '../../platform/http/cookies.ts'
import { fieldText, formBody, type FormBody, ownPath } from '../form-values.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { forgetOrder } from '../checkout/last-order.ts'
import { seeOther, showPage } from '../show-page.ts'
import { AccountPage, SignInPage } from './account-page.tsx'

/** Signing in and out, and one's own orders. */
export const accountPages = (context: Context) =>
  new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/account',
      async ({ actor, request }) => {
        const query = new URL(request.url).searchParams
        if (actor.kind !== 'person') return showSignIn(context, request, { login: '', next: query.get('next') ?? '' })
        const [account, orders] = await Promise.all([
          accountView(context.db, actor.accountId),
          listOrders(context.db, { accountId: actor.accountId, state: undefined, cursor: query.get('after')?.slice(0, 500), limit: 20 }),
        ])
        if (account === undefined) throw new Refusal('not_found')
        const nextHref = orders.nextCursor === null ? undefined : `/account?${new URLSearchParams({ after: orders.nextCursor })}`
        return showPage(
          context,
          request,
          {
            title: 'Your account',
            path: '/account',
            isPrivate: true,
            body: <AccountPage account={account} orders={orders.items} nextHref={nextHref} isDriver={actor.roles.includes('driver')} />,
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
        return seeOther('/', [['set-cookie', setCookie(context.config, 'sid', '', 0)], forgetOrder(context)])
      },
      { as: 'anyone' },
    )

function showSignIn(
  context: Context,
  request: Request,
  form: { login: string; next: string; errors?: FormErrors },
  status = 200,
): Promise<Response> {
  const body = <SignInPage login={form.login} next={ownPath(form.next) ?? ''} errors={form.errors} isSandbox={context.config.sandbox} />
  return showPage(
    context,
    request,
    { title: 'Sign in', path: '/account', isPrivate: true, hasErrors: form.errors !== undefined, body },
    { keep: 'private', status },
  )
}

/** Signs in; the guest's bag comes along, and its cookie is taken back because its token is spent. */
async function enter(context: Context, request: Request, actor: Actor, form: FormBody): Promise<Response> {
  const login = fieldText(form, 'login', 254)
  const next = fieldText(form, 'next', 300)
  // Not trimmed: a space may be part of a password.
  const password = typeof form['password'] === 'string' ? form['password'].slice(0, 128) : ''
  const errors = {
    ...(login.length < 3 ? { login: 'Write your phone number or e-mail' } : {}),
    ...(password === '' ? { password: 'Write your password' } : {}),
  }
  if (Object.keys(errors).length > 0) return showSignIn(context, request, { login, next, errors }, 422)
  try {
    const session = await signIn(context, { login, password, userAgent: request.headers.get('user-agent') })
    const cookies: [string, string][] = [['set-cookie', setCookie(context.config, 'sid', session.token, sessionAgeMs / 1_000)]]
    const bag = actor.kind === 'system' ? undefined : actor.cartTokenHash
    const merged = bag === undefined ? 0 : await mergeCarts(context, session.accountId, bag)
    if (bag !== undefined) cookies.push(['set-cookie', setCookie(context.config, 'bag', '', 0)])
    return seeOther(ownPath(next) ?? (merged > 0 ? `/cart?merged=${merged}` : '/account'), cookies)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'wrong_credentials') throw error
    return showSignIn(context, request, { login, next, errors: { password: error.detail } }, 401)
  }
}
