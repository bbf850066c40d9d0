import type { OrderState } from '../../domain/orders/order.states.ts'
import type { Lang } from '../../lib/language.ts'

interface Phrases {
  readonly hello: string
  readonly unknown: string
  readonly orderWhich: string
  readonly orderHidden: string
  order(number: string, state: string): string
  promised(days: string): string
  readonly states: Readonly<Record<OrderState, string>>
  readonly cancel: string
  readonly change: string
  readonly refund: string
  payment(holdMinutes: number): string
  fees(from: string, to: string): string
  fee(county: string, fee: string, days: string): string
  free(from: string): string
  days(least: number, most: number): string
  readonly returns: string
  readonly size: string
  store(mail: string): string
  readonly person: string
  readonly noWork: string
  toPack(shop: string, count: number): string
  owed(shop: string, amount: string): string
  stops(count: number, waiting: number): string
  waiting(pack: number, riders: number, review: number): string
  readonly links: Readonly<
    Record<
      | 'order'
      | 'cancel'
      | 'change'
      | 'return'
      | 'orders'
      | 'signIn'
      | 'track'
      | 'help'
      | 'fees'
      | 'returns'
      | 'sizes'
      | 'person'
      | 'vendor'
      | 'vendorMoney'
      | 'driver'
      | 'staff'
      | 'staffMoney',
      string
    >
  >
}

const en: Phrases = {
  hello: 'Hello. Ask me about your order, delivery, returns, sizes or a payment.',
  unknown: 'I do not know that. I can tell you about your order, delivery, returns, sizes and payments. A person can help with the rest.',
  orderWhich: 'Which order? Write its number, such as RAH-4F7K2M9P, or open the link in the message we sent you.',
  orderHidden: 'I can show an order only to who placed it. Sign in, or open the link in the message we sent you.',
  order: (number, state) => `Order ${number}: ${state}`,
  promised: (days) => `It comes ${days}.`,
  states: {
    awaiting_payment: 'waiting for payment. You have not been charged as far as we know.',
    paid: 'paid. We are packing your clothes.',
    packed: 'packed. A rider collects it next.',
    on_the_road: 'on the way to you.',
    delivered: 'delivered.',
    returned: 'returned.',
    cancelled: 'cancelled.',
    expired: 'not paid in time, so the clothes went back on the shelf.',
  },
  cancel: 'You can cancel on the page of your order until it is packed. Nothing is cancelled from here.',
  change: 'You can change an unpaid order and its address on the page of your order. Nothing is changed from here.',
  refund: 'Refunds go back the way you paid. If you paid twice, the second payment is returned by itself. The page of your order shows it.',
  payment: (minutes) =>
    `No request on your phone? Wait half a minute, then try again or use another number on the payment page. If M-Pesa says you paid, do not pay again: we confirm by SMS. We keep your clothes for ${minutes} minutes. We never ask for your PIN.`,
  fees: (from, to) =>
    `Delivery costs ${from} to ${to}, by county. The fee and the date stand on the checkout before you pay. Write your county and I tell you.`,
  fee: (county, fee, days) => `Delivery to ${county}: ${fee}, ${days}.`,
  free: (from) => `Free from ${from}.`,
  days: (least, most) =>
    most === 0 ? 'the same day' : least === most ? `in ${most} day${most === 1 ? '' : 's'}` : `in ${least} to ${most} days`,
  returns: 'You can send clothes back within 7 days of delivery, unworn. Choose the pieces on the page of your order.',
  size: 'Each product has its measures in cm. Measure a garment that fits you and compare.',
  store: (mail) => `Rahim Online sells clothes by makers in Kenya, in every county. Write to ${mail} or by WhatsApp.`,
  person: 'A person answers by WhatsApp.',
  noWork: 'You have no desk here. Sign in with the account you work with.',
  toPack: (shop, count) => `${shop}: ${count} order${count === 1 ? '' : 's'} to pack.`,
  owed: (shop, amount) => `${shop} is owed ${amount}.`,
  stops: (count, waiting) => `You have ${count} deliver${count === 1 ? 'y' : 'ies'}. ${waiting} wait for a rider.`,
  waiting: (pack, riders, review) => `${pack} orders to pack, ${riders} deliveries without a rider, ${review} payments to look at.`,
  links: {
    order: 'See your order',
    cancel: 'Open the order to cancel it',
    change: 'Open the order to change it',
    return: 'Choose what to send back',
    orders: 'Your orders',
    signIn: 'Sign in',
    track: 'Track an order',
    help: 'Help with paying',
    fees: 'All fees and dates',
    returns: 'How returns work',
    sizes: 'Size guide',
    person: 'Talk to a person',
    vendor: 'Your desk',
    vendorMoney: 'Your money',
    driver: 'Your deliveries',
    staff: 'Today',
    staffMoney: 'Transactions',
  },
}

