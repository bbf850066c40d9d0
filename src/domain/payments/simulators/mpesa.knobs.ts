import { failure, json, type SimulatedAnswer } from './mpesa.answers.ts'

/** What may go wrong with a call on purpose. `lost` kinds answer only after the call has had its effect. */
export type Fault = (typeof faults)[number]

/** Every fault by name. */
export const faults = ['none', 'error500', 'lost_html', 'lost_truncated', 'lost_hang', 'rate_limit', 'locked', 'token_expired'] as const

/** Every way a reversal may end. */
export const reversalResults = ['done', 'fails', 'doubtful', 'duplicate', 'lost', 'held'] as const

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
  reversalFault: Fault
  /** How a reversal ends. `held`: when it is told to; `lost`: nobody hears of it. */
  reversalResult: (typeof reversalResults)[number]
  /** How many calls the faults still hit; beyond that all is well again. */
  faultsLeft: number
}

/** All well, and a person at every phone. */
export const initialKnobs: Knobs = {
  auto: false,
  autoDelayMs: 2_000,
  promptMs: 60_000,
  lateMs: 20_000,
  hangMs: 20_000,
  answerDelayMs: 0,
  tokenFault: 'none',
  pushFault: 'none',
  queryFault: 'none',
  reversalFault: 'none',
  reversalResult: 'done',
  faultsLeft: 1_000_000,
}

/** Whether a fault still hits; counts the hit. */
export function isFaultDue(knobs: Knobs): boolean {
  if (knobs.faultsLeft <= 0) return false
  knobs.faultsLeft -= 1
  return true
}

/** The fault a call meets, if one is turned on for it. Every call waits the answer delay. */
export async function strike(
  knobs: Knobs,
  which: 'tokenFault' | 'pushFault' | 'queryFault' | 'reversalFault',
): Promise<SimulatedAnswer | undefined> {
  if (knobs.answerDelayMs > 0) await Bun.sleep(knobs.answerDelayMs)
  const fault = knobs[which]
  if (fault === 'none' || fault === 'token_expired' || !isFaultDue(knobs)) return undefined
  switch (fault) {
    case 'error500':
      return failure(500, '500.003.1001', 'Internal Server Error')
    case 'locked':
      return failure(500, '500.001.1001', 'Unable to lock subscriber, a transaction is already in process for the current subscriber')
    case 'rate_limit':
      return json(429, {
        fault: {
          faultstring: 'Spike arrest violation. Allowed rate : 5pm',
          detail: { errorcode: 'policies.ratelimit.SpikeArrestViolation' },
        },
      })
    case 'lost_html':
      return {
        status: 503,
        contentType: 'text/html',
        body: '<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>',
      }
    case 'lost_truncated':
      return { status: 200, contentType: 'application/json', body: '{"MerchantRequestID":"29115-3462' }
    case 'lost_hang':
      await Bun.sleep(knobs.hangMs)
      return json(504, { fault: { faultstring: 'Gateway Timeout', detail: { errorcode: 'messaging.adaptors.http.flow.GatewayTimeout' } } })
    default:
      return fault satisfies never
  }
}
