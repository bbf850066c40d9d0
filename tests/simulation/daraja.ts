import type { OutgoingCall, OutgoingAnswer, Outgoing } from '../../src/platform/outgoing.ts'
import { OutgoingError } from '../../src/platform/outgoing.ts'
import { hours, minutes, seconds } from '../../src/lib/time.ts'
import type { Dice } from './dice.ts'
import { type Home, type Scheduler, world } from './scheduler.ts'
import { made } from './sim-database.ts'
import type { Fault, Swarm } from './swarm.ts'

/** One prompt on one phone, and what became of the money: the truth. */
export interface Prompt {
  readonly checkoutRequestId: string
  readonly merchantRequestId: string
  readonly phone: string
  readonly amountKes: number
  /** The secret end of the callback address: names one charge of the shop. */
  readonly token: string
  readonly bornMs: number
  code: number | undefined
  paidKes: number
  receipt: string | undefined
  /** What the shop's clerk sent back by hand. */
  givenBackKes: number
  /**
   * Another amount than the prompt's was paid. The status query names no amount and a real prompt takes no other, so it says
   * nothing before the shop has taken in the callback, which does.
   */
  isOtherAmount: boolean
}

/** How a callback reaches the shop. Answers whether it was taken. */
export type Deliver = (token: string, body: Uint8Array) => Promise<boolean>

/** Safaricom's side, in memory: it holds the truth about money and behaves badly by dice. */
export class Daraja {
  readonly prompts: Prompt[] = []
  isStormy = true
  deliver: Deliver = () => Promise.resolve(false)
  /** Whether the shop has written down the id a prompt can be asked about by. */
  isKnown: (checkoutRequestId: string) => Promise<boolean> = () => Promise.resolve(false)
  /** Whether the shop has worked off a callback of a prompt. */
  isApplied: (checkoutRequestId: string) => Promise<boolean> = () => Promise.resolve(false)
  private readonly scheduler: Scheduler
  private readonly swarm: Swarm
  private readonly dice: Dice
  private serial = 0

  constructor(scheduler: Scheduler, swarm: Swarm) {
    this.scheduler = scheduler
    this.swarm = swarm
    this.dice = scheduler.dice.fork('daraja')
  }

  /** The way out of an app to Safaricom. */
  outgoingFor(home: Home): Outgoing {
    return { call: async (call) => await this.answer(home, call) }
  }

  private async answer(home: Home, call: OutgoingCall): Promise<OutgoingAnswer> {
    const path = new URL(call.url).pathname
    const timeoutMs = call.totalTimeoutMs ?? seconds(10)
    if (path.endsWith('/oauth/v1/generate')) {
      await this.scheduler.point(home, 'daraja token', () => {
        if (this.strikes('token-down', 0.3)) throw made(new OutgoingError('network', 'daraja'))
      })
      return { status: 200, json: { access_token: 'simulated', expires_in: '3599' } }
    }
    if (path.endsWith('/processrequest')) return await this.push(home, call.body as Record<string, unknown>, timeoutMs)
    if (path.endsWith('/query')) return await this.query(home, call.body as Record<string, unknown>, timeoutMs)
    throw new Error(`the simulated Safaricom knows no ${path}`)
  }

