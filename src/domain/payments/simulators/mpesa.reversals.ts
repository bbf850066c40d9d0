import type { Clock } from '../../../lib/clock.ts'
import type { MpesaConfig } from '../../../platform/payment.config.ts'
import { failure, json, randomDigits, type SimulatedAnswer } from './mpesa.answers.ts'
import type { Knobs } from './mpesa.knobs.ts'
import { receiptNumber } from './mpesa.prompt.ts'

/** A reversal Safaricom took up, and what became of it. */
export interface SimulatedReversal {
  readonly conversationId: string
  readonly originalReceipt: string
  /** Whole shillings. */
  readonly amount: number
  /** Undefined while it is worked on. */
  resultCode: number | undefined
  receipt: string | undefined
  /** What its result was answered with, each time it was sent. */
  readonly statuses: (number | 'lost')[]
}

/** Money going back from the simulated paybill. */
export interface Reversals {
  /** Takes a request up: the effect comes later, as with the real one, unless it breaks a rule. */
  request(body: unknown): SimulatedAnswer
  /** Ends what is being worked on and sends the results, as the knobs say. */
  finish(): Promise<void>
  /** Sends the results again. */
  resend(times: number): Promise<number[]>
  of(originalReceipt: string): readonly SimulatedReversal[]
  reset(): void
}

/** What the simulator's reversals need. `paid` tells what a receipt brought in, in whole shillings. */
export interface ReversalOptions {
  readonly mpesa: MpesaConfig
  readonly clock: Clock
  readonly knobs: Knobs
  paid(receipt: string): number | undefined
  deliver(url: string, body: unknown): Promise<number | 'lost'>
  later(ms: number, work: () => Promise<unknown>): void
}

/** Makes them. */
export function createReversals({ mpesa, clock, knobs, paid, deliver, later }: ReversalOptions): Reversals {
  const reversals = new Map<
    string,
    SimulatedReversal & { readonly url: string; readonly timeoutUrl: string; readonly originator: string }
  >()
  const of = (receipt: string): SimulatedReversal[] => [...reversals.values()].filter(({ originalReceipt }) => originalReceipt === receipt)

  function request(body: unknown): SimulatedAnswer {
    const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
    const bad = (what: string): SimulatedAnswer => failure(400, '400.002.02', `Bad Request - Invalid ${what}`)
    if (mpesa.initiator === undefined || given['Initiator'] !== mpesa.initiator.name) return bad('Initiator')
    if (given['SecurityCredential'] !== mpesa.initiator.securityCredential) return bad('SecurityCredential')
    if (given['CommandID'] !== 'TransactionReversal') return bad('CommandID')
    if (String(given['ReceiverParty']) !== mpesa.shortCode || String(given['RecieverIdentifierType']) !== '11') return bad('ReceiverParty')
    const [url, timeoutUrl] = [given['ResultURL'], given['QueueTimeOutURL']]
    if (typeof url !== 'string' || !URL.canParse(url)) return bad('ResultURL')
    if (typeof timeoutUrl !== 'string' || !URL.canParse(timeoutUrl)) return bad('QueueTimeOutURL')
    const amount = Number(given['Amount'])
    if (!Number.isSafeInteger(amount) || amount < 1) return bad('Amount')
    if (typeof given['TransactionID'] !== 'string') return bad('TransactionID')
    const stamp = clock.now().toISOString().slice(0, 10).replaceAll('-', '')
    const reversal = {
      conversationId: `AG_${stamp}_${randomDigits(20)}`,
      originator: `${randomDigits(5)}-${randomDigits(8)}-1`,
      originalReceipt: given['TransactionID'],
      amount,
      url,
      timeoutUrl,
      resultCode: undefined,
      receipt: undefined,
      statuses: [],
    }
    reversals.set(reversal.conversationId, reversal)
    if (knobs.reversalResult !== 'held') later(knobs.autoDelayMs, async () => await end(reversal.conversationId))
    return json(200, {
      OriginatorConversationID: reversal.originator,
      ConversationID: reversal.conversationId,
      ResponseCode: '0',
      ResponseDescription: 'Accept the service request successfully.',
    })
  }

  /** Whether the receipt is one, and holds so much still. */
  function judge({ originalReceipt, amount }: SimulatedReversal): number {
    const gone = of(originalReceipt).reduce((sum, each) => (each.resultCode === 0 ? sum + each.amount : sum), 0)
    const brought = paid(originalReceipt)
    return brought === undefined || gone + amount > brought ? 2006 : 0
  }

  async function end(conversationId: string): Promise<void> {
    const reversal = reversals.get(conversationId)
    if (reversal === undefined || reversal.resultCode !== undefined) return
    reversal.resultCode = knobs.reversalResult === 'fails' ? 2001 : knobs.reversalResult === 'doubtful' ? 21 : judge(reversal)
    if (reversal.resultCode === 0) reversal.receipt = receiptNumber(clock.now())
    if (knobs.reversalResult === 'lost') return
    await send(reversal)
    if (knobs.reversalResult === 'duplicate') await send(reversal)
  }

  async function send(reversal: SimulatedReversal & { readonly url: string; readonly originator: string }): Promise<void> {
    const isDone = reversal.resultCode === 0
    const body = {
      Result: {
        ResultType: 0,
        ResultCode: reversal.resultCode,
        ResultDesc: isDone ? 'The service request is processed successfully.' : 'The initiator information is invalid.',
        OriginatorConversationID: reversal.originator,
        ConversationID: reversal.conversationId,
        TransactionID: reversal.receipt ?? 'UB00000000',
        ...(isDone
          ? {
              ResultParameters: {
                ResultParameter: [
                  { Key: 'DebitAccountBalance', Value: 'Utility Account|KES|51661.00|51661.00|0.00|0.00' },
                  { Key: 'Amount', Value: reversal.amount },
                  { Key: 'OriginalTransactionID', Value: reversal.originalReceipt },
                  { Key: 'Charge', Value: 0 },
                  { Key: 'CreditPartyPublicName', Value: '2547*****678 - Asha W' },
                ],
              },
            }
          : {}),
      },
    }
    reversal.statuses.push(await deliver(reversal.url, body))
  }

  return {
    request,
    of,
    async finish() {
      for (const id of reversals.keys()) await end(id)
    },
    async resend(times) {
      const statuses: number[] = []
      for (const reversal of reversals.values()) {
        if (reversal.resultCode === undefined) continue
        for (let turn = 0; turn < times; turn++) {
          await send(reversal)
          const last = reversal.statuses.at(-1)
          statuses.push(typeof last === 'number' ? last : 0)
        }
      }
      return statuses
    },
    reset: () => reversals.clear(),
  }
}
