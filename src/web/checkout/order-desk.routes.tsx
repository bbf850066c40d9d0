import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { orderByNumber, type OrderWithLines } from '../../domain/orders/order.queries.ts'
import { returnReasons } from '../../domain/returns/create-return.ts'
import { writeReview } from '../../domain/reviews/write-review.ts'
import { type Actor, isStaff } from '../../lib/actor.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone, parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { editOrder } from '../../workflows/checkout/edit-order.ts'
import { requestReturn } from '../../workflows/returns/request-return.ts'
import { fieldText, fieldWhole, formBody } from '../form-values.ts'
import { checkoutWords } from '../i18n/checkout.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import { returnWords } from '../i18n/return.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { countyFees } from '../shop/product.source.ts'
import { seeOther, showPage } from '../show-page.ts'
import { type EditForm, EditOrderPage } from './edit-order-page.tsx'
import { returnable, ReturnPage } from './return-page.tsx'

const byNumber = { params: t.Object({ number: t.String({ maxLength: 20 }) }), as: 'anyone' } as const
const hidden = { keep: 'never', headers: { 'referrer-policy': 'same-origin' } } as const

/** What a shopper does with an order: changes it while it is unpaid, and sends things back once it has come. */
export const orderDeskPages = (context: Context) => {
  const own = async (actor: Actor, number: string, token: string | undefined): Promise<OrderWithLines> => {
    const order = await orderByNumber(context.db, number, {
      accountId: actor.kind === 'person' ? actor.accountId : undefined,
      token,
      isStaff: isStaff(actor),
    })
    if (order === undefined) throw new Refusal('not_found')
    return order
  }
  const back = (order: OrderWithLines, token: string | undefined, query = ''): Response =>
    seeOther(`/orders/${order.number}?${new URLSearchParams(token === undefined ? {} : { token })}${query}`)

  const showReturn = (
    request: Request,
    order: OrderWithLines,
    token: string | undefined,
    view: { chosen?: Map<string, { quantity: string; reason: string }>; comment?: string; errors?: FormErrors },
    status = 200,
  ) =>
    showPage(
      context,
      request,
      {
        title: returnWords().title,
        path: `/orders/${order.number}/return`,
        isPrivate: true,
        hasErrors: view.errors !== undefined,
        body: (
          <ReturnPage order={order} token={token} chosen={view.chosen ?? new Map()} comment={view.comment ?? ''} errors={view.errors} />
        ),
      },
      { ...hidden, status },
    )

  const showEdit = async (
    request: Request,
    number: string,
    token: string | undefined,
    form: EditForm,
    view: { errors?: FormErrors; change?: string } = {},
    status = 200,
  ) =>
    showPage(
      context,
      request,
      {
        title: returnWords().editTitle,
        path: `/orders/${number}/edit`,
        isPrivate: true,
        hasErrors: view.errors !== undefined,
        body: (
          <EditOrderPage
            number={number}
            token={token}
            form={form}
            counties={await countyFees(context)}
            errors={view.errors}
            change={view.change}
          />
        ),
      },
      { ...hidden, status },
    )

  return new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/orders/:number/return',
      async ({ actor, params, request }) => {
        const token = tokenIn(request)
        return showReturn(request, await own(actor, params.number, token), token, {})
      },
      byNumber,
    )
    .post(
      '/orders/:number/return',
      async ({ actor, body, params, request }) => {
        const form = formBody(body)
        const token = fieldText(form, 'token', 64) || undefined
        const order = await own(actor, params.number, token)
        const comment = fieldText(form, 'comment', 500)
        const chosen = new Map(
          order.lines.map(({ id }) => [
            id,
            { quantity: fieldText(form, `quantity-${id}`, 2), reason: fieldText(form, `reason-${id}`, 20) },
          ]),
        )
        const lines = order.lines.flatMap((line) => {
          const wish = chosen.get(line.id)
          const quantity = /^\d{1,2}$/.test(wish?.quantity ?? '') ? Number(wish?.quantity) : 0
          const reason = returnReasons.find((each) => each === wish?.reason)
          return quantity > 0 && reason !== undefined ? [{ lineId: line.id, quantity, reason }] : []
        })
        const first = order.lines.find((line) => returnable(line) > 0)
        if (lines.length === 0)
          return showReturn(
            request,
            order,
            token,
            { chosen, comment, errors: { [`quantity-${first?.id ?? ''}`]: returnWords().nothing } },
            422,
          )
        try {
          const made = await requestReturn(context, actor, order.number, token, { lines, comment })
          return back(order, token, `&asked=${made.number}`)
        } catch (error) {
          if (!(error instanceof Refusal) || error.status >= 500) throw error
          return showReturn(
            request,
            await own(actor, params.number, token),
            token,
            { chosen, comment, errors: { '': refusalText(error) } },
            error.status,
          )
        }
      },
      byNumber,
    )
    .post(
      '/orders/:number/reviews/:line',
      async ({ actor, body, params }) => {
        const form = formBody(body)
        const token = fieldText(form, 'token', 64) || undefined
        const fit = fits.find((each) => each === fieldText(form, `fit-${params.line}`, 10))
        await writeReview(context, actor, params.number, token, params.line, {
          stars: fieldWhole(form, `stars-${params.line}`, 1, 5) ?? 5,
          ...(fit === undefined ? {} : { fit }),
          body: fieldText(form, `body-${params.line}`, 1_000),
        })
        return back(await own(actor, params.number, token), token, '&reviewed=yes')
      },
      { params: t.Object({ number: t.String({ maxLength: 20 }), line: t.String({ maxLength: 36 }) }), as: 'anyone' },
    )
    .get(
      '/orders/:number/edit',
      async ({ actor, params, request }) => {
        const token = tokenIn(request)
        const order = await own(actor, params.number, token)
        if (order.state !== 'awaiting_payment') return back(order, token)
        return showEdit(request, order.number, token, {
          name: order.contactName,
          phone: formatPhone(order.contactPhone),
          county: order.county,
          town: order.town,
          landmark: order.landmark,
          total: String(order.totalMinor),
        })
      },
      byNumber,
    )
    .post(
      '/orders/:number/edit',
      async ({ actor, body, params, request }) => {
        const sent = formBody(body)
        const token = fieldText(sent, 'token', 64) || undefined
        const order = await own(actor, params.number, token)
        const form: EditForm = {
          name: fieldText(sent, 'name', 80),
          phone: fieldText(sent, 'phone', 20),
          county: fieldText(sent, 'county', 40),
          town: fieldText(sent, 'town', 80),
          landmark: fieldText(sent, 'landmark', 300),
          total: fieldText(sent, 'total', 12),
        }
        const errors = editErrors(form)
        if (Object.keys(errors).length > 0) return showEdit(request, order.number, token, form, { errors }, 422)
        try {
          await editOrder(context, actor, order.number, token, {
            contact: { name: form.name, phone: form.phone },
            address: { county: form.county, town: form.town, landmark: form.landmark },
            expectedTotal: { amountMinor: /^\d{1,12}$/.test(form.total) ? Number(form.total) : -1, currency: 'KES' },
          })
          return back(order, token)
        } catch (error) {
          if (!(error instanceof Refusal) || error.status >= 500) throw error
          if (error.code !== 'total_changed')
            return showEdit(request, order.number, token, form, { errors: { '': refusalText(error) } }, error.status)
          const { amountMinor } = (error.extra['quote'] as { total: { amountMinor: number } }).total
          const change = returnWords().confirmTotal(formatMoney(amountMinor))
          return showEdit(request, order.number, token, { ...form, total: String(amountMinor) }, { change }, error.status)
        }
      },
      byNumber,
    )
}

const fits = ['small', 'true', 'large'] as const

const tokenIn = (request: Request): string | undefined => new URL(request.url).searchParams.get('token') ?? undefined

function editErrors(form: EditForm): FormErrors {
  const words = checkoutWords()
  return {
    ...(form.name.length < 2 ? { name: words.errorName } : {}),
    ...(parsePhone(form.phone) === undefined ? { phone: words.errorPhone } : {}),
    ...(form.town.length < 2 ? { town: words.errorTown } : {}),
    ...(form.landmark.length < 3 ? { landmark: words.errorLandmark } : {}),
  }
}
