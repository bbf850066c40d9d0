/** Small courtesies on every shopper page. Each one may be missing: the forms work without them. */

/** A form sent twice by an impatient thumb goes out once; the button says what is happening when it takes a while. */
function calmForms(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (form.method !== 'post' || event.defaultPrevented) return
    if (form.dataset['sent'] === 'yes') return event.preventDefault()
    form.dataset['sent'] = 'yes'
    const button = (event as SubmitEvent).submitter
    const words = button?.dataset['busy']
    window.setTimeout(() => {
      if (!button || form.dataset['sent'] !== 'yes') return
      button.setAttribute('aria-busy', 'true')
      if (words) button.textContent = words
    }, 400)
  })
  // Coming back by the back button finds the page as it was left; the form must be usable again.
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sent]')) delete form.dataset['sent']
    for (const button of document.querySelectorAll('[aria-busy=true]')) button.removeAttribute('aria-busy')
  })
}

/** Errors are read first: the summary takes the focus as soon as the page is there. */
function focusErrors(): void {
  document.querySelector<HTMLElement>('.error-summary')?.focus()
}

/** The number in the bag, asked for when the browser is idle: catalogue pages are the same for everybody and do not hold it. */
async function countBag(): Promise<void> {
  const badge = document.querySelector<HTMLElement>('[data-bag-count]')
  if (!badge) return
  const answer = await fetch('/me/summary', { cache: 'no-store' })
  if (!answer.ok) return
  const { bag } = (await answer.json()) as { bag: number }
  badge.textContent = String(bag)
  badge.hidden = bag === 0
}

/** Paper is one press away where a page offers it; without scripts the browser's own menu does the same. */
function offerPrinting(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-print]')) {
    button.hidden = false
    button.addEventListener('click', () => window.print())
  }
}

/** Says when there is no network, and when it is back. */
function tellOffline(): void {
  const told = document.querySelector<HTMLElement>('[data-offline]')
  const tell = (): void => void (told && (told.hidden = navigator.onLine))
  window.addEventListener('online', tell)
  window.addEventListener('offline', tell)
  tell()
}

/** Keeps pages for the time without a network. The policy wants script addresses to be vouched for; this one is our own. */
function keepPages(): void {
  if (!('serviceWorker' in navigator)) return
  const vouch = (window as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } })
    .trustedTypes
  const address = vouch?.createPolicy('worker', { createScriptURL: (url: string) => url }).createScriptURL('/worker.js') ?? '/worker.js'
  void navigator.serviceWorker.register(address).catch(() => undefined)
}

/** Suggestions are fetched, script and all, when somebody begins to search. */
function offerSuggestions(): void {
  const box = document.querySelector<HTMLInputElement>('[data-suggest]')
  box?.addEventListener('focus', () => void import(box.dataset['script'] ?? '').then(({ suggestFor }) => suggestFor(box)), { once: true })
}

/** A filter or a quantity takes effect when it is changed; its button stays for those without scripts. */
function applyChanges(): void {
  document.addEventListener('change', ({ target }) => {
    const field = target as HTMLInputElement
    // On a phone the conditions lie over the clothes, and several are chosen before one looks.
    const isBeside = window.matchMedia('(min-width: 64rem)').matches
    if (field.matches(`${isBeside ? '[data-filter] input:not([type=text]), ' : ''}select[data-change]`))
      field.form?.requestSubmit(field.form.querySelector('button'))
  })
}

/** The assistant is fetched when its link is tapped; where that fails, the link leads to help as it says. */
function offerAssistant(): void {
  const link = document.querySelector<HTMLAnchorElement>('[data-ask]')
  link?.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    import(link.dataset['ask'] ?? '').then(({ openAssistant }) => openAssistant(link)).catch(() => location.assign(link.href))
  })
}

calmForms()
offerAssistant()
offerSuggestions()
applyChanges()
focusErrors()
offerPrinting()
tellOffline()
// Offline or refused: the word "Bag" without a number is right too.
const later = window.requestIdleCallback ?? ((run: () => void) => window.setTimeout(run, 200))
later(() => {
  void countBag().catch(() => undefined)
  keepPages()
})
window.addEventListener('pageshow', (event) => event.persisted && void countBag().catch(() => undefined))
