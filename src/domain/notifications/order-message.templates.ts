import { formatMoney } from '../../lib/money.ts'
import type { Lang } from '../../lib/language.ts'
import type { OrderEventName } from './order-message.ts'

/** What a message about an order may speak of. Amounts are minor units. */
export interface OrderMessageAbout {
  readonly orderNumber: string
  readonly currency: string
  readonly totalMinor: bigint
  /** What moved, for messages about money. */
  readonly amountMinor: bigint
  readonly receipt: string | null
  readonly isPaidAtDoor: boolean
  readonly promisedTo: Date
  /** Opens the order without an account. */
  readonly orderUrl: string
  readonly payUrl: string
  readonly returnNumber: string
  /** Free text of staff: why a return is refused, a note. Only letters carry it. */
  readonly words: string
  readonly items: readonly string[]
}

/** A message in one language: a line for the phone, and a letter. */
export interface WrittenMessage {
  readonly sms: string
  readonly subject: string
  readonly text: string
}

type Sentence = (about: OrderMessageAbout) => string

/** Money with a plain space: a text message with a no-break space would leave the GSM alphabet and cost twice. */
const money = (amountMinor: bigint, currency: string): string => formatMoney(amountMinor, currency).replaceAll('\u00a0', ' ')
const amount: Sentence = (about) => money(about.amountMinor, about.currency)
const total: Sentence = (about) => money(about.totalMinor, about.currency)
const receipt: Sentence = (about) => (about.receipt === null ? '' : ` (${about.receipt})`)
const day = (at: Date, lang: Lang): string =>
  new Intl.DateTimeFormat(lang === 'sw' ? 'sw-KE' : 'en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'Africa/Nairobi',
  }).format(at)

// The sentence is the text message after the shop's name and before the link. Counted for a link of 56 and an amount of 11 letters.
const sentences: Record<Lang, Record<OrderEventName, Sentence>> = {
  en: {
    placed: (about) =>
      about.isPaidAtDoor
        ? `order ${about.orderNumber} is placed. Pay ${total(about)} at the door.`
        : `order ${about.orderNumber} for ${total(about)} is placed and waits for your payment.`,
    paid: (about) => `we received ${amount(about)}${receipt(about)} for order ${about.orderNumber}. Follow it:`,
    payment_failed: (about) => `the payment for order ${about.orderNumber} did not go through. Nothing was taken. Try again:`,
    owed_back: (about) => `we got ${amount(about)} for order ${about.orderNumber} but cannot use it. We are sending it back.`,
    refunded: (about) => `${amount(about)}${receipt(about)} for order ${about.orderNumber} is on its way back to you.`,
    packed: (about) => `order ${about.orderNumber} is packed and waits for a rider.`,
    on_the_road: (about) => `order ${about.orderNumber} is on the way. Follow the rider:`,
    rider_near: (about) => `the rider with order ${about.orderNumber} is almost there. Have your delivery code ready:`,
    attempt_failed: (about) => `we could not hand over order ${about.orderNumber}. It is safe; we will try again:`,
    delivered: (about) => `order ${about.orderNumber} is delivered. Returns within 7 days:`,
    cancelled: (about) => `order ${about.orderNumber} is cancelled.`,
    expired: (about) => `order ${about.orderNumber} was not paid in time and has ended. Nothing was taken.`,
    return_requested: (about) => `we have your return ${about.returnNumber} and will answer soon.`,
    return_approved: (about) => `return ${about.returnNumber} is agreed. Keep the goods ready for us:`,
    return_refused: (about) => `we cannot take return ${about.returnNumber}. Why:`,
    return_received: (about) => `return ${about.returnNumber} is here. We are paying back ${amount(about)}.`,
    note: (about) => `there is an answer about order ${about.orderNumber}:`,
  },
  sw: {
    placed: (about) =>
      about.isPaidAtDoor
        ? `oda ${about.orderNumber} imepokelewa. Lipa ${total(about)} mlangoni.`
        : `oda ${about.orderNumber} ya ${total(about)} imepokelewa, inasubiri malipo.`,
    paid: (about) => `tumepokea ${amount(about)}${receipt(about)} ya oda ${about.orderNumber}. Ifuatilie:`,
    payment_failed: (about) => `malipo ya oda ${about.orderNumber} hayakufaulu. Hakuna pesa iliyokatwa. Jaribu tena:`,
    owed_back: (about) => `tumepata ${amount(about)} ya oda ${about.orderNumber} lakini haiwezi kutumika. Tunairudisha.`,
    refunded: (about) => `${amount(about)}${receipt(about)} ya oda ${about.orderNumber} inarudishwa kwako.`,
    packed: (about) => `oda ${about.orderNumber} imefungwa, inasubiri dereva.`,
    on_the_road: (about) => `oda ${about.orderNumber} iko njiani. Mfuatilie dereva:`,
    rider_near: (about) => `dereva wa oda ${about.orderNumber} amekaribia. Weka nambari ya kupokea tayari:`,
    attempt_failed: (about) => `hatukuweza kukabidhi oda ${about.orderNumber}. Iko salama; tutajaribu tena:`,
    delivered: (about) => `oda ${about.orderNumber} imefika. Kurudisha ni ndani ya siku 7:`,
    cancelled: (about) => `oda ${about.orderNumber} imefutwa.`,
    expired: (about) => `oda ${about.orderNumber} haikulipwa kwa wakati na imefungwa. Hakuna pesa iliyokatwa.`,
    return_requested: (about) => `tumepata ombi la kurudisha ${about.returnNumber}. Tutakujibu hivi karibuni.`,
    return_approved: (about) => `ombi ${about.returnNumber} limekubaliwa. Weka bidhaa tayari:`,
    return_refused: (about) => `ombi la kurudisha ${about.returnNumber} halikukubaliwa. Sababu:`,
    return_received: (about) => `bidhaa za ${about.returnNumber} zimefika. Tunakurudishia ${amount(about)}.`,
    note: (about) => `kuna jibu kuhusu oda ${about.orderNumber}:`,
  },
}

