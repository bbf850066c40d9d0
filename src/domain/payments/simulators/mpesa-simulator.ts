import type { Clock } from '../../../lib/clock.ts'
import { darajaTimestamp } from '../../../lib/time.ts'
import type { MpesaConfig } from '../../../platform/config.ts'
import type { Log } from '../../../platform/log.ts'
import { createOutgoing, OutgoingError, type Outgoing } from '../../../platform/outgoing.ts'
import { callbackBody, conventionOf, type HandsetAction, type Prompt, type PromptView, promptView, resultDescription, sandboxPin } from './mpesa-prompt.ts'

/** What may go wrong with a call on purpose. `lost` kinds answer only after the call has had its effect. */
export type Fault = 'none' | 'error500' | 'lost_html' | 'lost_truncated' | 'lost_hang' | 'rate_limit' | 'locked' | 'token_expired'

/** What tests and demos may turn. */
export interface Knobs {
  /** Prompts are paid by themselves, as if somebody pressed the right PIN at once. */
  auto: boolean
  /** How long an automatic answer takes. */
  autoDelayMs: number
  /** How long a prompt waits for a person before it ends unanswered. */
  promptMs: number
  /** How long after its end a late success comes. */
  lateMs: number
  /** How long a hanging call hangs. */
  hangMs: number
  /** Added to every answer. */
  answerDelayMs: number
  tokenFault: Fault
  pushFault: Fault
  queryFault: Fault
  /** How many calls the faults still hit; beyond that all is well again. */
  faultsLeft: number
}

