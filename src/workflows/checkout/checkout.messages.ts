import { formatMoney } from '../../lib/money.ts'

/** The order and the charge a text message is about. */
export interface PaymentMessage {
  readonly orderNumber: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly receipt: string | null
  readonly orderUrl: string
}

// Plain letters and at most 160 of them: one text message, whatever the phone.
const plainMoney = (message: PaymentMessage): string => formatMoney(message.amountMinor, message.currency).replace('\u00a0', ' ')

/** Thanks for a payment. */
export const orderPaidText = (message: PaymentMessage): string =>
  `Rahim Online: we received ${plainMoney(message)}${message.receipt === null ? '' : ` (${message.receipt})`} for order ${message.orderNumber}. Follow it: ${message.orderUrl}`

/** Money that cannot be used for the order and goes back. */
export const owedBackText = (message: PaymentMessage): string =>
  `Rahim Online: we received ${plainMoney(message)} for order ${message.orderNumber} but cannot use it. We are sending it back to you. ${message.orderUrl}`
