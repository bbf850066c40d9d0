import type { Context } from '../../context.ts'
import { allCountyDeliveries } from '../../domain/delivery/zone.queries.ts'
import { deliveriesForDriver } from '../../domain/delivery/delivery.queries.ts'
import { listOrders, orderByNumber, orderByToken, type OrderWithLines } from '../../domain/orders/order.queries.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import { countWaiting } from '../../domain/orders/staff-desk.queries.ts'
import { vendorBalance } from '../../domain/payouts/vendor-account.queries.ts'
import { vendorOrders } from '../../domain/vendors/vendor-order.queries.ts'
import { type Actor, isStaff, mayForVendor } from '../../lib/actor.ts'
import type { Lang } from '../../lib/language.ts'
import { formatMoney } from '../../lib/money.ts'
import { formatDay } from '../../lib/time.ts'
import { assistantPhrases } from './assistant.phrases.ts'
import { type IntentModel, maskText } from './intent.model.ts'
import { type Intent, readIntent } from './read-intent.ts'

/** What somebody asks, in the words they chose. */
export interface Question {
  readonly message: string
  readonly lang?: Lang | undefined
  readonly orderToken?: string | undefined
}

/** What is answered, with the pages it came from. */
export interface Answer {
  readonly intent: Intent
  readonly lang: Lang
  readonly text: string
  readonly links: { readonly kind: 'page' | 'form' | 'person'; readonly label: string; readonly href: string }[]
}

type Links = Answer['links']
type Reader = Pick<Context, 'db' | 'config' | 'clock'> & { readonly model?: IntentModel | undefined }

/**
 * Answers one question from the shop's own data, with the rights of who asks, and changes nothing. Numbers, names and addresses of
 * people are in no answer. Somebody else's order is answered like one that does not exist.
 */
export async function answerMessage(context: Reader, actor: Actor, question: Question): Promise<Answer> {
  const read = readIntent(question.message)
  const number = /\bRAH-?[0-9A-Z]{6,12}\b/i.exec(question.message)?.[0]
  const guessed =
    read.intent === 'unknown' && number === undefined ? await context.model?.nameIntent(maskText(question.message)) : undefined
  const intent = guessed ?? (number !== undefined && ['unknown', 'greeting', 'fees', 'store'].includes(read.intent) ? 'order' : read.intent)
  const lang = question.lang ?? read.lang ?? 'en'
  const said = assistantPhrases(lang)
  const page = (path: string, label: string, kind: 'page' | 'form' = 'page'): Links[number] => ({
    kind,
    label,
    href: lang === 'sw' ? `/sw${path}` : path,
  })
  const person: Links[number] = { kind: 'person', label: said.links.person, href: `https://wa.me/${context.config.supportPhone}` }
  const answer = (text: string, ...links: Links): Answer => ({
    intent,
    lang,
    text,
    links: intent === 'person' ? links : [...links, person],
  })

  switch (intent) {
    case 'order':
    case 'cancel':
    case 'change':
    case 'returns':
    case 'refund': {
      const general = {
        order: said.orderWhich,
        cancel: said.cancel,
        change: said.change,
        returns: said.returns,
        refund: said.refund,
      }[intent]
      const own = actor.kind === 'person' ? page('/account', said.links.orders) : page('/account/sign-in', said.links.signIn)
      const from = intent === 'returns' ? [page('/help/returns', said.links.returns)] : []
      const order = await orderAsked(context, actor, number, question.orderToken)
      if (order === undefined) return answer(number === undefined ? general : said.orderHidden, ...from, own)
      const query = question.orderToken === undefined ? '' : `?token=${encodeURIComponent(question.orderToken)}`
      const at = `/orders/${order.number}`
      const state = said.order(order.number, said.states[order.state as OrderState])
      const isComing = ['paid', 'packed', 'on_the_road'].includes(order.state)
      const text = [state, isComing ? said.promised(dayRange(order)) : '', intent === 'order' ? '' : general].filter(Boolean).join(' ')
      if (intent === 'returns') return answer(text, page(`${at}/return${query}`, said.links.return, 'form'), ...from)
      const label = intent === 'cancel' ? said.links.cancel : intent === 'change' ? said.links.change : said.links.order
      return answer(text, page(`${at}${query}`, label, intent === 'cancel' || intent === 'change' ? 'form' : 'page'))
    }
    case 'payment':
      return answer(said.payment(Math.round(context.config.limits.stockHoldMs / 60_000)), page('/help', said.links.help))
    case 'fees':
      return answer(await feeText(context, question.message, lang), page('/help/delivery', said.links.fees))
    case 'size':
      return answer(said.size, page('/help/sizes', said.links.sizes))
    case 'store':
      return answer(said.store(context.config.supportEmail), page('/help', said.links.help))
    case 'work': {
      const work = await workOf(context, actor, lang)
      return answer(
        work.texts.join(' ') || said.noWork,
        ...(work.links.length > 0 ? work.links : [page('/account/sign-in', said.links.signIn)]),
      )
    }
    case 'person':
      return answer(said.person, person)
    case 'greeting':
      return answer(said.hello)
    case 'unknown': {
      // A county alone is the answer to "write your county".
      const fee = await countyText(context, question.message, lang)
      return fee === undefined ? answer(said.unknown, page('/help', said.links.help)) : answer(fee, page('/help/delivery', said.links.fees))
    }
  }
}

