/** Shows what a county costs as soon as it is chosen. Without this the button beside the list does the same, by a page. */
import { formatMoney } from '../../lib/money.ts'
import { promiseText } from '../promise-text.ts'

interface Quote {
  readonly delivery: { readonly amountMinor: number }
  readonly vat: { readonly amountMinor: number }
  readonly total: { readonly amountMinor: number }
  readonly promisedFrom: string
  readonly promisedTo: string
}

const form = document.querySelector<HTMLFormElement>('form[data-checkout]')
const county = form?.querySelector<HTMLSelectElement>('select[name=county]')
let asked = 0

function write(name: string, text: string): void {
  const place = form?.querySelector(`[data-${name}]`)
  if (place) place.textContent = text
}

function show(where: string, quote: Quote): void {
  const total = formatMoney(quote.total.amountMinor)
  write('where', `to ${where}`)
  write('when', promiseText(new Date(quote.promisedFrom), new Date(quote.promisedTo)))
  write('fee', formatMoney(quote.delivery.amountMinor))
  write('vat', `with ${formatMoney(quote.vat.amountMinor)} VAT`)
  write('total', total)
  write('pay', `Pay ${total}`)
  const agreed = form?.querySelector<HTMLInputElement>('input[name=total]')
  if (agreed) agreed.value = String(quote.total.amountMinor)
}

async function price(where: string): Promise<void> {
  const mine = ++asked
  const answer = await fetch('/api/v1/checkout/quote', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ county: where }),
  })
  // A slow answer for a county that is no longer chosen would show the wrong total.
  if (answer.ok && mine === asked) show(where, (await answer.json()) as Quote)
}

county?.addEventListener('change', () => {
  // Offline or refused: the total shown stays the one agreed to, and the order is only placed if it still holds.
  if (county.value !== '') price(county.value).catch(() => undefined)
})
