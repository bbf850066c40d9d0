import { Elysia, t } from 'elysia'
import type { Context } from '../../context.ts'
import { bagAgeMs } from '../../domain/cart/open-cart.ts'
import { refillCart } from '../../domain/cart/refill-cart.ts'
import { orderByToken, type OrderWithLines } from '../../domain/orders/order.queries.ts'
import { hurryCheck } from '../../domain/payments/hurry-check.ts'
import { isPaymentMethod, offeredMethods } from '../../domain/payments/payment.methods.ts'
import {
  findTransactionRef,
  type PaymentStatus,
  paymentStatusForOrder,
  type TransactionView,
  transactionsOfOrder,
} from '../../domain/payments/transaction.queries.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatPhone, parsePhone } from '../../lib/phone.ts'
import { Refusal } from '../../lib/refusal.ts'
import { actorGuard } from '../../platform/http/actor-guard.ts'
import { setCookie } from '../../platform/http/cookies.ts'
import { cancelOrder } from '../../workflows/checkout/cancel-order.ts'
import { payAgain } from '../../workflows/checkout/pay-again.ts'
import { fieldText, formBody } from '../form-values.ts'
import { payWords } from '../i18n/pay.words.ts'
import { refusalText } from '../i18n/refusal.words.ts'
import { localPath } from '../i18n/words.ts'
import { methodText } from '../i18n/method.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'
import { seeOther, showPage } from '../show-page.ts'
import { forgetOrder } from './last-order.ts'
import { type PayMoment, payMoment, wayOf } from './pay.moment.ts'
import { PayPage } from './pay-page.tsx'

const byToken = { params: t.Object({ token: t.String({ maxLength: 64 }) }) }

/** The page that follows a payment, for whoever holds the order's link: on this phone, on another, from a text message. */
export const payPages = (context: Context) =>
  new Elysia({ detail: { hide: true } })
    .use(actorGuard(context.identify))
    .get(
      '/pay/:token',
      async ({ params, request }) => {
        const desk = await openPayDesk(context, params.token)
        if (!new URL(request.url).searchParams.has('state')) {
          // Coming back from a provider's page proves nothing; it is a good moment to ask the provider.
          if (desk.moment.continueUrl !== undefined && desk.transactionId !== undefined) await hurryCheck(context, desk.transactionId)
          return show(context, request, params.token, desk, {})
        }
        return Response.json(
          { key: desk.moment.key, leftS: desk.moment.leftS ?? null },
          { headers: { 'cache-control': 'private, no-store' } },
        )
      },
      byToken,
    )
    .post(
      '/pay/:token',
      async ({ actor, body, params, request }) => {
        const desk = await openPayDesk(context, params.token)
        const phone = fieldText(formBody(body), 'phone', 20)
        const wish = fieldText(formBody(body), 'method', 20)
        const method = isPaymentMethod(wish) ? wish : 'mpesa'
        if (phone !== '' && parsePhone(phone) === undefined) {
          return show(context, request, params.token, desk, { phone, errors: { phone: payWords().numberError } }, 422)
        }
        return attempt(context, request, params.token, desk, () =>
          payAgain(context, actor, desk.order.number, params.token, { method, ...(phone === '' ? {} : { phone }) }),
        )
      },
      { ...byToken, as: 'anyone' },
    )
    .post(
      '/pay/:token/cancel',
      async ({ actor, params, request }) => {
        const desk = await openPayDesk(context, params.token)
        return attempt(context, request, params.token, desk, () => cancelOrder(context, actor, desk.order.number, params.token))
      },
      { ...byToken, as: 'anyone' },
    )
    .post(
      '/pay/:token/refill',
      async ({ actor, params }) => {
        const { order, moment } = await openPayDesk(context, params.token)
        if (!moment.isOver) return seeOther(`/pay/${params.token}`)
        const { newToken } = await refillCart(context, actor, order.lines)
        return seeOther(
          '/cart',
          newToken === undefined ? [] : [['set-cookie', setCookie(context.config, 'bag', newToken, bagAgeMs / 1_000)]],
        )
      },
      { ...byToken, as: 'anyone' },
    )

interface PayDesk {
  readonly order: OrderWithLines
  readonly moment: PayMoment
  /** The charge the page is about. */
  readonly transactionId: string | undefined
  readonly methods: readonly { value: string; label: string }[]
  /** Canonical: 254712345678. */
  readonly phone: string
  readonly refunds: readonly string[]
}

