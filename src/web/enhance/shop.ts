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

calmForms()
focusErrors()