const sw: Phrases = {
  hello: 'Habari. Niulize kuhusu agizo lako, kuletewa, kurudisha, ukubwa au malipo.',
  unknown: 'Hilo silijui. Naweza kukueleza kuhusu agizo lako, kuletewa, kurudisha, ukubwa na malipo. Mengine mtu atakusaidia.',
  orderWhich: 'Agizo gani? Andika namba yake, kama RAH-4F7K2M9P, au fungua kiungo kwenye ujumbe tuliokutumia.',
  orderHidden: 'Namuonyesha agizo yule tu aliyeagiza. Ingia, au fungua kiungo kwenye ujumbe tuliokutumia.',
  order: (number, state) => `Agizo ${number}: ${state}`,
  promised: (days) => `Litafika ${days}.`,
  states: {
    awaiting_payment: 'linasubiri malipo. Kwa tunavyojua hujakatwa pesa.',
    paid: 'limelipwa. Tunafunga nguo zako.',
    packed: 'limefungwa. Mwendeshaji atalichukua.',
    on_the_road: 'liko njiani kuja kwako.',
    delivered: 'limefika.',
    returned: 'limerudishwa.',
    cancelled: 'limeghairiwa.',
    expired: 'halikulipwa kwa wakati, kwa hiyo nguo zilirudi dukani.',
  },
  cancel: 'Unaweza kughairi kwenye ukurasa wa agizo lako kabla halijafungwa. Hakuna kinachoghairiwa hapa.',
  change: 'Unaweza kubadilisha agizo ambalo halijalipwa na anwani yake kwenye ukurasa wa agizo. Hakuna kinachobadilishwa hapa.',
  refund: 'Pesa hurudi kwa njia uliyolipia. Ukilipa mara mbili, malipo ya pili hurudishwa yenyewe. Ukurasa wa agizo unaonyesha.',
  payment: (minutes) =>
    `Ombi halijafika kwenye simu? Subiri nusu dakika, kisha jaribu tena au tumia namba nyingine kwenye ukurasa wa malipo. M-Pesa ikisema umelipa, usilipe tena: tutathibitisha kwa SMS. Tunakuwekea nguo kwa dakika ${minutes}. Hatuombi PIN yako kamwe.`,
  fees: (from, to) =>
    `Kuletewa ni ${from} hadi ${to}, kulingana na kaunti. Ada na tarehe huonekana kabla ya kulipa. Andika kaunti yako nikuambie.`,
  fee: (county, fee, days) => `Kuletewa ${county}: ${fee}, ${days}.`,
  free: (from) => `Bure kuanzia ${from}.`,
  days: (least, most) => (most === 0 ? 'siku hiyo hiyo' : least === most ? `kwa siku ${most}` : `kwa siku ${least} hadi ${most}`),
  returns: 'Unaweza kurudisha nguo ndani ya siku 7 baada ya kuletewa, kabla ya kuzivaa. Chagua nguo kwenye ukurasa wa agizo.',
  size: 'Kila nguo ina vipimo vyake kwa sentimita. Pima nguo inayokutosha ulinganishe.',
  store: (mail) => `Rahim Online huuza nguo za washonaji wa Kenya, katika kila kaunti. Andika kwa ${mail} au WhatsApp.`,
  person: 'Mtu hukujibu kwa WhatsApp.',
  noWork: 'Huna dawati hapa. Ingia kwa akaunti unayofanyia kazi.',
  toPack: (shop, count) => `${shop}: maagizo ${count} ya kufunga.`,
  owed: (shop, amount) => `${shop} inadai ${amount}.`,
  stops: (count, waiting) => `Una safari ${count}. ${waiting} zinasubiri mwendeshaji.`,
  waiting: (pack, riders, review) => `Maagizo ${pack} ya kufunga, safari ${riders} bila mwendeshaji, malipo ${review} ya kuangalia.`,
  links: {
    order: 'Tazama agizo lako',
    cancel: 'Fungua agizo ulighairi',
    change: 'Fungua agizo ulibadilishe',
    return: 'Chagua za kurudisha',
    orders: 'Maagizo yako',
    signIn: 'Ingia',
    track: 'Fuatilia agizo',
    help: 'Msaada wa kulipa',
    fees: 'Ada na tarehe zote',
    returns: 'Jinsi ya kurudisha',
    sizes: 'Mwongozo wa ukubwa',
    person: 'Ongea na mtu',
    vendor: 'Dawati lako',
    vendorMoney: 'Pesa zako',
    driver: 'Safari zako',
    staff: 'Leo',
    staffMoney: 'Miamala',
  },
}

/** Every sentence of the assistant in a language. */
export const assistantPhrases = (lang: Lang): Phrases => (lang === 'sw' ? sw : en)
