/** Shows what a county costs as soon as it is chosen. Without this the button beside the list does the same, by a page. */
type Price = Readonly<Record<'where' | 'when' | 'discount' | 'fee' | 'vat' | 'total' | 'pay', string>> & { readonly totalMinor: number }

const form = document.querySelector<HTMLFormElement>('form[data-checkout]')
const county = form?.querySelector<HTMLSelectElement>('select[name=county]')
let asked = 0

async function price(where: string): Promise<void> {
  const mine = ++asked
  const answer = await fetch(`${location.pathname}/price?county=${encodeURIComponent(where)}`)
  // A slow answer for a county that is no longer chosen would show the wrong total.
  if (!answer.ok || mine !== asked) return
  const { totalMinor, ...texts } = (await answer.json()) as Price
  for (const [name, text] of Object.entries(texts)) {
    const place = form?.querySelector(`[data-${name}]`)
    if (place) place.textContent = text
  }
  const agreed = form?.querySelector<HTMLInputElement>('input[name=total]')
  if (agreed) agreed.value = String(totalMinor)
}

county?.addEventListener('change', () => {
  // Offline or refused: the total shown stays the one agreed to, and the order is only placed if it still holds.
  if (county.value !== '') price(county.value).catch(() => undefined)
})
