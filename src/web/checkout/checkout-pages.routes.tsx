import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { accountView } from '../../domain/accounts/account.queries.ts'
import { activeCart, type Cart } from '../../domain/cart/cart.queries.ts'
import { totalsOf } from '../../domain/cart/cart.totals.ts'
import { allCountyDeliveries, type CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import { offeredMethods } from '../../domain/payments/payment.methods.ts'
import type { Actor } from '../../lib/actor.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { idempotentRequest } from '../../platform/idempotency.ts'
import { checkoutScope } from '../../workflows/checkout/checkout.scope.ts'
import { placeOrder } from '../../workflows/checkout/place-order.ts'
import { quoteCart } from '../../workflows/checkout/quote-cart.ts'
import { fieldText, formBody } from '../form-values.ts'
import { checkoutWords } from '../i18n/checkout.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { seeOther, showPage } from '../show-page.ts'
import { isBuyable } from './cart-page.tsx'
import { CheckoutPage, sumTexts } from './checkout-page.tsx'
import { type CheckoutForm, checkCheckoutForm, orderInput, readCheckoutForm } from './checkout.form.ts'
import { lastOrder, rememberOrder } from './last-order.ts'
import { rememberCounty, rememberedCounty } from './own-county.ts'

/** From the bag to a placed order, on one page that works as a plain form. */
export const checkoutPages = (context: Context) =>
  new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/checkout',
      async ({ actor, request }) => {
        const desk = await openDesk(context, actor)
        // With nothing that can be bought, the bag says why.
        if (desk === undefined || !desk.isReady) return seeOther('/cart')
        return show(context, request, actor, desk, await freshForm(context, request, actor), {})
      },
      { as: 'anyone' },
    )
    // For the script beside the list of counties; without it the button there does the same by a page.
    .get(
      '/checkout/price',
      async ({ actor, query }) => {
        const desk = await openDesk(context, actor)
        const county = desk?.counties.find((each) => each.county === query.county)
        if (desk === undefined || county === undefined) throw new Refusal('not_found')
        const quote = quoteCart(desk.cart, county, context.clock.now())
        return Response.json(
          { ...sumTexts(quote, county.county), totalMinor: Number(quote.totals.totalMinor) },
          { headers: { 'cache-control': 'private, no-store' } },
        )
      },
      { as: 'anyone', query: t.Object({ county: t.String({ maxLength: 40 }) }) },
    )
    .post(
      '/checkout',
      async ({ actor, body, request }) => {
        const form = readCheckoutForm(formBody(body))
        return fieldText(formBody(body), 'do', 10) === 'price' ? price(context, request, actor, form) : order(context, request, actor, form)
      },
      { as: 'anyone' },
    )

/** What the page is made of besides the form: the bag and the counties. */
interface Desk {
  readonly cart: Cart
  readonly counties: readonly CountyDelivery[]
  readonly isReady: boolean
}

async function openDesk(context: Context, actor: Actor): Promise<Desk | undefined> {
  const [cart, counties] = await Promise.all([activeCart(context.db, actor), allCountyDeliveries(context.db)])
  const chosen = cart?.lines.filter((line) => line.isSelected && line.isSold) ?? []
  return cart === undefined || chosen.length === 0 ? undefined : { cart, counties, isReady: chosen.every(isBuyable) }
}

const newKey = (context: Context): string => context.ids.token()

async function freshForm(context: Context, request: Request, actor: Actor): Promise<CheckoutForm> {
  const account = actor.kind === 'person' ? await accountView(context.db, actor.accountId) : undefined
  const [method = ''] = offeredMethods(context.providers)
  return {
    name: account?.name ?? '',
    phone: account?.phone == null ? '' : formatPhone(account.phone),
    email: account?.email ?? '',
    county: rememberedCounty(context, request),
    town: '',
    landmark: '',
    method,
    payPhone: '',
    key: newKey(context),
    total: '',
  }
}

/** Shows what the chosen county costs, with everything typed so far; nothing is checked yet. */
async function price(context: Context, request: Request, actor: Actor, form: CheckoutForm): Promise<Response> {
  const desk = await openDesk(context, actor)
  if (desk === undefined) return seeOther('/cart')
  const isKnown = desk.counties.some(({ county }) => county === form.county)
  return show(context, request, actor, desk, form, isKnown ? {} : { errors: { county: checkoutWords().chooseCounty } }, isKnown ? 200 : 422)
}

