import { json, type SimulatedAnswer } from './mpesa.answers.ts'

/** What may go wrong with a call on purpose. The `lost_` kinds answer only after the call has had its effect. */
export const callFaults = ['none', 'error500', 'rate_limit', 'html', 'lost_html', 'lost_truncated', 'lost_hang'] as const

/** A fault by name. */
export type CallFault = (typeof callFaults)[number]

/** The knobs of every simulated API that concern its answers. */
export interface FaultKnobs {
  fault: CallFault
  /** The call it hits, by the simulator's own name; `any` hits all. */
  faultOn: string
  /** How many calls it still hits; beyond that all is well again. */
  faultsLeft: number
  /** How long a hanging call hangs. */
  hangMs: number
  /** Added to every answer. */
  answerDelayMs: number
}

/** All well. */
export const noFaults: FaultKnobs = { fault: 'none', faultOn: 'any', faultsLeft: 1_000_000, hangMs: 20_000, answerDelayMs: 0 }

const page = (status: number): SimulatedAnswer => ({
  status,
  contentType: 'text/html',
  body: '<html><head><title>502 Bad Gateway</title></head><body>The upstream server did not answer.</body></html>',
})

/** Answers a call, or lets it meet the fault that is turned on for it: before the work, or after it with its answer lost. */
export async function answerWithFaults(
  knobs: FaultKnobs,
  call: string,
  work: () => SimulatedAnswer | Promise<SimulatedAnswer>,
  errorBody: (status: number) => unknown,
): Promise<SimulatedAnswer> {
  if (knobs.answerDelayMs > 0) await Bun.sleep(knobs.answerDelayMs)
  const fault = knobs.faultsLeft > 0 && (knobs.faultOn === 'any' || knobs.faultOn === call) ? knobs.fault : 'none'
  if (fault === 'none') return await work()
  knobs.faultsLeft -= 1
  switch (fault) {
    case 'error500':
      return json(500, errorBody(500))
    case 'rate_limit':
      return json(429, errorBody(429))
    case 'html':
      return page(502)
    case 'lost_html':
      await work()
      return page(504)
    case 'lost_truncated': {
      const { status, contentType, body } = await work()
      return { status, contentType, body: body.slice(0, Math.floor(body.length / 2)) }
    }
    case 'lost_hang': {
      const answer = await work()
      await Bun.sleep(knobs.hangMs)
      return answer
    }
    default:
      return fault satisfies never
  }
}