/** An answer of the simulated API. */
export interface SimulatedAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Safaricom's side of M-Pesa, in memory: the API, and the phones. Outside production only. */
export interface MpesaSimulator {
  readonly knobs: Knobs
  token(authorization: string | undefined): Promise<SimulatedAnswer>
  push(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer>
  query(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer>
  /** Newest first; of one phone, or of all. */
  prompts(phone?: string): PromptView[]
  /** What the person does. Undefined when there is no such prompt; a prompt that has ended stays as it is. */
  act(id: string, action: HandsetAction, pin?: string): Promise<PromptView | undefined>
  /** The purse of an ended prompt is opened after all, and no callback tells of it. */
  settleLate(id: string): Promise<void>
  /** Sends the last callback of a prompt again, `times` over, at most 50 at the same time. Answers the statuses. */
  resend(id: string, times: number): Promise<number[]>
  /** Changes the knobs that are named. */
  turn(knobs: Partial<Knobs>): Knobs
  /** Forgets prompts and tokens, and puts the knobs back. */
  reset(): void
}

const initialKnobs: Knobs = {
  auto: false,
  autoDelayMs: 2_000,
  promptMs: 60_000,
  lateMs: 20_000,
  hangMs: 20_000,
  answerDelayMs: 0,
  tokenFault: 'none',
  pushFault: 'none',
  queryFault: 'none',
  faultsLeft: 1_000_000,
}

const tokenLifeMs = 3_599_000
// Old prompts are forgotten, so that a demo that runs for weeks does not grow.
const keptPrompts = 1_000

/** Makes a simulator with its own phones. `mpesa` is what the shop was told: the simulator accepts those keys and no others. */
export function createMpesaSimulator(options: { mpesa: MpesaConfig; clock: Clock; log: Log }): MpesaSimulator {
  const { mpesa, clock, log } = options
  const outgoing: Outgoing = createOutgoing({ allowedHosts: [new URL(mpesa.callbackBaseUrl).host], log, clock })
  const knobs: Knobs = { ...initialKnobs }
  const tokens = new Map<string, number>()
  const prompts = new Map<string, Prompt>()
  const lastBodies = new Map<string, unknown>()

  async function token(authorization: string | undefined): Promise<SimulatedAnswer> {
    const fault = await strike('tokenFault')
    if (fault !== undefined) return fault
    const expected = `Basic ${Buffer.from(`${mpesa.consumerKey}:${mpesa.consumerSecret}`).toString('base64')}`
    if (authorization !== expected) return failure(400, '400.008.01', 'Invalid Authentication passed')
    const value = randomText(28)
    tokens.set(value, clock.now().getTime() + tokenLifeMs)
    return json(200, { access_token: value, expires_in: '3599' })
  }

  async function push(authorization: string | undefined, body: unknown): Promise<SimulatedAnswer> {
    if (knobs.pushFault === 'token_expired' && isFaultDue()) tokens.clear()
    const refusal = refuseToken(authorization) ?? refusePassword(body) ?? refusePush(body)
    if (refusal !== undefined) return refusal
    const early = knobs.pushFault.startsWith('lost') || knobs.pushFault === 'token_expired' ? undefined : await strike('pushFault')
    if (early !== undefined) return early
    const prompt = openPrompt(body as PushBody)
    const convention = knobs.auto ? (conventionOf(prompt.phone) ?? 'pin') : conventionOf(prompt.phone)
    if (convention === 'early') await act(prompt.id, 'pin', sandboxPin)
    else if (convention === undefined) later(knobs.promptMs, async () => await act(prompt.id, 'ignore'))
    else later(convention === 'ignore' ? Math.min(30_000, knobs.autoDelayMs * 15) : knobs.autoDelayMs, async () => await actByConvention(prompt.id, convention))
    if (convention === 'hang') await Bun.sleep(knobs.hangMs)
    const lost = await strike('pushFault')
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
    const fault = await strike('queryFault')
    if (fault !== undefined) return fault
    const refusal = refuseToken(authorization) ?? refusePassword(body)
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

  function refusePassword(body: unknown): SimulatedAnswer | undefined {
    const given = (typeof body === 'object' && body !== null ? body : {}) as { BusinessShortCode?: unknown; Password?: unknown; Timestamp?: unknown }
    const timestamp = String(given.Timestamp)
    const expected = Buffer.from(`${mpesa.shortCode}${mpesa.passkey}${timestamp}`).toString('base64')
    // A timestamp in another zone than Nairobi's is what a wrong password usually is.
    const isNow = /^\d{14}$/.test(timestamp) && Math.abs(momentOf(timestamp) - clock.now().getTime()) < 3_600_000
    return String(given.BusinessShortCode) === mpesa.shortCode && given.Password === expected && isNow ? undefined : failure(500, '500.001.1001', '[MerchantValidate] - Wrong credentials')
  }

  /** The fault a call meets, if one is turned on for it. Every call waits the answer delay. */
  async function strike(which: 'tokenFault' | 'pushFault' | 'queryFault'): Promise<SimulatedAnswer | undefined> {
    if (knobs.answerDelayMs > 0) await Bun.sleep(knobs.answerDelayMs)
    const fault = knobs[which]
    if (fault === 'none' || fault === 'token_expired' || !isFaultDue()) return undefined
    switch (fault) {
      case 'error500':
        return failure(500, '500.003.1001', 'Internal Server Error')
      case 'locked':
        return failure(500, '500.001.1001', 'Unable to lock subscriber, a transaction is already in process for the current subscriber')
      case 'rate_limit':
        return json(429, { fault: { faultstring: 'Spike arrest violation. Allowed rate : 5pm', detail: { errorcode: 'policies.ratelimit.SpikeArrestViolation' } } })
      case 'lost_html':
        return { status: 503, contentType: 'text/html', body: '<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>' }
      case 'lost_truncated':
        return { status: 200, contentType: 'application/json', body: '{"MerchantRequestID":"29115-3462' }
      case 'lost_hang':
        await Bun.sleep(knobs.hangMs)
        return json(504, { fault: { faultstring: 'Gateway Timeout', detail: { errorcode: 'messaging.adaptors.http.flow.GatewayTimeout' } } })
      default:
        return fault satisfies never
    }
  }

  function isFaultDue(): boolean {
    if (knobs.faultsLeft <= 0) return false
    knobs.faultsLeft -= 1
    return true
  }

  return {
    knobs,
    token,
    push,
    query,
    act,
    prompts: (phone) => [...prompts.values()].reverse().filter((prompt) => phone === undefined || prompt.phone === phone).map(promptView),
    async settleLate(id) {
      const prompt = prompts.get(id)
      if (prompt !== undefined) conclude(prompt, 0)
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
    },
  }
}

interface PushBody {
  readonly PhoneNumber: unknown
  readonly Amount: unknown
  readonly AccountReference: unknown
  readonly TransactionDesc: unknown
  readonly CallBackURL: unknown
}

/** The checks of the real API that a careless caller meets first. */
function refusePush(body: unknown): SimulatedAnswer | undefined {
  const push = body as PushBody & { TransactionType?: unknown; PartyA?: unknown }
  const bad = (what: string): SimulatedAnswer => failure(400, '400.002.02', `Bad Request - Invalid ${what}`)
  if (push.TransactionType !== 'CustomerPayBillOnline' && push.TransactionType !== 'CustomerBuyGoodsOnline') return bad('TransactionType')
  if (!Number.isSafeInteger(Number(push.Amount)) || Number(push.Amount) < 1 || Number(push.Amount) > 250_000) return bad('Amount')
  if (!/^254[17]\d{8}$/.test(String(push.PhoneNumber)) || String(push.PartyA) !== String(push.PhoneNumber)) return bad('PhoneNumber')
  if (typeof push.CallBackURL !== 'string' || !URL.canParse(push.CallBackURL)) return bad('CallBackURL')
  if (!/^[A-Za-z0-9]{1,12}$/.test(String(push.AccountReference))) return bad('AccountReference')
  if (String(push.TransactionDesc).length < 1 || String(push.TransactionDesc).length > 13) return bad('TransactionDesc')
  return undefined
}

const json = (status: number, body: unknown): SimulatedAnswer => ({ status, contentType: 'application/json', body: JSON.stringify(body) })
const failure = (status: number, errorCode: string, errorMessage: string): SimulatedAnswer => json(status, { requestId: `${randomDigits(5)}-${randomDigits(8)}-2`, errorCode, errorMessage })
const randomDigits = (length: number): string => Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => byte % 10).join('')
const randomText = (length: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString('base64url').slice(0, length)

/** Ten letters and digits that begin with the year and month as letters, like the real ones. */
function receiptNumber(now: Date): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const signs = `${letters}0123456789`
  const tail = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => signs[byte % signs.length]).join('')
  return `${letters[(now.getUTCFullYear() - 2006) % 26]}${letters[now.getUTCMonth()]}${tail}`
}

/** The instant of a Nairobi timestamp. */
const momentOf = (timestamp: string): number => Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6+03:00'))

const simulators = new WeakMap<object, MpesaSimulator>()

/** The one simulator of a running shop, shared by its API routes and the handset page. */
export function simulatorOf(context: { config: { mpesa: MpesaConfig | undefined }; clock: Clock; log: Log }): MpesaSimulator | undefined {
  const { mpesa } = context.config
  if (mpesa === undefined) return undefined
  const known = simulators.get(context) ?? createMpesaSimulator({ mpesa, clock: context.clock, log: context.log })
  simulators.set(context, known)
  return known
}
