/**
 * The closed list of reasons this shop may refuse a request, and the one error class that carries them.
 * A refusal is part of the design: a stable code, a status, a sentence a person may read. Everything that is not a Refusal is a
 * surprise: it is logged whole and shown as nothing but its request id (design: architecture.md, "Errors").
 */

/** What a refusal answers with: the HTTP status and the sentence a person may read. */
export interface RefusalDefinition {
  readonly status: number
  readonly message: string
}

const define = <Codes extends string>(codes: Record<Codes, readonly [status: number, message: string]>) =>
  Object.fromEntries(
    Object.entries<readonly [number, string]>(codes).map(([code, [status, message]]) => [code, { status, message }]),
  ) as Record<Codes, RefusalDefinition>

/** Every refusal code with its status and sentence, in the order a request meets them. */
export const refusals = define({
  // The request itself.
  malformed_json: [400, 'The body is not well-formed JSON.'],
  malformed_text: [400, 'The request holds characters that are not allowed.'],
  malformed_request: [400, 'The request could not be read.'],
  idempotency_key_required: [400, 'Send an Idempotency-Key header of 8 to 100 letters, digits, dashes or underscores.'],
  vendor_required: [400, 'You act for several vendors. Name one with vendorId.'],
  invalid_frame: [400, 'The frame could not be read. See the AsyncAPI document for what this socket takes.'],
  unknown_frame: [400, 'This socket does not know that kind of frame.'],
  not_signed_in: [401, 'Sign in to continue.'],
  wrong_credentials: [401, 'The e-mail, phone number or password is not right.'],
  ticket_invalid: [401, 'This ticket is spent or has expired. Ask for a new one.'],
  code_required: [401, 'Enter the six digits from your authenticator app, or a recovery code.'],
  wrong_code: [401, 'That code is not right, or it was used already.'],
  signature_invalid: [401, 'The signature is not valid.'],
  not_allowed: [403, 'You may not do this.'],
  second_factor_required: [403, 'This needs a second factor. Set one up in your account and sign in again with a code.'],
  step_up_required: [403, 'Confirm that it is you: enter your password or a code first.'],
  scope_missing: [403, 'This API key may not do that.'],
  cross_site: [403, 'This request came from another site and was refused.'],
  not_found: [404, 'There is nothing here.'],
  method_not_allowed: [405, 'This address does not take that method.'],
  conflict: [409, 'Somebody changed this at the same moment. Look again and retry.'],
  idempotency_in_progress: [409, 'The same request is still being worked on. Send it again in a moment.'],
  out_of_stock: [409, 'There is not enough stock for this.'],
  total_changed: [409, 'The total has changed since you saw it. Check the new total and confirm.'],
  cart_empty: [409, 'There is nothing in your bag to buy.'],
  review_early: [409, 'You can review this once it is delivered.'],
  return_state: [409, 'This can only be done with a delivered order, and before the return is over.'],
  return_late: [409, 'Goods can come back within seven days of the delivery. Ask us if something is wrong with them.'],
  return_exceeds: [409, 'That is more than was bought, or is coming back already.'],
  promo_refused: [409, 'This code cannot be used for what you are buying.'],
  product_state: [409, 'The product is not in a state in which this can be done.'],
  sku_taken: [409, 'This SKU is in use for another product.'],
  order_state: [409, 'The order is past the point where this can be done.'],
  delivery_state: [409, 'The delivery is past the point where this can be done.'],
  payment_open: [409, 'A payment request is already open for this order. Finish it or wait a minute.'],
  refund_exceeds: [409, 'The refund is larger than what is left of this payment.'],
  payment_due: [409, 'This order is not paid yet. Take the money first.'],
  application_open: [409, 'Your application is being looked at already.'],
  application_decided: [409, 'This application is decided already.'],
  papers_missing: [409, 'There is no paper with this application yet.'],
  too_many_files: [409, 'There are enough files already.'],
  invoice_issued: [409, 'The invoice is issued already and cannot be changed.'],
  nothing_to_pay: [409, 'Nobody is owed enough to be paid now.'],
  payout_exceeds: [409, 'The payout is larger than what the vendor is owed.'],
  payout_state: [409, 'The payout is past the point where this can be done.'],
  receipt_used: [409, 'This receipt belongs to another payment.'],
  second_person: [409, 'Another member of staff has to confirm this.'],
  own_listing: [409, 'You cannot buy from a shop you work for.'],
  phone_taken: [409, 'This phone number already has an account.'],
  email_taken: [409, 'This e-mail already has an account.'],
  factor_exists: [409, 'A second factor is set up already. Remove it before you set up another.'],
  account_busy: [409, 'Something is still open in this account. Finish it first.'],
  driver_off_duty: [409, 'The driver is not on duty.'],
  drop_off_code_wrong: [409, 'That delivery code is not right.'],
  gone: [410, 'This link has expired.'],
  body_too_large: [413, 'The request is larger than this address takes.'],
  unsupported_media_type: [415, 'Send the body as application/json.'],
  wrong_host: [421, 'This server does not answer for that address.'],
  invalid_input: [422, 'Some of the values are not right.'],
  webhook_address: [422, 'Messages cannot be sent to this address. Name an https address on the internet.'],
  file_refused: [422, 'This file cannot be taken. Send a whole JPEG or PNG picture, or a PDF.'],
  period_too_long: [422, 'This period holds too much for one answer. Ask for a shorter one.'],
  idempotency_mismatch: [422, 'This Idempotency-Key was already used for another request.'],
  phone_invalid: [422, 'Write a Kenyan mobile number such as 0712 345 678.'],
  password_weak: [422, 'Choose a longer password: at least 12 characters, such as three words, and nothing that is easy to guess.'],
  picture_refused: [422, 'Send a whole JPEG, PNG or WebP picture, at least 200 pixels each way.'],
  variant_unavailable: [422, 'This item is no longer sold.'],
  delivery_unavailable: [422, 'We do not deliver to that county.'],
  payment_method_unavailable: [422, 'That way of paying is not available for this order.'],
  upgrade_required: [426, 'This address speaks WebSocket only.'],
  too_many_requests: [429, 'Too many requests. Wait a little and try again.'],
  headers_too_large: [431, 'The headers of the request are larger than this server takes.'],
  internal: [500, 'Something went wrong on our side. Nothing was charged by this request. Try again.'],
  overloaded: [503, 'The shop is very busy. Try again in a moment.'],
  unavailable: [503, 'A part of the shop is not reachable right now. Try again in a moment.'],
})

/** A stable refusal code, as clients see it in `code`. */
export type RefusalCode = keyof typeof refusals

/** One wrong value of the input: where it is (a JSON pointer without the value) and why it is refused. */
export interface FieldProblem {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** Details of one refusal. `detail` must be safe to show to anyone and never repeat what the client sent. */
export interface RefusalOptions {
  readonly detail?: string
  readonly fields?: readonly FieldProblem[]
  /** Further members of the problem body, for example the new quote when a total has changed. */
  readonly extra?: Readonly<Record<string, unknown>>
  readonly retryAfterS?: number
  readonly cause?: unknown
}

/** A request we decline on purpose. Shown to the client as problem+json; changes nothing. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly status: number
  readonly detail: string
  readonly fields: readonly FieldProblem[]
  readonly extra: Readonly<Record<string, unknown>>
  readonly retryAfterS: number | undefined

  constructor(code: RefusalCode, options: RefusalOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Refusal'
    this.code = code
    this.status = refusals[code].status
    this.detail = options.detail ?? refusals[code].message
    this.fields = options.fields ?? []
    this.extra = options.extra ?? {}
    this.retryAfterS = options.retryAfterS ?? (this.status === 503 || this.status === 429 ? 1 : undefined)
  }
}
