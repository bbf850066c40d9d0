import { isPaymentMethod } from '../../domain/payments/payment.methods.ts'
import { parsePhone } from '../../lib/phone.ts'
import type { PlaceOrder } from '../../workflows/checkout/place-order.ts'
import { fieldText, type FormBody } from '../form-values.ts'
import { spokenLang } from '../i18n/words.ts'
import { checkoutWords } from '../i18n/checkout.words.ts'
import type { FormErrors } from '../parts/error-summary.tsx'

/** Everything the checkout form holds, as it was typed. */
export interface CheckoutForm {
  readonly name: string
  readonly phone: string
  readonly email: string
  readonly county: string
  readonly town: string
  readonly landmark: string
  readonly method: string
  readonly payPhone: string
  /** One a rendered form: however often it is sent, it makes one order. */
  readonly key: string
  /** The total the form showed, in cents; empty while no county was chosen. */
  readonly total: string
}

/** Reads what was sent. */
export const readCheckoutForm = (form: FormBody): CheckoutForm => ({
  name: fieldText(form, 'name', 80),
  phone: fieldText(form, 'phone', 20),
  email: fieldText(form, 'email', 254),
  county: fieldText(form, 'county', 40),
  town: fieldText(form, 'town', 80),
  landmark: fieldText(form, 'landmark', 300).replace(/\r\n?/g, '\n'),
  method: fieldText(form, 'method', 20),
  payPhone: fieldText(form, 'payPhone', 20),
  key: fieldText(form, 'key', 100),
  total: fieldText(form, 'total', 12),
})

/** What is missing or wrong, in the order of the form; empty when the form can be sent on. */
export function checkCheckoutForm(form: CheckoutForm, counties: readonly string[], methods: readonly string[]): FormErrors {
  const words = checkoutWords()
  const errors: Record<string, string> = {}
  if (parsePhone(form.phone) === undefined) errors['phone'] = words.errorPhone
  if (form.name.length < 2) errors['name'] = words.errorName
  if (form.email !== '' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(form.email)) errors['email'] = words.errorEmail
  if (!counties.includes(form.county)) errors['county'] = words.chooseCounty
  if (form.town.length < 2) errors['town'] = words.errorTown
  if (form.landmark.length < 3) errors['landmark'] = words.errorLandmark
  if (!methods.includes(form.method)) errors['method'] = words.errorMethod
  if (form.payPhone !== '' && parsePhone(form.payPhone) === undefined) errors['payPhone'] = words.errorPhone
  return errors
}

/** The form in the words of the checkout. Only for a form without errors. */
export const orderInput = (form: CheckoutForm): PlaceOrder => ({
  language: spokenLang(),
  contact: { name: form.name, phone: form.phone, ...(form.email === '' ? {} : { email: form.email }) },
  address: { county: form.county, town: form.town, landmark: form.landmark },
  payment: { method: isPaymentMethod(form.method) ? form.method : 'mpesa', ...(form.payPhone === '' ? {} : { phone: form.payPhone }) },
  // A form that showed no total yet must not be taken for one that agreed to any.
  expectedTotal: { amountMinor: /^\d{1,12}$/.test(form.total) ? Number(form.total) : -1, currency: 'KES' },
})
