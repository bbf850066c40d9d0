import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { addToCart } from '../../domain/cart/add-to-cart.ts'
import { bagCount } from '../../domain/cart/bag-count.queries.ts'
import { activeCart, type Cart } from '../../domain/cart/cart.queries.ts'
import { cartVerdict } from '../../domain/cart/cart.promo.ts'
import { linesTotal } from '../../domain/cart/cart.totals.ts'
import { setPromo } from '../../domain/cart/set-promo.ts'
import { isPromoReason } from './promo.reason.ts'
import { bagAgeMs } from '../../domain/cart/open-cart.ts'
import { changeLine } from '../../domain/cart/change-line.ts'
import { allCountyDeliveries } from '../../domain/delivery/zone.queries.ts'
import type { Actor } from '../../lib/actor.ts'
import { isUuid } from '../../lib/ids.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { setCookie } from '../../platform/http/cookies.ts'
import { fieldText, fieldWhole, formBody, type FormBody } from '../form-values.ts'
import { checkoutWords } from '../i18n/checkout.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { pickVariant } from '../shop/product.pick.ts'
import { shownProduct } from '../shop/product.source.ts'
import { showProduct } from '../shop/show-product.tsx'
import { seeOther, showPage } from '../show-page.ts'
import { type CartNews, CartPage } from './cart-page.tsx'
import { lastOrder } from './last-order.ts'

/** The bag: looking into it, putting in, changing, taking out. Every change is a form and ends on a page that may be reloaded. */
export const cartPages = (context: Context) =>
  new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/cart',
      async ({ actor, request }) => {
        const cart = await activeCart(context.db, actor)
        return showCart(context, request, cart, newsIn(new URL(request.url).searchParams, cart))
      },
      { as: 'anyone' },
    )
    .post('/cart/lines', ({ actor, body, request }) => add(context, request, actor, formBody(body)), { as: 'anyone' })
    .post(
      '/cart/promo',
      async ({ actor, body, request }) => {
        const form = formBody(body)
        const code = fieldText(form, 'code', 40)
        try {
          await setPromo(context, actor, fieldText(form, 'do', 10) === 'drop' ? undefined : code)
          return seeOther('/cart')
        } catch (error) {
          if (!(error instanceof Refusal) || error.status >= 500 || error.code === 'not_found') throw error
          const reason = error.extra['reason']
          const text = isPromoReason(reason) ? checkoutWords()[reason] : refusalText(error)
          return showCart(context, request, await activeCart(context.db, actor), undefined, error.status, { code, text })
        }
      },
      { as: 'anyone' },
    )
    .post('/cart/lines/:id', ({ actor, body, params, request }) => change(context, request, actor, params.id, formBody(body)), {
      as: 'anyone',
      params: t.Object({ id: t.String({ maxLength: 36 }) }),
    })
    // Pages that are the same for everybody ask for this when the browser is idle.
    .get(
      '/me/summary',
      async ({ actor }) => Response.json({ bag: await bagCount(context.db, actor) }, { headers: { 'cache-control': 'private, no-store' } }),
      { as: 'anyone' },
    )

async function showCart(
  context: Context,
  request: Request,
  cart: Cart | undefined,
  news: CartNews | undefined,
  status = 200,
  promoError?: { code: string; text: string },
): Promise<Response> {
  const [counties, last] = await Promise.all([
    allCountyDeliveries(context.db),
    (cart?.lines.length ?? 0) > 0 ? undefined : lastOrder(context, request),
  ])
  const fees = counties.map(({ feeMinor }) => feeMinor)
  const leastFeeMinor = fees.reduce<bigint | undefined>((least, fee) => (least === undefined || fee < least ? fee : least), undefined)
  return showPage(
    context,
    request,
    {
      title: checkoutWords().bagTitle,
      path: '/cart',
      // A search engine sees an empty bag here, which is nobody's.
      description: checkoutWords().bagAbout,
      hasErrors: promoError !== undefined,
      body: (
        <CartPage
          cart={cart}
          news={news}
          leastFeeMinor={leastFeeMinor}
          promo={cartVerdict(cart, {
            linesMinor: linesTotal(cart?.lines.filter((line) => line.isSelected && line.isSold) ?? []),
            deliveryMinor: leastFeeMinor ?? 0n,
            now: context.clock.now(),
          })}
          promoError={promoError}
          lastOrder={last}
        />
      ),
    },
    { keep: 'private', status },
  )
}

