/** The languages of the shop. */
export type Lang = 'en' | 'sw'

/** Whether a text names one of them. */
export const isLang = (text: string | undefined): text is Lang => text === 'en' || text === 'sw'

/** The first of our languages an Accept-Language header asks for, by its weights; English when it asks for neither. */
export function preferredLang(header: string | null): Lang {
  let best: { lang: Lang; weight: number } | undefined
  for (const part of (header ?? '').slice(0, 200).split(',')) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';')
    const lang = range.split('-')[0]
    const weight = Number(/^\s*q=([\d.]+)$/.exec(parameters[0] ?? 'q=1')?.[1] ?? 0)
    if (isLang(lang) && weight > 0 && (best === undefined || weight > best.weight)) best = { lang, weight }
  }
  return best?.lang ?? 'en'
}
