import { darajaTimestamp } from '../../../lib/time.ts'

/** What the person holding the simulated phone does about a prompt. */
export type HandsetAction = 'pin' | 'cancel' | 'ignore' | 'late' | 'duplicate' | 'lose' | 'wrong-amount' | 'contradict' | 'poor' | 'masked'

/** Every action, in the order the handset page offers them. */
export const handsetActions: readonly HandsetAction[] = [
  'pin',
  'cancel',
  'ignore',
  'late',
  'duplicate',
  'lose',
  'wrong-amount',
  'contradict',
  'poor',
  'masked',
]

/** The PIN that opens the simulated purse; any other is wrong. */
export const sandboxPin = '1234'

/** One prompt on a simulated phone. */
export interface Prompt {
  readonly id: string
  readonly checkoutRequestId: string
  readonly merchantRequestId: string
  readonly phone: string
  /** Whole shillings. */
  readonly amount: number
  readonly accountReference: string
  readonly description: string
  readonly callbackUrl: string
  readonly createdAt: Date
  /** Undefined while the phone waits. */
  resultCode: number | undefined
  receipt: string | undefined
  /** What the query says when it is not what happened. */
  queryCode: number | undefined
  /** A success is still to come although the prompt has ended. */
  isLateComing: boolean
  readonly callbacks: { readonly at: Date; readonly resultCode: number; readonly status: number | 'lost' }[]
}

const descriptions: Readonly<Record<number, string>> = {
  0: 'The service request is processed successfully.',
  1: 'The balance is insufficient for the transaction.',
  1032: 'Request cancelled by user',
  1037: 'DS timeout user cannot be reached',
  2001: 'The initiator information is invalid.',
}

/** The words beside a result code, as Daraja writes them. */
export const resultDescription = (code: number): string => descriptions[code] ?? 'Request failed.'

/** How a callback's body looks on the wire (design: payments.md 4.3). */
export function callbackBody(prompt: Prompt, resultCode: number, wish: { amount?: number; isMasked?: boolean; now: Date }): unknown {
  const head = {
    MerchantRequestID: prompt.merchantRequestId,
    CheckoutRequestID: prompt.checkoutRequestId,
    ResultCode: resultCode,
    ResultDesc: resultDescription(resultCode),
  }
  if (resultCode !== 0) return { Body: { stkCallback: head } }
  const Item = [
    { Name: 'Amount', Value: wish.amount ?? prompt.amount },
    { Name: 'MpesaReceiptNumber', Value: prompt.receipt },
    { Name: 'Balance' },
    { Name: 'TransactionDate', Value: Number(darajaTimestamp(wish.now)) },
    {
      Name: 'PhoneNumber',
      Value: wish.isMasked === true ? `${prompt.phone.slice(0, 4)}*****${prompt.phone.slice(-3)}` : Number(prompt.phone),
    },
  ]
  return { Body: { stkCallback: { ...head, CallbackMetadata: { Item } } } }
}

/** What a number's last digits do by themselves (design: payments.md 4.8). Undefined: the prompt waits for the handset page. */
export function conventionOf(phone: string): HandsetAction | 'wrong-pin' | 'hang' | 'early' | undefined {
  // The test payer Safaricom publishes for its own sandbox.
  if (phone === '254708374149') return 'pin'
  const endings = {
    '0001': 'cancel',
    '0002': 'poor',
    '0003': 'ignore',
    '0004': 'wrong-pin',
    '0005': 'duplicate',
    '0006': 'lose',
    '0007': 'late',
    '0008': 'contradict',
    '0009': 'masked',
    '0010': 'hang',
    '0011': 'wrong-amount',
    '0012': 'early',
  } as const
  return endings[phone.slice(-4) as keyof typeof endings]
}

/** A prompt as the control API and the handset page show it. */
export interface PromptView {
  readonly id: string
  readonly checkoutRequestId: string
  readonly phone: string
  readonly amount: number
  readonly accountReference: string
  readonly description: string
  readonly callbackUrl: string
  readonly createdAt: string
  readonly state: 'waiting' | 'paid' | 'ended'
  readonly resultCode: number | null
  readonly resultDesc: string | null
  readonly receipt: string | null
  readonly callbacks: readonly { readonly at: string; readonly resultCode: number; readonly status: number | 'lost' }[]
}

/** Shows a prompt. */
export const promptView = (prompt: Prompt): PromptView => ({
  id: prompt.id,
  checkoutRequestId: prompt.checkoutRequestId,
  phone: prompt.phone,
  amount: prompt.amount,
  accountReference: prompt.accountReference,
  description: prompt.description,
  callbackUrl: prompt.callbackUrl,
  createdAt: prompt.createdAt.toISOString(),
  state: prompt.resultCode === undefined ? 'waiting' : prompt.resultCode === 0 ? 'paid' : 'ended',
  resultCode: prompt.resultCode ?? null,
  resultDesc: prompt.resultCode === undefined ? null : resultDescription(prompt.resultCode),
  receipt: prompt.receipt ?? null,
  callbacks: prompt.callbacks.map(({ at, resultCode, status }) => ({ at: at.toISOString(), resultCode, status })),
})

/** Ten letters and digits that begin with the year and month as letters, like the real ones. */
export function receiptNumber(now: Date): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const signs = `${letters}0123456789`
  const tail = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => signs[byte % signs.length]).join('')
  return `${letters[(now.getUTCFullYear() - 2006) % 26]}${letters[now.getUTCMonth()]}${tail}`
}