/** The order meant: by number or link, as the API would show it; for a shopper who names none, their newest. */
async function orderAsked(
  { db }: Reader,
  actor: Actor,
  number: string | undefined,
  token: string | undefined,
): Promise<OrderWithLines | undefined> {
  const accountId = actor.kind === 'person' ? actor.accountId : undefined
  if (number !== undefined) return await orderByNumber(db, number, { accountId, token, isStaff: isStaff(actor) })
  if (token !== undefined) return await orderByToken(db, token)
  if (accountId === undefined) return undefined
  return (await listOrders(db, { accountId, state: undefined, cursor: undefined, limit: 1 })).items[0]
}

const dayRange = ({ promisedFrom, promisedTo }: OrderWithLines): string =>
  [...new Set([formatDay(promisedFrom), formatDay(promisedTo)])].join(' – ')

async function feeText(context: Reader, message: string, lang: Lang): Promise<string> {
  const one = await countyText(context, message, lang)
  if (one !== undefined) return one
  const fees = (await allCountyDeliveries(context.db)).map(({ feeMinor }) => feeMinor).sort((a, b) => Number(a - b))
  return assistantPhrases(lang).fees(formatMoney(fees[0] ?? 0n), formatMoney(fees.at(-1) ?? 0n))
}

/** The fee and days of the county a text names; undefined when it names none. */
async function countyText({ db }: Reader, message: string, lang: Lang): Promise<string | undefined> {
  const text = ` ${message
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()} `
  const bare = (county: string): string => county.toLowerCase().replace(/[^\p{L}]+/gu, ' ')
  const county = (await allCountyDeliveries(db)).find((each) => text.includes(` ${bare(each.county)} `))
  if (county === undefined) return undefined
  const said = assistantPhrases(lang)
  const fee = said.fee(county.county, formatMoney(county.feeMinor), said.days(county.daysMin, county.daysMax))
  return county.freeFromMinor === null ? fee : `${fee} ${said.free(formatMoney(county.freeFromMinor))}`
}

/** What waits for somebody at each desk they have, by the scopes they hold there. */
async function workOf({ db, clock }: Reader, actor: Actor, lang: Lang): Promise<{ texts: string[]; links: Links }> {
  const said = assistantPhrases(lang)
  const texts: string[] = []
  const links: Links = []
  if (actor.kind !== 'person') return { texts, links }
  const link = (href: string, label: string): void => void links.push({ kind: 'page', label, href: lang === 'sw' ? `/sw${href}` : href })
  for (const { vendorId, name } of actor.vendors) {
    if (mayForVendor(actor, vendorId, 'orders')) {
      const { items } = await vendorOrders(db, vendorId, { show: 'to_pack', cursor: undefined, limit: 100 })
      texts.push(said.toPack(name, items.length))
      link(`/vendor/orders?vendorId=${vendorId}`, said.links.vendor)
    }
    if (mayForVendor(actor, vendorId, 'finance')) {
      texts.push(said.owed(name, formatMoney((await vendorBalance(db, vendorId)).owedMinor)))
      link(`/vendor/statement?vendorId=${vendorId}`, said.links.vendorMoney)
    }
  }
  if (actor.roles.includes('driver')) {
    const { own, waiting } = await deliveriesForDriver(db, actor.accountId)
    texts.push(said.stops(own.length, waiting.length))
    link('/driver', said.links.driver)
  }
  if (isStaff(actor)) {
    const counts = await countWaiting(db, clock.now())
    texts.push(said.waiting(counts.to_pack, counts.no_rider, counts.review))
    link('/admin', said.links.staff)
    link('/admin/transactions', said.links.staffMoney)
  }
  return { texts, links }
}
