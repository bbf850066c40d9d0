/**
 * Both languages of the shop. Each room of the web app has one file of words here, English and Swahili side by side; the compiler
 * refuses a file that misses a key in either, and a test finds keys that no page uses.
 */
import type { Lang } from '../../lib/language.ts'
import { requestScope } from '../../platform/http/request-scope.ts'

export type { Lang }

type Text = string | ((...values: never[]) => string)

let forced: Lang | undefined

/** The language of the page being made. */
export const spokenLang = (): Lang => forced ?? requestScope()?.lang ?? 'en'

/** Makes something in a language, whatever the request asks for: mails, and pages made without a request. */
export function inLanguage<Value>(lang: Lang, make: () => Value): Value {
  const before = forced
  forced = lang
  try {
    return make()
  } finally {
    forced = before
  }
}

/** The words of one room: call the answer for those of the language being spoken. `NoInfer` makes Swahili follow English, key by key. */
export function defineWords<Words extends Record<string, Text>>(both: { en: Words; sw: NoInfer<Words> }): (lang?: Lang) => Words {
  return (lang = spokenLang()) => both[lang]
}

/** An address of ours in the language being spoken: Swahili pages live under /sw, so that both can be kept by caches and found by search engines. */
export function localPath(path: string, lang: Lang = spokenLang()): string {
  if (lang === 'en' || !path.startsWith('/') || /^\/(sw(\/|$)|assets\/|media\/|api\/|sandbox|ws\/|\/)/.test(path)) return path
  return path === '/' ? '/sw' : `/sw${path}`
}
