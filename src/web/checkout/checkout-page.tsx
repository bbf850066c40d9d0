import type { Cart } from '../../domain/cart/cart.queries.ts'
import type { CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import type { PaymentMethod } from '../../domain/payments/payment.methods.ts'
import { formatMoney } from '../../lib/money.ts'
import type { Quote } from '../../workflows/checkout/quote-cart.ts'
import { checkoutWords } from '../i18n/checkout.words.ts'
import { promiseText } from '../i18n/dates.ts'
import { frameWords } from '../i18n/frame.words.ts'
import { methodText } from '../i18n/method.words.ts'
import { localPath } from '../i18n/words.ts'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { Flash } from '../parts/flash.tsx'
import { RadioGroup, SelectField, TextArea, TextField } from '../parts/form-field.tsx'
import { OrderLines } from '../parts/order-lines.tsx'
import { lineOf } from './cart-page.tsx'
import type { CheckoutForm } from './checkout.form.ts'

export type CheckoutPageView = {
  cart: Cart
  counties: readonly CountyDelivery[]
  /** Undefined until a county is chosen: what it costs is not known before. */
  quote: Quote | undefined
  form: CheckoutForm
  errors: FormErrors | undefined
  /** What has changed since the form was shown. */
  change: string | undefined
  methods: readonly PaymentMethod[]
  linesMinor: bigint
  isSignedIn: boolean
}

/** Everything on one page: who, where, how to pay, and beside it what it all costs. */
export function CheckoutPage({ cart, counties, quote, form, errors, change, methods, linesMinor, isSignedIn }: CheckoutPageView) {
  const words = checkoutWords()
  const error = (name: string) => errors?.[name]
  const lines = cart.lines.filter((line) => line.isSelected && line.isSold)
  return (
    <>
      <h1>{words.checkOut}</h1>
      <ErrorSummary errors={errors} />
      {change !== undefined && <Flash tone="warn">{change}</Flash>}
      <form method="post" action={localPath('/checkout')} class="split" novalidate data-checkout>
        {/* The first button of a form is the one Enter presses: it must order, not ask for a fee. */}
        <button class="hush" name="do" value="pay" tabindex={-1} aria-hidden="true">
          {words.seeTotal}
        </button>
        <input type="hidden" name="key" value={form.key} />
        <input type="hidden" name="total" value={quote === undefined ? '' : String(quote.totals.totalMinor)} />
        <div>
          {!isSignedIn && (
            <p class="bar">
              {words.noAccount} <a href={localPath('/account?next=/checkout')}>{words.signIn}</a> {words.signInWhy}
            </p>
          )}
          <fieldset class="part">
            <legend>{words.who}</legend>
            <TextField
              name="phone"
              label={words.phone}
              type="tel"
              inputmode="tel"
              autocomplete="tel"
              hint={words.phoneHint}
              error={error('phone')}
              value={form.phone}
              maxlength={20}
              class="input-short"
            />
            <TextField name="name" label={words.name} autocomplete="name" error={error('name')} value={form.name} maxlength={80} />
            <TextField
              name="email"
              label={words.email}
              type="email"
              inputmode="email"
              autocomplete="email"
              isOptional
              error={error('email')}
              value={form.email}
              maxlength={254}
            />
          </fieldset>
          <fieldset class="part">
            <legend>{words.where}</legend>
            <div class="joined">
              <SelectField
                name="county"
                label={words.county}
                error={error('county')}
                value={form.county}
                prompt={words.choose}
                options={counties.map(({ county, feeMinor }) => ({ value: county, label: `${county}, ${formatMoney(feeMinor)}` }))}
                autocomplete="address-level1"
              />
              <button class="btn btn-quiet" name="do" value="price" data-price-button>
                {quote === undefined ? words.showFee : words.updateFee}
              </button>
            </div>
            <TextField
              name="town"
              label={words.town}
              autocomplete="address-level2"
              error={error('town')}
              value={form.town}
              maxlength={80}
            />
            <TextArea
              name="landmark"
              label={words.landmark}
              hint={words.landmarkHint}
              error={error('landmark')}
              value={form.landmark}
              maxlength={300}
              autocomplete="street-address"
            />
          </fieldset>
          <div class="part">
            {methods.length === 0 && <Flash tone="bad">{words.methodsOff}</Flash>}
            <RadioGroup
              name="method"
              label={words.how}
              error={error('method')}
              value={form.method}
              options={methods.map((method) => ({ value: method, ...methodText(method) }))}
            />
            <details open={form.payPhone !== '' || error('payPhone') !== undefined}>
              <summary>{words.otherNumber}</summary>
              <TextField
                name="payPhone"
                label={words.mpesaNumber}
                type="tel"
                inputmode="tel"
                isOptional
                hint={words.otherNumberHint}
                error={error('payPhone')}
                value={form.payPhone}
                maxlength={20}
                class="input-short"
              />
            </details>
          </div>
        </div>
        <div class="panel stack">
          <h2>{words.yourOrder}</h2>
          <OrderLines lines={lines.map(lineOf)} />
          <Sums quote={quote} county={form.county} linesMinor={linesMinor} />
          <button class="btn btn-big btn-block" name="do" value="pay" data-pay data-busy={words.placing}>
            {quote === undefined ? words.seeTotal : words.pay(formatMoney(quote.totals.totalMinor))}
          </button>
          <p class="meta">
            {words.fine} {words.fineLinks} <a href={localPath('/terms')}>{frameWords().terms}</a>,{' '}
            <a href={localPath('/privacy')}>{frameWords().privacy}</a>.
          </p>
        </div>
      </form>
    </>
  )
}

/** What a county costs, in words: for the page, and for the script that fills the marked places anew when another one is chosen. */
export function sumTexts(quote: Quote | undefined, county: string) {
  const words = checkoutWords()
  return {
    where: quote === undefined ? '' : words.deliveryTo(county),
    when: quote === undefined ? '' : promiseText(quote.promisedFrom, quote.promisedTo),
    discount: quote === undefined || quote.totals.discountMinor === 0n ? '' : formatMoney(-quote.totals.discountMinor),
    fee: quote === undefined ? words.chooseCounty : formatMoney(quote.totals.deliveryMinor),
    vat: quote === undefined ? '' : words.vat(formatMoney(quote.totals.vatMinor)),
    total: quote === undefined ? '' : formatMoney(quote.totals.totalMinor),
    pay: quote === undefined ? words.seeTotal : words.pay(formatMoney(quote.totals.totalMinor)),
  }
}

function Sums({ quote, county, linesMinor }: { quote: Quote | undefined; county: string; linesMinor: bigint }) {
  const words = checkoutWords()
  const texts = sumTexts(quote, county)
  return (
    <dl class="summary" aria-live="polite">
      <div>
        <dt>{words.clothes}</dt>
        <dd>{formatMoney(linesMinor)}</dd>
      </div>
      {quote?.promo !== undefined && (
        <div>
          <dt>
            {words.promoLine(quote.promo.code)}
            {!quote.promo.applies && <span class="meta block">{words[quote.promo.reason]}</span>}
          </dt>
          <dd data-discount>{texts.discount}</dd>
        </div>
      )}
      <div>
        <dt>
          {words.deliveryLabel} <span data-where>{texts.where}</span>
          <span class="meta block" data-when>
            {texts.when}
          </span>
        </dt>
        <dd data-fee>{texts.fee}</dd>
      </div>
      <div class="total">
        <dt>
          {frameWords().total}
          <span class="meta block" data-vat>
            {texts.vat}
          </span>
        </dt>
        <dd data-total>{texts.total}</dd>
      </div>
    </dl>
  )
}