async function order(context: Context, request: Request, actor: Actor, form: CheckoutForm): Promise<Response> {
  const counties = await allCountyDeliveries(context.db)
  const errors = checkCheckoutForm(
    form,
    counties.map(({ county }) => county),
    offeredMethods(context.providers),
  )
  if (Object.keys(errors).length > 0) return again(context, request, actor, form, { errors }, 422)
  try {
    const input = orderInput(form)
    const answer = await placeOrder(context, actor, idempotentRequest(checkoutScope(actor), form.key, input), input)
    const { payUrl, orderToken } = JSON.parse(answer.body) as { payUrl: string; orderToken: string }
    return seeOther(payUrl, [rememberOrder(context, orderToken), rememberCounty(context, form.county)])
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    return refused(context, request, actor, form, error)
  }
}

/** Every way the checkout can say no, as something the shopper can do about it. */
async function refused(context: Context, request: Request, actor: Actor, form: CheckoutForm, refusal: Refusal): Promise<Response> {
  switch (refusal.code) {
    case 'total_changed':
      return again(context, request, actor, form, { change: changeWords(form, refusal) }, refusal.status)
    case 'cart_empty':
      return seeOther((await lastOrder(context, request))?.href ?? '/cart')
    case 'idempotency_mismatch': {
      // The same form, sent before with other words: that order stands, and this page leads to it.
      const last = await lastOrder(context, request)
      return last === undefined
        ? again(
            context,
            request,
            actor,
            { ...form, key: newKey(context), total: '' },
            { change: checkoutWords().checkAgain },
            refusal.status,
          )
        : seeOther(last.href)
    }
    case 'idempotency_key_required':
      return again(context, request, actor, { ...form, key: newKey(context) }, { change: checkoutWords().checkAgain }, refusal.status)
    case 'payment_method_unavailable':
      return again(context, request, actor, form, { errors: { method: refusalText(refusal) } }, refusal.status)
    case 'delivery_unavailable':
      return again(context, request, actor, form, { errors: { county: refusalText(refusal) } }, refusal.status)
    default:
      return again(context, request, actor, form, { errors: { '': refusalText(refusal) } }, refusal.status)
  }
}

function changeWords(form: CheckoutForm, refusal: Refusal): string {
  const quote = refusal.extra['quote'] as { total: { amountMinor: number } }
  const now = formatMoney(quote.total.amountMinor)
  if (!/^\d{1,12}$/.test(form.total)) return checkoutWords().nowCosts(form.county, now)
  return checkoutWords().totalChanged(formatMoney(Number(form.total)), now)
}

type News = { errors?: FormErrors; change?: string }

async function again(context: Context, request: Request, actor: Actor, form: CheckoutForm, news: News, status: number): Promise<Response> {
  const desk = await openDesk(context, actor)
  return desk === undefined
    ? seeOther((await lastOrder(context, request))?.href ?? '/cart')
    : show(context, request, actor, desk, form, news, status)
}

async function show(
  context: Context,
  request: Request,
  actor: Actor,
  { cart, counties }: Desk,
  form: CheckoutForm,
  { errors, change }: News,
  status = 200,
): Promise<Response> {
  const county = counties.find((each) => each.county === form.county)
  const chosen = cart.lines.filter((line) => line.isSelected && line.isSold)
  return showPage(
    context,
    request,
    {
      title: checkoutWords().checkOut,
      path: '/checkout',
      description: checkoutWords().checkoutAbout,
      hasErrors: errors !== undefined,
      scripts: ['price-county.js'],
      body: (
        <CheckoutPage
          cart={cart}
          counties={counties}
          quote={county === undefined ? undefined : quoteCart(cart, county, context.clock.now())}
          form={form}
          errors={errors}
          change={change}
          methods={offeredMethods(context.providers)}
          linesMinor={totalsOf(chosen, 0n).linesMinor}
          isSignedIn={actor.kind === 'person'}
        />
      ),
    },
    { keep: 'private', status },
  )
}
