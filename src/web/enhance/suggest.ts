/** Suggestions under the search box: a list one moves through by arrows and takes by Enter, as a combobox of ARIA does. */
interface Suggestion {
  readonly text: string
  readonly href: string
  readonly note?: string
}

const known = new Map<string, readonly Suggestion[]>()
const pauseMs = 120

/** Makes a search box suggest. Everything is built as elements: what products are called is text, never markup. */
export function suggestFor(box: HTMLInputElement): void {
  const list = document.createElement('ul')
  list.id = 'suggestions'
  list.className = 'suggest'
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', box.dataset['suggest'] ?? '')
  list.hidden = true
  box.after(list)
  for (const [name, value] of Object.entries({
    role: 'combobox',
    'aria-controls': list.id,
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
  }))
    box.setAttribute(name, value)

  let at = -1
  let timer = 0
  let asked = 0
  const show = (items: readonly Suggestion[]): void => {
    at = -1
    box.removeAttribute('aria-activedescendant')
    list.replaceChildren(...items.map(option))
    list.hidden = items.length === 0
    box.setAttribute('aria-expanded', String(items.length > 0))
  }
  const move = (to: number): void => {
    const options = [...list.children]
    at = to < -1 ? options.length - 1 : to >= options.length ? -1 : to
    options.forEach((each, index) => each.setAttribute('aria-selected', String(index === at)))
    if (at < 0) box.removeAttribute('aria-activedescendant')
    else box.setAttribute('aria-activedescendant', `suggestion-${at}`)
  }
  const ask = async (): Promise<void> => {
    const text = box.value.trim()
    const mine = ++asked
    if (text.length < 2) return show([])
    const found = known.get(text) ?? (await fetchFor(box, text))
    known.set(text, found)
    // What was typed meanwhile has its own answer.
    if (mine === asked && document.activeElement === box) show(found)
  }

  box.addEventListener('input', () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => void ask().catch(() => show([])), pauseMs)
  })
  box.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (list.hidden) return
      event.preventDefault()
      move(at + (event.key === 'ArrowDown' ? 1 : -1))
    } else if (event.key === 'Escape') show([])
    else if (event.key === 'Enter' && at >= 0) {
      event.preventDefault()
      list.children[at]?.querySelector('a')?.click()
    }
  })
  // Later than a press on a suggestion, which takes the focus first.
  box.addEventListener('blur', () => window.setTimeout(() => show([]), 150))
}

async function fetchFor(box: HTMLInputElement, text: string): Promise<readonly Suggestion[]> {
  const answer = await fetch(`${box.form?.getAttribute('action') ?? '/search'}/suggest?q=${encodeURIComponent(text)}`)
  return answer.ok ? ((await answer.json()) as Suggestion[]) : []
}

function option({ text, href, note }: Suggestion, index: number): HTMLElement {
  const [item, link] = [document.createElement('li'), document.createElement('a')]
  item.id = `suggestion-${index}`
  item.setAttribute('role', 'option')
  item.setAttribute('aria-selected', 'false')
  link.href = href
  link.tabIndex = -1
  link.textContent = text
  if (note !== undefined) {
    const small = document.createElement('span')
    small.className = 'meta'
    small.textContent = note
    link.append(' ', small)
  }
  item.append(link)
  return item
}
