import type { Context } from '../../context.ts'
import { hmacHex } from '../../lib/signature.ts'
import { createOutgoing } from '../../platform/outgoing.ts'

/** What the simulated integrator does with the documents it gets. */
export interface EtimsKnobs {
  /** `accept` and `reject` decide at once; `callback` decides by a signed message; `silent` never says anything unless asked. */
  answer: 'accept' | 'reject' | 'callback' | 'silent'
  /** Answers 503 to everything. */
  isDown: boolean
}

/** A document the simulator has. */
interface Kept {
  readonly number: string
  readonly verdict: Readonly<Record<string, string>>
  submissions: number
}

/** An eTIMS integrator as we speak to one, for development and tests. */
export interface EtimsSimulator {
  readonly knobs: EtimsKnobs
  submit(number: string): { status: number; body: Readonly<Record<string, string>> }
  ask(number: string): { status: number; body: Readonly<Record<string, string>> }
  documents(): readonly Kept[]
}

const simulators = new WeakMap<object, EtimsSimulator>()

/** The simulator of a shop. */
export function etimsSimulatorOf(context: Context): EtimsSimulator {
  const known = simulators.get(context.config)
  if (known !== undefined) return known
  const made = createEtimsSimulator(context)
  simulators.set(context.config, made)
  return made
}

function createEtimsSimulator(context: Context): EtimsSimulator {
  const kept = new Map<string, Kept>()
  const knobs: EtimsKnobs = { answer: 'accept', isDown: false }
  const outgoing = createOutgoing({ allowedHosts: [], allowsLoopback: true, log: context.log, clock: context.clock })

  /** Tells the shop as an integrator does: signed, after its own answer, and once. */
  async function call(document: Kept): Promise<void> {
    const body = JSON.stringify({ number: document.number, ...document.verdict })
    const secret = context.config.etims?.callbackSecret ?? ''
    try {
      await outgoing.call({
        method: 'POST',
        url: `http://127.0.0.1:${context.config.port}/webhooks/etims`,
        text: { type: 'application/json', value: body },
        headers: { 'x-etims-signature': hmacHex('sha256', secret, body) },
        purpose: 'simulated etims callback',
      })
    } catch (error) {
      context.log.warn({ error }, 'the simulated eTIMS could not reach the shop')
    }
  }

  return {
    knobs,
    submit(number) {
      if (knobs.isDown) return { status: 503, body: { status: 'down' } }
      const document = kept.get(number) ?? { number, verdict: verdictFor(number, knobs), submissions: 0 }
      document.submissions++
      kept.set(number, document)
      if (knobs.answer === 'callback') setTimeout(() => void call(document), 20)
      return { status: 202, body: knobs.answer === 'callback' || knobs.answer === 'silent' ? { status: 'received' } : document.verdict }
    },
    ask(number) {
      if (knobs.isDown) return { status: 503, body: { status: 'down' } }
      const document = kept.get(number)
      return document === undefined ? { status: 404, body: { status: 'unknown' } } : { status: 200, body: document.verdict }
    },
    documents: () => [...kept.values()],
  }
}

const verdictFor = (number: string, knobs: EtimsKnobs): Readonly<Record<string, string>> =>
  knobs.answer === 'reject'
    ? { status: 'rejected', reason: 'the PIN of the buyer is not registered' }
    : { status: 'accepted', controlNumber: `KRAMW-${number.replace(/\D/g, '')}`, qrUrl: `https://itax.kra.go.ke/KRA-Portal/${number}` }
