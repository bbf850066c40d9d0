import type { Lang } from '../../lib/language.ts'

/** What a question is about. */
export const intents = [
  'order',
  'cancel',
  'change',
  'refund',
  'payment',
  'fees',
  'returns',
  'size',
  'store',
  'work',
  'person',
  'greeting',
  'unknown',
] as const
export type Intent = (typeof intents)[number]

/** Stems of words by intent. The order breaks ties: an action is meant before the thing it is done to. */
const stems: Readonly<Record<Exclude<Intent, 'unknown'>, { en: readonly string[]; sw: readonly string[] }>> = {
  cancel: { en: ['cancel', 'call off'], sw: ['ghairi', 'kughairi', 'futa agizo', 'batilisha'] },
  change: { en: ['change', 'edit', 'wrong address', 'new address'], sw: ['badilisha', 'badili', 'anwani mpya'] },
  returns: {
    en: ['return', 'send back', 'exchange', 'bring back', 'does not fit', 'doesn’t fit', "doesn't fit"],
    sw: ['rudisha', 'kurudisha', 'rejesha nguo', 'haitoshi', 'hainitoshi'],
  },
  refund: { en: ['refund', 'money back', 'paid twice', 'charged twice'], sw: ['rudishiwa', 'pesa zangu', 'nimelipa mara mbili'] },
  payment: {
    en: ['pay', 'paying', 'payment', 'paid', 'mpesa', 'm-pesa', 'm pesa', 'pin', 'card', 'paypal', 'prompt', 'charged', 'paybill', 'cash'],
    sw: ['lipa', 'malipo', 'kadi', 'nimekatwa'],
  },
  fees: {
    en: ['deliver to', 'delivery fee', 'delivery cost', 'delivery', 'shipping', 'how long', 'fee', 'fees', 'how much', 'when will it come'],
    sw: ['ada', 'gharama', 'kuleta', 'mnaleta', 'usafirishaji', 'mnapeleka', 'siku ngapi'],
  },
  size: { en: ['size', 'fit', 'measure', 'cm', 'too big', 'too small', 'large', 'medium'], sw: ['saizi', 'ukubwa', 'kipimo', 'vipimo'] },
  order: {
    en: ['order', 'parcel', 'package', 'track', 'where is', 'rider', 'rah-'],
    sw: ['agizo', 'oda', 'kifurushi', 'mzigo', 'fuatilia', 'wapi'],
  },
  work: {
    en: ['to pack', 'my shop', 'my sales', 'next stop', 'my deliveries', 'payout', 'owed', 'to do', 'work', 'desk'],
    sw: ['kazi', 'duka langu', 'mauzo'],
  },
  person: {
    en: ['person', 'human', 'agent', 'call you', 'phone number', 'whatsapp', 'talk', 'support'],
    sw: ['mtu', 'piga simu', 'ongea', 'wasiliana'],
  },
  store: {
    en: ['who are you', 'shop', 'store', 'open', 'hours', 'where are you', 'email', 'e-mail', 'contact', 'about'],
    sw: ['duka', 'nyinyi', 'masaa', 'mko wapi', 'barua pepe'],
  },
  greeting: {
    en: ['hello', 'hi', 'hey', 'good morning', 'thanks', 'thank you'],
    sw: ['habari', 'jambo', 'mambo', 'hujambo', 'asante', 'sasa'],
  },
}

/** Which intent a text has, and the language of the words it was known by. A number of ours alone asks for that order. */
export function readIntent(text: string): { intent: Intent; lang: Lang | undefined } {
  // Padded, so that a stem matches at the beginning of a word and "pin" is not found in "shopping".
  const said = ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}’'-]+/gu, ' ')
    .trim()} `
  let best: { intent: Intent; lang: Lang | undefined; weight: number } = { intent: 'unknown', lang: undefined, weight: 0 }
  for (const [intent, both] of Object.entries(stems) as [Intent, { en: readonly string[]; sw: readonly string[] }][]) {
    for (const lang of ['en', 'sw'] as const) {
      // Longer words say more: "delivery fee" beats "order".
      const weight = Math.max(0, ...both[lang].map((stem) => (holds(said, stem) ? stem.length + (stem.includes(' ') ? 6 : 0) : 0)))
      const strength =
        weight === 0
          ? 0
          : weight + (intent === 'cancel' || intent === 'returns' || intent === 'refund' ? 20 : intent === 'greeting' ? -20 : 5)
      if (weight > 0 && (best.intent === 'unknown' || strength > best.weight)) best = { intent, lang, weight: strength }
    }
  }
  return { intent: best.intent, lang: best.lang }
}

// Very short words must stand alone: "hi" is not "his".
const holds = (said: string, stem: string): boolean => said.includes(stem.length <= 3 ? ` ${stem} ` : ` ${stem}`)
