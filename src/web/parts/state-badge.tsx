import type { DeliveryState } from '../../domain/delivery/delivery.states.ts'
import type { OrderState } from '../../domain/orders/order.states.ts'
import type { ChargeState, RefundState } from '../../domain/payments/transaction.states.ts'
import { type Lang, spokenLang } from '../i18n/words.ts'
import type { Tone } from './flash.tsx'

type Label = readonly [tone: Tone | 'done', en: string, sw: string]

const orders: Record<OrderState, Label> = {
  awaiting_payment: ['warn', 'Waiting for payment', 'Inasubiri malipo'],
  paid: ['info', 'Paid, being packed', 'Imelipwa, inafungwa'],
  packed: ['info', 'Packed', 'Imefungwa'],
  on_the_road: ['info', 'On the way', 'Iko njiani'],
  delivered: ['ok', 'Delivered', 'Imefika'],
  returned: ['done', 'Returned', 'Imerudishwa'],
  cancelled: ['done', 'Cancelled', 'Imefutwa'],
  expired: ['done', 'Not paid in time', 'Haikulipwa kwa wakati'],
}
const deliveries: Record<DeliveryState, Label> = {
  pending: ['warn', 'No rider yet', 'Bado hakuna rider'],
  assigned: ['info', 'Rider assigned', 'Rider amepangwa'],
  picked_up: ['info', 'With the rider', 'Rider ameichukua'],
  en_route: ['info', 'On the way', 'Iko njiani'],
  arriving: ['info', 'Almost there', 'Karibu ifike'],
  delivered: ['ok', 'Delivered', 'Imefika'],
  failed: ['bad', 'Could not deliver', 'Haikufika'],
  returning: ['warn', 'Coming back', 'Inarudi'],
  cancelled: ['done', 'Cancelled', 'Imefutwa'],
}
const charges: Record<ChargeState, Label> = {
  created: ['info', 'Starting', 'Inaanza'],
  pending: ['warn', 'Waiting', 'Inasubiri'],
  processing: ['warn', 'Being checked', 'Inakaguliwa'],
  succeeded: ['ok', 'Paid', 'Imelipwa'],
  failed: ['bad', 'Not paid', 'Haikulipwa'],
  cancelled: ['done', 'Cancelled', 'Imefutwa'],
  expired: ['done', 'Ran out of time', 'Muda umeisha'],
  review: ['bad', 'Needs a look', 'Inahitaji kuangaliwa'],
  duplicate: ['warn', 'Paid twice', 'Imelipwa mara mbili'],
}

const refunds: Record<RefundState, Label> = {
  created: ['info', 'Refund starting', 'Marejesho yanaanza'],
  pending: ['warn', 'Refund on its way', 'Marejesho yako njiani'],
  manual: ['warn', 'Refund by our staff', 'Marejesho kwa mfanyakazi wetu'],
  succeeded: ['ok', 'Refunded', 'Pesa zimerudishwa'],
  failed: ['bad', 'Refund failed', 'Marejesho hayakufaulu'],
}

export type BadgeOf = { order: OrderState } | { delivery: DeliveryState } | { charge: ChargeState } | { refund: RefundState }

/** A state in words a shopper knows, with a coloured edge that says the same to those who see it. */
export function StateBadge(state: BadgeOf) {
  const [tone, english, swahili] = labelOf(state)
  return <span class={`badge ${tone}`}>{spokenLang() === 'sw' ? swahili : english}</span>
}

/** The same words for a title or a message. */
export function stateWords(state: BadgeOf, lang: Lang = spokenLang()): string {
  const [, english, swahili] = labelOf(state)
  return lang === 'sw' ? swahili : english
}

function labelOf(state: BadgeOf): Label {
  if ('order' in state) return orders[state.order]
  if ('delivery' in state) return deliveries[state.delivery]
  if ('charge' in state) return charges[state.charge]
  return refunds[state.refund]
}
