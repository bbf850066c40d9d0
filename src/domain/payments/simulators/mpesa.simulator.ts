import type { Clock } from '../../../lib/clock.ts'
import { darajaTimestamp } from '../../../lib/time.ts'
import type { MpesaConfig } from '../../../platform/payment.config.ts'
import type { Log } from '../../../platform/log.ts'
import { createOutgoing, OutgoingError, type Outgoing } from '../../../platform/outgoing.ts'
import { failure, json, type PushBody, randomDigits, refusePassword, refusePush, type SimulatedAnswer } from './mpesa.answers.ts'
import { initialKnobs, isFaultDue, type Knobs, strike } from './mpesa.knobs.ts'
import {
  callbackBody,
  conventionOf,
  type HandsetAction,
  type Prompt,
  type PromptView,
  promptView,
  receiptNumber,
  resultDescription,
  sandboxPin,
} from './mpesa.prompt.ts'
import { createReversals, type Reversals } from './mpesa.reversals.ts'

/** Safaricom's side of M-Pesa, in memory: the API, and the phones. Outside production only. */
export interface MpesaSimulator {
  readonly knobs: Knobs
  token(authorization: string | undefined): Promise<SimulatedAnswer>
  push(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer>
  query(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer>
  reverse(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer>
  /** What goes back by reversal. */
  readonly reversals: Omit<Reversals, 'request'>
  /** Newest first; of one phone, or of all. */
  prompts(phone?: string): PromptView[]
  /** What the person does. Undefined when there is no such prompt; a prompt that has ended stays as it is. */
  act(id: string, action: HandsetAction, pin?: string): Promise<PromptView | undefined>
  /** The purse of an ended prompt is opened after all, and no callback tells of it. */
  settleLate(id: string): Promise<void>
  /** Somebody types the paybill, an account number and an amount; answers the receipt and the shop's status. */
  payByHand(confirmationUrl: string, account: string, amount: number): Promise<{ receipt: string; status: number | 'lost' }>
  /** Sends the last callback of a prompt again, `times` over, at most 50 at the same time. Answers the statuses. */
  resend(id: string, times: number): Promise<number[]>
  /** Changes the knobs that are named. */
  turn(knobs: Partial<Knobs>): Knobs
  /** Forgets prompts and tokens, and puts the knobs back. */
  reset(): void
}

const tokenLifeMs = 3_599_000
// Old prompts are forgotten, so that a demo that runs for weeks does not grow.
const keptPrompts = 1_000

/** Makes a simulator with its own phones. `mpesa` is what the shop was told: the simulator accepts those keys and no others. */
export function createMpesaSimulator(options: { mpesa: MpesaConfig; clock: Clock; log: Log }): MpesaSimulator {
  const { mpesa, clock, log } = options
  const outgoing: Outgoing = createOutgoing({ allowedHosts: [new URL(mpesa.callbackBaseUrl).host], allowsLoopback: true, log, clock })
  const knobs: Knobs = { ...initialKnobs }
  const tokens = new Map<string, number>()
  const prompts = new Map<string, Prompt>()
  const lastBodies = new Map<string, unknown>()
  const paidByHand = new Map<string, number>()
  const reversals = createReversals({
    mpesa,
    clock,
    knobs,
    paid: (receipt) => paidByHand.get(receipt) ?? [...prompts.values()].find((prompt) => prompt.receipt === receipt)?.amount,
    deliver,
    later,
  })

  async function token(authorization: string | undefined): Promise<SimulatedAnswer> {
    const fault = await strike(knobs, 'tokenFault')
    if (fault !== undefined) return fault
    const expected = `Basic ${Buffer.from(`${mpesa.consumerKey}:${mpesa.consumerSecret}`).toString('base64')}`
    if (authorization !== expected) return failure(400, '400.008.01', 'Invalid Authentication passed')
    const value = randomText(28)
    tokens.set(value, clock.now().getTime() + tokenLifeMs)
    return json(200, { access_token: value, expires_in: '3599' })
  }

  async function push(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer> {
    if (knobs.pushFault === 'token_expired' && isFaultDue(knobs)) tokens.clear()
    const refusal = refuseToken(authorization) ?? refusePassword(mpesa, body, clock.now()) ?? refusePush(body)
    if (refusal !== undefined) return refusal
    const early = knobs.pushFault.startsWith('lost') || knobs.pushFault === 'token_expired' ? undefined : await strike(knobs, 'pushFault')
    if (early !== undefined) return early
    const prompt = openPrompt(body as PushBody)
    const convention = knobs.auto ? (conventionOf(prompt.phone) ?? 'pin') : conventionOf(prompt.phone)
    if (convention === 'early') await act(prompt.id, 'pin', sandboxPin)
    else if (convention === undefined) later(knobs.promptMs, async () => await act(prompt.id, 'ignore'))
    else
      later(
        convention === 'ignore' ? Math.min(30_000, knobs.autoDelayMs * 15) : knobs.autoDelayMs,
        async () => await actByConvention(prompt.id, convention),
      )
    if (convention === 'hang') await Bun.sleep(knobs.hangMs)
    const lost = await strike(knobs, 'pushFault')
    return (
      lost ??
      json(200, {
        MerchantRequestID: prompt.merchantRequestId,
        CheckoutRequestID: prompt.checkoutRequestId,
        ResponseCode: '0',
        ResponseDescription: 'Success. Request accepted for processing',
        CustomerMessage: 'Success. Request accepted for processing',
      })
    )
  }

  async function query(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer> {
    const fault = await strike(knobs, 'queryFault')
    if (fault !== undefined) return fault
    const refusal = refuseToken(authorization) ?? refusePassword(mpesa, body, clock.now())
    if (refusal !== undefined) return refusal
    const id = (body as { CheckoutRequestID?: unknown }).CheckoutRequestID
    const prompt = [...prompts.values()].find((each) => each.checkoutRequestId === id)
    if (prompt === undefined) return failure(400, '400.002.02', 'Bad Request - Invalid CheckoutRequestID')
    const code = prompt.queryCode ?? prompt.resultCode
    if (code === undefined) return failure(500, '500.001.1001', 'The transaction is being processed')
    return json(200, {
      ResponseCode: '0',
      ResponseDescription: 'The service request has been accepted successsfully',
      MerchantRequestID: prompt.merchantRequestId,
      CheckoutRequestID: prompt.checkoutRequestId,
      ResultCode: String(code),
      ResultDesc: resultDescription(code),
    })
  }

  async function reverse(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer> {
    const isLost = knobs.reversalFault.startsWith('lost')
    const early = isLost ? undefined : await strike(knobs, 'reversalFault')
    const refusal = early ?? refuseToken(authorization)
    if (refusal !== undefined) return refusal
    const taken = reversals.request(body)
    return (isLost ? await strike(knobs, 'reversalFault') : undefined) ?? taken
  }

  async function act(id: string, action: HandsetAction, pin: string = sandboxPin): Promise<PromptView | undefined> {
    const prompt = prompts.get(id)
    if (prompt === undefined) return undefined
    // What has ended has ended; a second press on a slow page changes nothing.
    if (prompt.resultCode === undefined) await answerPrompt(prompt, action, pin)
    return promptView(prompt)
  }

  async function answerPrompt(prompt: Prompt, action: HandsetAction, pin: string): Promise<void> {
    switch (action) {
      case 'pin':
        return await end(prompt, pin === sandboxPin ? 0 : 2001)
      case 'masked':
        return await end(prompt, 0, { isMasked: true })
      case 'cancel':
        return await end(prompt, 1032)
      case 'poor':
        return await end(prompt, 1)
      case 'ignore':
        return await end(prompt, 1037)
      case 'wrong-amount':
        return await end(prompt, 0, { amount: prompt.amount + 1 })
      case 'lose':
        return conclude(prompt, 0)
      case 'contradict':
        prompt.queryCode = 1032
        return await end(prompt, 0)
      case 'duplicate':
        await end(prompt, 0)
        return await send(prompt, 0)
      case 'late':
        await end(prompt, 1037)
        prompt.isLateComing = true
        return later(knobs.lateMs, async () => {
          if (!prompt.isLateComing) return
          prompt.isLateComing = false
          await end(prompt, 0)
        })
      default:
        return action satisfies never
    }
  }

  async function actByConvention(id: string, convention: NonNullable<ReturnType<typeof conventionOf>>): Promise<void> {
    if (convention === 'wrong-pin') await act(id, 'pin', '0000')
    else await act(id, convention === 'hang' || convention === 'early' ? 'pin' : convention)
  }

  function conclude(prompt: Prompt, code: number): void {
    prompt.resultCode = code
    if (code === 0) prompt.receipt ??= receiptNumber(clock.now())
  }

  async function end(prompt: Prompt, code: number, wish: { amount?: number; isMasked?: boolean } = {}): Promise<void> {
    conclude(prompt, code)
    await send(prompt, code, wish)
  }

  async function send(prompt: Prompt, code: number, wish: { amount?: number; isMasked?: boolean } = {}): Promise<void> {
    const now = clock.now()
    const body = callbackBody(prompt, code, { ...wish, now })
    lastBodies.set(prompt.id, body)
    prompt.callbacks.push({ at: now, resultCode: code, status: await deliver(prompt.callbackUrl, body) })
  }

  /** One try, as the real one may do: a callback that is not taken is lost, and the query has to find out. */
  async function deliver(url: string, body: unknown): Promise<number | 'lost'> {
    try {
      return (await outgoing.call({ method: 'POST', url, body, totalTimeoutMs: 10_000, purpose: 'simulated mpesa callback' })).status
    } catch (error) {
      if (error instanceof OutgoingError) return error.status ?? 'lost'
      throw error
    }
  }

  function later(ms: number, work: () => Promise<unknown>): void {
    const timer = setTimeout(() => void work().catch((error: unknown) => log.error({ error }, 'the M-Pesa simulator stumbled')), ms)
    timer.unref()
  }

  function openPrompt(body: PushBody): Prompt {
    const now = clock.now()
    const stamp = darajaTimestamp(now)
    const phone = String(body.PhoneNumber)
    const prompt: Prompt = {
      id: crypto.randomUUID(),
      checkoutRequestId: `ws_CO_${stamp.slice(6, 8)}${stamp.slice(4, 6)}${stamp.slice(0, 4)}${stamp.slice(8)}${randomDigits(8)}${phone.slice(-9)}`,
      merchantRequestId: `${randomDigits(5)}-${randomDigits(8)}-1`,
      phone,
      amount: Number(body.Amount),
      accountReference: String(body.AccountReference),
      description: String(body.TransactionDesc),
      callbackUrl: String(body.CallBackURL),
      createdAt: now,
      resultCode: undefined,
      receipt: undefined,
      queryCode: undefined,
      isLateComing: false,
      callbacks: [],
    }
    prompts.set(prompt.id, prompt)
    for (const old of prompts.keys()) {
      if (prompts.size <= keptPrompts) break
      prompts.delete(old)
      lastBodies.delete(old)
    }
    return prompt
  }

  function refuseToken(authorization: string | undefined): SimulatedAnswer | undefined {
    const goodUntil = tokens.get(authorization?.replace(/^Bearer /, '') ?? '')
    return goodUntil === undefined || goodUntil < clock.now().getTime() ? failure(404, '404.001.03', 'Invalid Access Token') : undefined
  }

  return {
    knobs,
    token,
    push,
    query,
    reverse,
    reversals,
    act,
    prompts: (phone) =>
      [...prompts.values()]
        .reverse()
        .filter((prompt) => phone === undefined || prompt.phone === phone)
        .map(promptView),
    async settleLate(id) {
      const prompt = prompts.get(id)
      if (prompt !== undefined) conclude(prompt, 0)
    },
    async payByHand(confirmationUrl, account, amount) {
      const now = clock.now()
      const receipt = receiptNumber(now)
      paidByHand.set(receipt, amount)
      const body = {
        TransactionType: 'Pay Bill',
        TransID: receipt,
        TransTime: darajaTimestamp(now),
        TransAmount: amount.toFixed(2),
        BusinessShortCode: mpesa.shortCode,
        BillRefNumber: account,
        InvoiceNumber: '',
        OrgAccountBalance: '',
        ThirdPartyTransID: '',
        MSISDN: '2547 ***** 678',
        FirstName: 'Asha',
      }
      return { receipt, status: await deliver(confirmationUrl, body) }
    },
    async resend(id, times) {
      const prompt = prompts.get(id)
      const body = lastBodies.get(id)
      if (prompt === undefined || body === undefined) return []
      const statuses: number[] = []
      const lane = async (): Promise<void> => {
        while (statuses.length < times) {
          const place = statuses.push(0) - 1
          const status = await deliver(prompt.callbackUrl, body)
          statuses[place] = status === 'lost' ? 0 : status
        }
      }
      await Promise.all(Array.from({ length: Math.min(50, times) }, lane))
      return statuses
    },
    turn: (wish) => Object.assign(knobs, wish),
    reset() {
      Object.assign(knobs, initialKnobs)
      prompts.clear()
      lastBodies.clear()
      tokens.clear()
      reversals.reset()
    },
  }
}

const randomText = (length: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
    .toString('base64url')
    .slice(0, length)

const simulators = new WeakMap<object, MpesaSimulator>()

/** The one simulator of a running shop, shared by its API routes and the handset page. */
export function simulatorOf(context: { config: { mpesa: MpesaConfig | undefined }; clock: Clock; log: Log }): MpesaSimulator | undefined {
  const { mpesa } = context.config
  if (mpesa === undefined) return undefined
  const known = simulators.get(context) ?? createMpesaSimulator({ mpesa, clock: context.clock, log: context.log })
  simulators.set(context, known)
  return known
}
