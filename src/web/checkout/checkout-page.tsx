import type { Cart } from '../../domain/cart/cart.queries.ts'
import type { CountyDelivery } from '../../domain/delivery/zone.queries.ts'
import type { PaymentMethod } from '../../domain/payments/payment.methods.ts'
import { formatMoney } from '../../lib/money.ts'
import type { Quote } from '../../workflows/checkout/quote-cart.ts'
import { ErrorSummary, type FormErrors } from '../parts/error-summary.tsx'
import { Flash } from '../parts/flash.tsx'
import { RadioGroup, SelectField, TextArea, TextField } from '../parts/form-field.tsx'
import { OrderLines } from '../parts/order-lines.tsx'
import { promiseText } from '../promise-text.ts'
import { lineOf } from './cart-page.tsx'
import type { CheckoutForm } from './checkout.form.ts'
import { methodWords } from './method.words.ts'

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
  const error = (name: string) => errors?.[name]
  const lines = cart.lines.filter((line) => line.isSelected && line.isSold)
  return (
    <>
      <h1>Check out</h1>
      <ErrorSummary errors={errors} />
      {change !== undefined && <Flash tone="warn">{change}</Flash>}
      <form method="post" action="/checkout" class="split" novalidate data-checkout>
        <input type="hidden" name="key" value={form.key} />
        <input type="hidden" name="total" value={quote === undefined ? '' : String(quote.totals.totalMinor)} />
        <div>
          {!isSignedIn && (
            <p class="bar">
              No account needed. <a href="/account?next=/checkout">Sign in</a> to keep this order with your others.
            </p>
          )}
          <fieldset class="part">
            <legend>Who is it for?</legend>
            <TextField
              name="phone"
              label="Phone"
              type="tel"
              inputmode="tel"
              autocomplete="tel"
              hint="The rider calls it, and M-Pesa asks it for the money."
              error={error('phone')}
              value={form.phone}
              maxlength={20}
              class="input-short"
            />
            <TextField name="name" label="Name" autocomplete="name" error={error('name')} value={form.name} maxlength={80} />
            <TextField
              name="email"
              label="E-mail"
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
            <legend>Where to?</legend>
            <div class="joined">
              <SelectField
                name="county"
                label="County"
                error={error('county')}
                value={form.county}
                prompt="Choose"
                options={counties.map(({ county }) => ({ value: county, label: county }))}
                autocomplete="address-level1"
              />
              <button class="btn btn-quiet" name="do" value="price" data-price-button>
                {quote === undefined ? 'Show the fee' : 'Update the fee'}
              </button>
            </div>
            <TextField
              name="town"
              label="Town or area"
              autocomplete="address-level2"
              error={error('town')}
              value={form.town}
              maxlength={80}
            />
            <TextArea
              name="landmark"
              label="Landmark and directions"
              hint="For example: blue gate opposite the school, third floor, door 12."
              error={error('landmark')}
              value={form.landmark}
              maxlength={300}
              autocomplete="street-address"
            />
          </fieldset>
          <div class="part">
            {methods.length === 0 && <Flash tone="bad">Paying is switched off right now. Your bag is safe; try again in a while.</Flash>}
            <RadioGroup
              name="method"
              label="How to pay?"
              error={error('method')}
              value={form.method}
              options={methods.map((method) => ({
                value: method,
                label: methodWords[method].label,
                note: methodWords[method].note,
              }))}
            />
            <details open={form.payPhone !== '' || error('payPhone') !== undefined}>
              <summary>Pay from another number</summary>
              <TextField
                name="payPhone"
                label="M-Pesa number"
                type="tel"
                inputmode="tel"
                isOptional
                hint="Only if it is not the phone above."
                error={error('payPhone')}
                value={form.payPhone}
                maxlength={20}
                class="input-short"
              />
            </details>
          </div>
        </div>
        <div class="panel stack">
          <h2>Your order</h2>
          <OrderLines lines={lines.map(lineOf)} />
          <Sums quote={quote} county={form.county} linesMinor={linesMinor} />
          <button class="btn btn-big btn-block" name="do" value="pay" data-pay data-busy="Placing your order…">
            {quote === undefined ? 'See the total and pay' : `Pay ${formatMoney(quote.totals.totalMinor)}`}
          </button>
          <p class="meta">
            The price holds for 15 minutes once you order. You can return clothes within 7 days. By ordering you agree to our{' '}
            <a href="/terms">terms</a>; what we keep about you is in <a href="/privacy">privacy</a>.
          </p>
        </div>
      </form>
    </>
  )
}

/** The marked places are filled anew by price-county.ts when another county is chosen. */
function Sums({ quote, county, linesMinor }: { quote: Quote | undefined; county: string; linesMinor: bigint }) {
  return (
    <dl class="summary" aria-live="polite">
      <div>
        <dt>Clothes</dt>
        <dd>{formatMoney(linesMinor)}</dd>
      </div>
      <div>
        <dt>
          Delivery <span data-where>{quote === undefined ? '' : `to ${county}`}</span>
          <span class="meta block" data-when>
            {quote === undefined ? '' : promiseText(quote.promisedFrom, quote.promisedTo)}
          </span>
        </dt>
        <dd data-fee>{quote === undefined ? 'Choose your county' : formatMoney(quote.totals.deliveryMinor)}</dd>
      </div>
      <div class="total">
        <dt>
          Total
          <span class="meta block" data-vat>
            {quote === undefined ? '' : `with ${formatMoney(quote.totals.vatMinor)} VAT`}
          </span>
        </dt>
        <dd data-total>{quote === undefined ? '' : formatMoney(quote.totals.totalMinor)}</dd>
      </div>
    </dl>
  )
}
