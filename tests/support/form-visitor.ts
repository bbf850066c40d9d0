import { expect } from 'bun:test'
import type { TestShop } from './shop.ts'

/** A form as a browser without scripts would send it. */
export interface SentForm {
  readonly action: string
  readonly method: string
  readonly fields: Readonly<Record<string, string>>
}

/** A page as such a browser has it. */
export interface SeenPage {
  readonly status: number
  readonly path: string
  readonly headers: Headers
  readonly html: string
  /** Its forms, with what is filled in. */
  readonly forms: readonly SentForm[]
  /** The form that goes to an address. */
  form(action: string | RegExp): SentForm
}

/** Somebody with the plainest browser there is: cookies, links, forms, and redirects. */
export interface FormVisitor {
  get(path: string): Promise<SeenPage>
  /** Sends a form of a page with some of its fields filled in, and follows where the answer leads. */
  send(form: SentForm, values?: Readonly<Record<string, string>>): Promise<SeenPage>
  /** The answer itself, before any redirect. */
  raw(path: string, init?: RequestInit): Promise<Response>
}

/** Opens such a browser. */
export function formVisitor(shop: TestShop): FormVisitor {
  const jar = new Map<string, string>()
  const raw = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await shop.fetch(path, {
      ...init,
      headers: {
        accept: 'text/html',
        ...(jar.size === 0 ? {} : { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...(init.headers as Record<string, string> | undefined),
      },
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=')
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }
  const follow = async (path: string, answer: Response): Promise<SeenPage> => {
    if (answer.status !== 303) return seen(path, answer)
    const location = answer.headers.get('location') ?? ''
    return follow(location, await raw(location))
  }
  return {
    raw,
    get: async (path) => follow(path, await raw(path)),
    send: async (form, values = {}) => {
      const fields = new URLSearchParams({ ...form.fields, ...values })
      if (form.method === 'get') return follow(form.action, await raw(`${form.action}?${fields}`))
      return follow(
        form.action,
        await raw(form.action, {
          method: 'POST',
          body: fields.toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        }),
      )
    },
  }
}

async function seen(path: string, answer: Response): Promise<SeenPage> {
  const html = await answer.text()
  const forms = formsIn(html)
  return {
    status: answer.status,
    path,
    headers: answer.headers,
    html,
    forms,
    form(action) {
      const found = forms.find((form) => (typeof action === 'string' ? form.action === action : action.test(form.action)))
      if (found === undefined)
        throw new Error(
          `${path} (${answer.status}) has no form to ${action}; it has ${forms.map((form) => form.action).join(', ') || 'none'}`,
        )
      return found
    },
  }
}

/** Reads forms and what is filled in. Buttons are left out: which one is pressed is for the test to say. */
function formsIn(html: string): SentForm[] {
  const forms: { action: string; method: string; fields: Record<string, string> }[] = []
  let select: string | undefined
  let area: string | undefined
  const put = (name: string | null | undefined, value: string): void => {
    const form = forms.at(-1)
    if (form !== undefined && name) form.fields[name] = value
  }
  new HTMLRewriter()
    .on('form', {
      element: (form) =>
        void forms.push({ action: form.getAttribute('action') ?? '', method: form.getAttribute('method') ?? 'get', fields: {} }),
    })
    .on('form input', {
      element(input) {
        const type = input.getAttribute('type')
        if ((type === 'radio' || type === 'checkbox') && input.getAttribute('checked') === null) return
        put(input.getAttribute('name'), unescape(input.getAttribute('value') ?? ''))
      },
    })
    .on('form select', { element: (element) => (put((select = element.getAttribute('name') ?? undefined), ''), undefined) })
    .on('form select option[selected]', { element: (option) => put(select, unescape(option.getAttribute('value') ?? '')) })
    .on('form textarea', {
      element: (element) => (put((area = element.getAttribute('name') ?? undefined), ''), undefined),
      text(chunk) {
        const form = forms.at(-1)
        if (form !== undefined && area !== undefined) form.fields[area] = (form.fields[area] ?? '') + unescape(chunk.text)
      },
    })
    .transform(html)
  return forms
}

const unescape = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')

/** What every page must have: one h1, a title, a language, and a canonical address or the wish not to be found. */
export function expectWholePage(page: SeenPage, status = 200): void {
  expect([page.path, page.status]).toEqual([page.path, status])
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect([page.path, page.html.match(/<h1[ >]/g)?.length]).toEqual([page.path, 1])
  expect(page.html).toMatch(/<title>[^<]{3,} \| Rahim<\/title>/)
  expect(page.html).toContain('<html lang="en"')
  expect(page.html).toMatch(/<link rel="canonical" href="http[^"]+"\/>|<meta name="robots" content="noindex"\/>/)
  expect(page.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'")
}
