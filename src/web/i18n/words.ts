/** The words of the frame around every page, in both languages. Pages bring their own. */

export type Lang = 'en' | 'sw'

export type Words = Record<
  | 'skip'
  | 'search'
  | 'searchLabel'
  | 'searchHint'
  | 'account'
  | 'bag'
  | 'help'
  | 'menu'
  | 'delivery'
  | 'returns'
  | 'track'
  | 'privacy'
  | 'terms'
  | 'otherLanguage'
  | 'promise'
  | 'error'
  | 'problem'
  | 'optional'
  | 'was'
  | 'soldOut'
  | 'sale'
  | 'sizesLeft'
  | 'colours'
  | 'more'
  | 'start'
  | 'pages'
  | 'each'
  | 'quantity'
  | 'total'
  | 'youAreHere',
  string
>

const en: Words = {
  skip: 'Skip to the page',
  search: 'Search',
  searchLabel: 'Search clothes',
  searchHint: 'Dress, kanga, shirt',
  account: 'Account',
  bag: 'Bag',
  help: 'Help',
  menu: 'Collections',
  delivery: 'Delivery',
  returns: 'Returns',
  track: 'Track an order',
  privacy: 'Privacy',
  terms: 'Terms',
  otherLanguage: 'Kiswahili',
  promise: 'Pay with M-Pesa on your phone. Delivered in all 47 counties.',
  error: 'Error',
  problem: 'There is a problem',
  optional: 'optional',
  was: 'Before',
  soldOut: 'Sold out',
  sale: 'Reduced',
  sizesLeft: 'Sizes left',
  colours: 'colours',
  more: 'Show more',
  start: 'Back to the start',
  pages: 'Pages',
  each: 'each',
  quantity: 'Quantity',
  total: 'Total',
  youAreHere: 'You are here',
}

const sw: Words = {
  skip: 'Ruka hadi ukurasa',
  search: 'Tafuta',
  searchLabel: 'Tafuta nguo',
  searchHint: 'Gauni, kanga, shati',
  account: 'Akaunti',
  bag: 'Kikapu',
  help: 'Msaada',
  menu: 'Mikusanyo',
  delivery: 'Usafirishaji',
  returns: 'Kurudisha',
  track: 'Fuatilia agizo',
  privacy: 'Faragha',
  terms: 'Masharti',
  otherLanguage: 'English',
  promise: 'Lipa kwa M-Pesa kwenye simu yako. Tunafikisha katika kaunti zote 47.',
  error: 'Hitilafu',
  problem: 'Kuna tatizo',
  optional: 'si lazima',
  was: 'Awali',
  soldOut: 'Imeisha',
  sale: 'Punguzo',
  sizesLeft: 'Ukubwa uliobaki',
  colours: 'rangi',
  more: 'Onyesha zaidi',
  start: 'Rudi mwanzo',
  pages: 'Kurasa',
  each: 'kila moja',
  quantity: 'Idadi',
  total: 'Jumla',
  youAreHere: 'Uko hapa',
}

const byLang: Record<Lang, Words> = { en, sw }

/** The frame's words in a language. */
export const wordsIn = (lang: Lang): Words => byLang[lang]

/** An address of ours in a language: Swahili pages live under /sw, so that both can be kept by caches and found by search engines. */
export function localPath(lang: Lang, path: string): string {
  if (lang === 'en') return path
  return path === '/' ? '/sw' : `/sw${path}`
}