/** What the address says has happened. It names only things of the bag, so that a link cannot put words into the shop's mouth. */
function newsIn(query: URLSearchParams, cart: Cart | undefined): CartNews | undefined {
  const added = cart?.lines.find(({ variantId }) => variantId === query.get('added'))
  if (added !== undefined) return { tone: 'ok', text: checkoutWords().added(`${added.name}, ${added.colour}, ${added.size}`) }
  const removed = query.get('removed') ?? ''
  const quantity = fieldWhole({ n: query.get('n') ?? '' }, 'n', 1, 20)
  if (isUuid(removed))
    return { tone: 'info', text: checkoutWords().removed, undo: quantity === undefined ? undefined : { variantId: removed, quantity } }
  const merged = fieldWhole({ n: query.get('merged') ?? '' }, 'n', 1, 50)
  if (merged !== undefined) return { tone: 'info', text: checkoutWords().merged(merged) }
  return undefined
}

/** From a product's form by colour and size, or from the undo form by variant. A mistake comes back on the page it was made on. */
async function add(context: Context, request: Request, actor: Actor, form: FormBody): Promise<Response> {
  const quantity = fieldWhole(form, 'quantity', 1, 20) ?? 1
  const slug = fieldText(form, 'slug', 120)
  if (slug === '') return putIn(context, actor, fieldText(form, 'variantId', 36), quantity)
  const shown = await shownProduct(context, slug)
  if (shown === undefined) throw new Refusal('not_found')
  const { product } = shown
  const pick = { colour: fieldText(form, 'colour', 80), size: fieldText(form, 'size', 40) }
  const again = (errors: FormErrors, status: number) => showProduct(context, request, shown, { pick, errors }, { keep: 'private', status })
  const picked = pickVariant(product, pick)
  if ('errors' in picked) return again(picked.errors, 422)
  try {
    return await putIn(context, actor, picked.variant.id, quantity)
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    return again(
      error.code === 'out_of_stock' ? { size: `${pick.size}, ${pick.colour}: ${refusalText(error)}` } : { '': refusalText(error) },
      error.status,
    )
  }
}

async function putIn(context: Context, actor: Actor, variantId: string, quantity: number): Promise<Response> {
  const { newToken } = await addToCart(context, actor, { variantId, quantity })
  return seeOther(
    `/cart?added=${variantId}`,
    newToken === undefined ? [] : [['set-cookie', setCookie(context.config, 'bag', newToken, bagAgeMs / 1_000)]],
  )
}

async function change(context: Context, request: Request, actor: Actor, lineId: string, form: FormBody): Promise<Response> {
  const what = fieldText(form, 'do', 20)
  const before = (await activeCart(context.db, actor))?.lines.find(({ id }) => id === lineId)
  // Taken out in another tab: the bag as it is says enough.
  if (before === undefined) return seeOther('/cart')
  const quantity = fieldWhole(form, 'quantity', 1, 20) ?? before.quantity
  try {
    if (what === 'remove') await changeLine(context, actor, lineId, { quantity: 0 })
    else if (what === 'later' || what === 'now') await changeLine(context, actor, lineId, { isSelected: what === 'now' })
    else await changeLine(context, actor, lineId, { quantity })
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'out_of_stock') throw error
    return showCart(
      context,
      request,
      await activeCart(context.db, actor),
      { tone: 'bad', text: `${before.name}, ${before.size}: ${refusalText(error)} ${checkoutWords().quantityKept}` },
      error.status,
    )
  }
  return seeOther(what === 'remove' ? `/cart?removed=${before.variantId}&n=${before.quantity}` : '/cart')
}
