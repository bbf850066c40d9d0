/**
 * The assistant's panel. It stands last in the body and outside every form, holds no form, and lets no key out: nothing pressed in it
 * can send, change or delay a checkout. It traps no focus and locks no scrolling; Escape closes it and the focus goes back.
 */
interface Reply {
  readonly text: string
  readonly links: readonly { readonly kind: string; readonly label: string; readonly href: string }[]
}

const english = {
  title: 'Ask the shop',
  close: 'Close',
  label: 'Your question',
  send: 'Send',
  welcome: 'Hello. Ask about your order, delivery, returns, sizes or a payment. Answers come from this shop alone; nothing is kept.',
  down: 'I cannot answer right now. The help pages and people on WhatsApp can. Your bag and your order are as they were.',
  busy: 'That was a lot of questions. Wait a minute and ask again.',
  help: 'Help',
  person: 'Talk to a person',
  asks: ['Where is my order?', 'What does delivery cost?', 'How do I return?', 'Which size?', 'My payment does not work'],
}
const swahili: typeof english = {
  title: 'Uliza duka',
  close: 'Funga',
  label: 'Swali lako',
  send: 'Tuma',
  welcome: 'Habari. Uliza kuhusu agizo, kuletewa, kurudisha, ukubwa au malipo. Majibu ni ya duka hili tu; hakuna kinachohifadhiwa.',
  down: 'Siwezi kujibu sasa. Kurasa za msaada na watu wa WhatsApp wanaweza. Kikapu na agizo lako viko vile vile.',
  busy: 'Maswali ni mengi. Subiri dakika moja, kisha uliza tena.',
  help: 'Msaada',
  person: 'Ongea na mtu',
  asks: ['Agizo langu liko wapi?', 'Kuletewa ni gharama gani?', 'Narudishaje?', 'Ukubwa gani?', 'Malipo hayafanyi kazi'],
}

const lang = document.documentElement.lang === 'sw' ? 'sw' : 'en'
const words = lang === 'sw' ? swahili : english
let panel: HTMLElement | undefined

/** Opens the panel, or closes it again: the link works as its switch. */
export async function openAssistant(link: HTMLAnchorElement): Promise<void> {
  if (panel !== undefined) return close(link)
  await dress(link.dataset['look'] ?? '')
  panel = build(link)
  document.body.append(panel)
  link.setAttribute('aria-expanded', 'true')
  panel.querySelector('textarea')?.focus()
}

function close(link: HTMLElement): void {
  panel?.remove()
  panel = undefined
  link.removeAttribute('aria-expanded')
  link.focus()
}

/** Its style sheet, once; a panel without one is still readable, so a failure is no reason not to open. */
function dress(href: string): Promise<void> {
  if (document.querySelector(`link[href="${href}"]`) !== null) return Promise.resolve()
  const sheet = make('link', { rel: 'stylesheet', href })
  document.head.append(sheet)
  return new Promise((resolve) => {
    sheet.onload = () => resolve()
    sheet.onerror = () => resolve()
  })
}

function build(link: HTMLElement): HTMLElement {
  const shut = make('button', { type: 'button', className: 'btn-link', textContent: words.close })
  shut.addEventListener('click', () => close(link))
  const header = make('header')
  header.append(make('h2', { id: 'ask-title', textContent: words.title }), shut)

  const said = make('div', { className: 'said', tabIndex: 0 })
  said.setAttribute('role', 'log')
  said.setAttribute('aria-live', 'polite')
  said.setAttribute('aria-label', words.title)

  const box = make('textarea', { id: 'ask-box', className: 'input', maxLength: 500, rows: 2, enterKeyHint: 'send' })
  const send = make('button', { type: 'button', className: 'btn', textContent: words.send })
  const ask = (text: string): void => {
    if (text.trim() === '') return
    box.value = ''
    void converse(said, text.trim(), link)
  }
  send.addEventListener('click', () => ask(box.value))
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    ask(box.value)
  })

  const asks = make('div', { className: 'asks' })
  for (const text of words.asks) {
    const chip = make('button', { type: 'button', textContent: text })
    chip.addEventListener('click', () => ask(text))
    asks.append(chip)
  }
  const write = make('div', { className: 'write' })
  write.append(make('label', { htmlFor: 'ask-box', textContent: words.label }), box, send)

  const whole = make('aside', { className: 'talk' })
  whole.setAttribute('aria-labelledby', 'ask-title')
  whole.append(header, said, asks, write)
  whole.addEventListener('keydown', (event) => {
    // Shortcuts and default buttons of the page are none of its business.
    event.stopPropagation()
    if (event.key === 'Escape') close(link)
  })
  say(said, { text: words.welcome, links: [] })
  return whole
}

async function converse(said: HTMLElement, text: string, link: HTMLElement): Promise<void> {
  said.append(bubble('own', text))
  said.scrollTop = said.scrollHeight
  say(said, await reply(text, link))
}

async function reply(message: string, link: HTMLElement): Promise<Reply> {
  const fallback = [
    { kind: 'page', label: words.help, href: link.getAttribute('href') ?? '/help' },
    { kind: 'person', label: words.person, href: `https://wa.me/${link.dataset['phone'] ?? ''}` },
  ]
  try {
    const answer = await fetch('/api/v1/assistant/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message, lang, ...orderOfPage() }),
      signal: AbortSignal.timeout(10_000),
    })
    if (answer.ok) return (await answer.json()) as Reply
    return { text: answer.status === 429 ? words.busy : words.down, links: fallback }
  } catch {
    return { text: words.down, links: fallback }
  }
}

/** The order whose page this is, for a guest who came by its link. */
function orderOfPage(): { orderToken?: string } {
  const track = /^(?:\/sw)?\/track\/([\w-]{20,64})$/.exec(location.pathname)?.[1]
  const token = track ?? (location.pathname.includes('/orders/') ? new URLSearchParams(location.search).get('token') : null)
  return token === null || token === undefined ? {} : { orderToken: token }
}

function say(said: HTMLElement, { text, links }: Reply): void {
  const whole = bubble('', text)
  for (const { label, href } of links) {
    if (!/^(\/(?!\/)|https:\/\/wa\.me\/)/.test(href)) continue
    whole.append(make('a', { href, textContent: label, rel: 'noreferrer' }))
  }
  said.append(whole)
  said.scrollTop = said.scrollHeight
}

function bubble(className: string, text: string): HTMLElement {
  const whole = make('div', { className })
  whole.append(make('p', { textContent: text }))
  return whole
}

const make = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  values: Partial<HTMLElementTagNameMap[Name]> = {},
): HTMLElementTagNameMap[Name] => Object.assign(document.createElement(name), values)