  private async push(home: Home, body: Record<string, unknown>, timeoutMs: number): Promise<OutgoingAnswer> {
    const fate = await this.scheduler.point(home, 'daraja push', () => {
      if (this.strikes('push-lost', 0.25)) throw made(new OutgoingError('network', 'daraja'))
      if (this.strikes('push-refused', 0.2)) return { refused: true } as const
      if (this.strikes('gateway', 0.15) && this.dice.chance(0.5)) throw made(new OutgoingError('not_json', 'daraja', 502))
      const prompt = this.open(body)
      const isLost = this.strikes('push-acted-then-lost', 0.3) || this.strikes('gateway', 0.15) || this.strikes('strange-answer', 0.15)
      const isSlow = this.strikes('slow', 0.2)
      this.ring(prompt)
      return { refused: false, prompt, isLost, isSlow } as const
    })
    if (fate.refused)
      return {
        status: 503,
        json: { requestId: '1', errorCode: '500.003.02', errorMessage: 'System is busy. Please try again in few minutes.' },
      }
    if (fate.isSlow) {
      await this.scheduler.sleep(home, timeoutMs, 'daraja push is slow')
      throw made(new OutgoingError('timeout', 'daraja'))
    }
    const isStrange = fate.isLost && this.swarm.faults.has('strange-answer') && this.dice.chance(0.5)
    await this.scheduler.sleep(home, this.dice.between(5, 900), 'daraja push answers')
    if (isStrange) return { status: 200, json: { Result: 'accepted' } }
    if (fate.isLost) throw made(new OutgoingError('network', 'daraja'))
    // An answer that dies with its process is lost as well; a second process never hears it.
    const { prompt } = fate
    return {
      status: 200,
      json: {
        MerchantRequestID: prompt.merchantRequestId,
        CheckoutRequestID: prompt.checkoutRequestId,
        ResponseCode: '0',
        ResponseDescription: 'Success. Request accepted for processing',
        CustomerMessage: 'Success. Request accepted for processing',
      },
    }
  }

  private open(body: Record<string, unknown>): Prompt {
    const token = String(body['CallBackURL']).split('/').at(-1) ?? ''
    const serial = String(++this.serial).padStart(8, '0')
    const prompt: Prompt = {
      checkoutRequestId: `ws_CO_${serial}${String(body['PhoneNumber'])}`,
      merchantRequestId: `29115-${serial}-1`,
      phone: String(body['PhoneNumber']),
      amountKes: Number(body['Amount']),
      token,
      bornMs: this.scheduler.nowMs,
      code: undefined,
      paidKes: 0,
      receipt: undefined,
      givenBackKes: 0,
      isOtherAmount: false,
    }
    if (this.prompts.some((other) => other.token === token))
      this.scheduler.fail(`a second prompt was sent for one charge (phone ${prompt.phone})`)
    this.prompts.push(prompt)
    return prompt
  }

  private async query(home: Home, body: Record<string, unknown>, timeoutMs: number): Promise<OutgoingAnswer> {
    const answer = await this.scheduler.point(home, 'daraja query', async (): Promise<OutgoingAnswer | 'slow'> => {
      if (this.strikes('query-down', 0.35)) throw made(new OutgoingError('network', 'daraja'))
      if (this.strikes('slow', 0.15)) return 'slow'
      if (this.strikes('strange-answer', 0.1)) return { status: 200, json: [] }
      const prompt = this.prompts.find(({ checkoutRequestId }) => checkoutRequestId === body['CheckoutRequestID'])
      if (prompt === undefined)
        return { status: 400, json: { errorCode: '400.002.02', errorMessage: 'Bad Request - Invalid CheckoutRequestID' } }
      const isYoung = this.scheduler.nowMs - prompt.bornMs < seconds(80)
      const code =
        isYoung && this.strikes('query-lies', 0.3)
          ? 1032
          : prompt.isOtherAmount && !(await this.isApplied(prompt.checkoutRequestId))
            ? undefined
            : prompt.code
      if (code === undefined)
        return this.dice.chance(0.5)
          ? { status: 500, json: { errorCode: '500.001.1001', errorMessage: 'The transaction is being processed' } }
          : {
              status: 200,
              json: {
                ResponseCode: '0',
                ResultCode: '4999',
                ResultDesc: 'The transaction is still under processing',
                CheckoutRequestID: prompt.checkoutRequestId,
              },
            }
      return {
        status: 200,
        json: {
          ResponseCode: '0',
          MerchantRequestID: prompt.merchantRequestId,
          CheckoutRequestID: prompt.checkoutRequestId,
          ResultCode: String(code),
          ResultDesc: 'as told',
        },
      }
    })
    if (answer === 'slow') {
      await this.scheduler.sleep(home, timeoutMs, 'daraja query is slow')
      throw made(new OutgoingError('timeout', 'daraja'))
    }
    return answer
  }