async function openPayDesk(context: Context, token: string): Promise<PayDesk> {
  const order = await orderByToken(context.db, token)
  if (order === undefined) throw new Refusal('not_found')
  const [status, transactions] = await Promise.all([paymentStatusForOrder(context.db, order.id), transactionsOfOrder(context.db, order.id)])
  const charge = status === undefined ? undefined : await findTransactionRef(context.db, context.config, status.transactionId)
  const phone = charge?.phone ?? order.paymentPhone ?? order.contactPhone
  const moment = payMoment({
    orderState: order.state,
    orderNumber: order.number,
    totalMinor: order.totalMinor,
    status,
    // A number is read as one; it must not break at the end of a line.
    phone: formatPhone(phone).replaceAll(' ', '\u00a0'),
    isPaidTwice: transactions.some(({ kind, state }) => kind === 'charge' && state === 'duplicate'),
    now: context.clock.now(),
  })
  return {
    order,
    moment,
    transactionId: status?.transactionId,
    methods: retryMethods(context, status),
    phone,
    refunds: transactions.filter(({ kind }) => kind === 'refund').map(refundWords),
  }
}

/** The ways a new try may take: the one of the last try first, unless its page is still open. */
function retryMethods(context: Context, status: PaymentStatus | undefined): { value: string; label: string }[] {
  const offered = offeredMethods(context.providers).filter((method) => status?.nextUrl == null || method !== status.method)
  return [...offered.filter((method) => method === status?.method), ...offered.filter((method) => method !== status?.method)].map(
    (value) => ({
      value,
      label: methodText(value).label,
    }),
  )
}

function refundWords({ amountMinor, state, method }: TransactionView): string {
  const words = payWords()
  const amount = formatMoney(amountMinor)
  if (state === 'failed') return words.refundFailed(amount)
  return (state === 'succeeded' ? words.refunded : words.refunding)(amount, wayOf(method).back)
}

/** Runs what a button asks for; a refusal is told on the page, which by then shows the newest state. */
async function attempt(context: Context, request: Request, token: string, before: PayDesk, act: () => Promise<unknown>): Promise<Response> {
  try {
    await act()
    return seeOther(`/pay/${token}`)
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    // Pressed twice: the request is out, and the page says so better than an error could.
    if (error.code === 'payment_open' && before.moment.canRetry) return seeOther(`/pay/${token}`)
    return show(context, request, token, await openPayDesk(context, token), { note: refusalText(error) }, error.status)
  }
}

type Extra = { phone?: string; errors?: FormErrors; note?: string }

function show(
  context: Context,
  request: Request,
  token: string,
  { order, moment, phone, methods, refunds }: PayDesk,
  extra: Extra,
  status = 200,
): Promise<Response> {
  return showPage(
    context,
    request,
    {
      title: moment.title,
      path: '/pay',
      isPrivate: true,
      hasErrors: extra.errors !== undefined,
      scripts: moment.isOpen ? ['watch-payment.js'] : [],
      // Without scripts the page asks again by itself while something may still happen; an answered form is left alone.
      head: moment.isOpen && request.method === 'GET' && (
        <noscript>
          <meta http-equiv="refresh" content="5" />
        </noscript>
      ),
      body: (
        <PayPage
          moment={moment}
          token={token}
          order={{ number: order.number, totalMinor: order.totalMinor, href: localPath(`/orders/${order.number}?token=${token}`) }}
          phone={extra.phone ?? formatPhone(phone)}
          errors={extra.errors}
          methods={methods}
          note={extra.note}
          demoPhoneHref={context.config.sandbox && context.config.mpesa?.simulated === true ? `/sandbox/handset?phone=${phone}` : undefined}
          supportPhone={context.config.supportPhone}
          paybill={context.config.mpesa?.transactionType === 'CustomerPayBillOnline' ? context.config.mpesa.shortCode : undefined}
          refunds={refunds}
        />
      ),
    },
    // The address opens the order; it must not travel to other sites as a referrer.
    {
      keep: 'never',
      status,
      headers: {
        'referrer-policy': 'same-origin',
        // Paid: nothing has to lead back here any more, and the phone may not be the shopper's own.
        ...(moment.isPaid ? { 'set-cookie': forgetOrder(context)[1] } : {}),
      },
    },
  )
}