const frame = {
  en: { hello: 'Hello,', order: 'Your order', total: 'Total', until: 'With you by', link: 'Your order', bye: 'Rahim Online' },
  sw: { hello: 'Habari,', order: 'Oda yako', total: 'Jumla', until: 'Itafika kabla ya', link: 'Oda yako', bye: 'Rahim Online' },
} as const
const withItems: ReadonlySet<OrderEventName> = new Set(['placed', 'paid'])
const withWords: ReadonlySet<OrderEventName> = new Set(['return_refused', 'note'])
const toPay: ReadonlySet<OrderEventName> = new Set(['payment_failed'])

/** Writes the message of an event. Texts are plain letters of the GSM alphabet and at most 160 of them with a usual link. Pure. */
export function writeOrderMessage(event: OrderEventName, lang: Lang, about: OrderMessageAbout): WrittenMessage {
  const sentence = sentences[lang][event](about)
  const url = toPay.has(event) ? about.payUrl : about.orderUrl
  const words = frame[lang]
  const upper = sentence.charAt(0).toUpperCase() + sentence.slice(1)
  const items = withItems.has(event)
    ? [
        '',
        `${words.order}:`,
        ...about.items.map((item) => `- ${item}`),
        `${words.total}: ${total(about)}`,
        `${words.until}: ${day(about.promisedTo, lang)}`,
      ]
    : []
  return {
    sms: `Rahim Online: ${sentence} ${url}`,
    subject: `${upper.replace(/[:.]$/, '')}`.replace(/\. .*$/, ''),
    text: [
      words.hello,
      '',
      upper.replace(/:$/, '.'),
      ...(withWords.has(event) && about.words !== '' ? ['', about.words] : []),
      ...items,
      '',
      `${words.link}: ${url}`,
      '',
      words.bye,
      '',
    ].join('\n'),
  }
}