  /** The phone rings, and its owner does something. */
  private ring(prompt: Prompt): void {
    const { dice } = this
    const habit = dice.next()
    const later = (ms: number, label: string, work: () => Promise<void>): void => {
      this.scheduler.park(
        world,
        label,
        async () => {
          await work()
          return prompt.phone
        },
        ms,
      )
    }
    if (this.swarm.faults.has('late-success') && dice.chance(0.25)) {
      // Reported as over, and paid all the same: hours later, or three days.
      later(seconds(60), 'prompt times out', async () => await this.end(prompt, dice.pick([1037, 1032]), false))
      later(dice.pick([minutes(2), minutes(20), hours(3), hours(71)]), 'late money', async () => await this.end(prompt, 0, true))
    } else if (this.swarm.faults.has('wrong-amount') && dice.chance(0.2)) {
      prompt.isOtherAmount = true
      later(
        dice.between(2_000, 50_000),
        'pays another amount',
        async () => await this.end(prompt, 0, true, prompt.amountKes - dice.between(1, 50)),
      )
    } else if (habit < 0.65) later(dice.between(1_000, 55_000), 'types the PIN', async () => await this.end(prompt, 0, false))
    else if (habit < 0.78) later(dice.between(1_000, 55_000), 'cancels the prompt', async () => await this.end(prompt, 1032, false))
    else if (habit < 0.86) later(dice.between(1_000, 55_000), 'has no money', async () => await this.end(prompt, 1, false))
    else later(seconds(60), 'ignores the prompt', async () => await this.end(prompt, 1037, false))
  }

  /** A prompt ends, money moves or not, and callbacks set out. `mustArrive`: nothing but the callback will ever tell. */
  private async end(prompt: Prompt, code: number, mustArrive: boolean, paidKes = prompt.amountKes): Promise<void> {
    const { dice } = this
    const has = (fault: Fault): boolean => this.swarm.faults.has(fault)
    prompt.code = code
    if (code === 0) {
      prompt.paidKes = paidKes
      prompt.receipt ??= `TKL${String(1_000_000 + this.prompts.indexOf(prompt))}`
    }
    const body = callback(prompt, code)
    // The status query can be asked only with an id the shop has: without one, the callback is all there is.
    const isOnlyTrace = code === 0 && (mustArrive || has('query-lies') || !(await this.isKnown(prompt.checkoutRequestId)))
    if (has('never') && dice.chance(0.35) && !isOnlyTrace) return
    const copies = has('copies') && dice.chance(0.5) ? dice.between(2, 5) : 1
    // Whatever happens is known to the shop within three days of the prompt.
    const latestMs = Math.max(seconds(3), prompt.bornMs + hours(72) - this.scheduler.nowMs)
    const stretchMs = has('late') && dice.chance(0.3) ? latestMs : has('reordered') ? minutes(5) : seconds(3)
    for (let copy = 0; copy < copies; copy++) this.send(prompt, body, dice.between(50, stretchMs), isOnlyTrace)
  }

  private send(prompt: Prompt, body: Uint8Array, afterMs: number, mustArrive: boolean): void {
    this.scheduler.park(
      world,
      'callback sets out',
      () => {
        void this.deliver(prompt.token, body).then((isTaken) => {
          if (!isTaken && (mustArrive || this.dice.chance(0.5)))
            this.send(prompt, body, this.dice.between(seconds(30), minutes(20)), mustArrive)
        })
        return prompt.phone
      },
      afterMs,
    )
  }

  private strikes(fault: Fault, rate: number): boolean {
    return this.isStormy && this.swarm.faults.has(fault) && this.dice.chance(rate)
  }
}

function callback(prompt: Prompt, code: number): Uint8Array {
  const head = {
    MerchantRequestID: prompt.merchantRequestId,
    CheckoutRequestID: prompt.checkoutRequestId,
    ResultCode: code,
    ResultDesc: 'simulated',
  }
  const metadata = {
    Item: [
      { Name: 'Amount', Value: prompt.paidKes },
      { Name: 'MpesaReceiptNumber', Value: prompt.receipt },
      { Name: 'Balance' },
      { Name: 'PhoneNumber', Value: `${prompt.phone.slice(0, 4)}*****${prompt.phone.slice(-3)}` },
    ],
  }
  return new TextEncoder().encode(JSON.stringify({ Body: { stkCallback: code === 0 ? { ...head, CallbackMetadata: metadata } : head } }))
}
