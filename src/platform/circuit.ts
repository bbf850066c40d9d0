import type { Clock } from '../lib/clock.ts'
import { Refusal } from '../lib/refusal.ts'
import { createGate, type Gate } from './gate.ts'

/** Leave to make one call. To be ended exactly once, with what came of it. */
export interface CircuitPass {
  end(outcome: 'answered' | 'failed'): void
}

/** One host behind a limit of calls at the same time and a breaker. */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half_open'
  /** Waits for a place; undefined means that the call must not be made now: the host is down, or every place stays taken. */
  enter(): Promise<CircuitPass | undefined>
}

/** Circuits by host: one host that is slow or down takes nothing from the others. */
export interface Circuits {
  of(host: string): Circuit
  /** Every circuit so far with its state, for the metrics. */
  all(): (readonly [host: string, state: Circuit['state']])[]
}

/** The clock and the chance are injected, the figures are those of the design (reliability.md 3.3 and 3.4) unless a test says otherwise. */
export interface CircuitOptions {
  readonly clock: Clock
  readonly random?: () => number
  readonly onChange?: (host: string, state: Circuit['state']) => void
  /** Calls at the same time. */
  readonly mostAtOnce?: number
  /** How long a call may wait for a place. */
  readonly waitMs?: number
  /** So many failures within the window, being at least half of its calls, open the circuit. */
  readonly failures?: number
  readonly windowMs?: number
  /** Time between probes, at least; up to a quarter more by chance, so that processes do not knock together. */
  readonly probeMs?: number
}

/** Makes circuits that are closed. */
export function createCircuits(options: CircuitOptions): Circuits {
  const circuits = new Map<string, Circuit>()
  return {
    of(host) {
      const circuit = circuits.get(host) ?? createCircuit(host, options)
      circuits.set(host, circuit)
      return circuit
    },
    all: () => [...circuits].map(([host, { state }]) => [host, state] as const),
  }
}

function createCircuit(host: string, options: CircuitOptions): Circuit {
  const {
    clock,
    random = Math.random,
    onChange,
    mostAtOnce = 10,
    waitMs = 5_000,
    failures = 5,
    windowMs = 10_000,
    probeMs = 2_000,
  } = options
  const gate = createGate({ places: mostAtOnce, waitMs })
  let state: Circuit['state'] = 'closed'
  let recent: { readonly atMs: number; readonly isFailure: boolean }[] = []
  let probeAtMs = 0
  // What calls made before the circuit last changed have to tell is old news.
  let era = 0

  function become(next: Circuit['state']): void {
    state = next
    era++
    recent = []
    onChange?.(host, next)
  }

  function open(): void {
    probeAtMs = clock.monotonicMs() + probeMs * (1 + random() / 4)
    become('open')
  }

  function note(isFailure: boolean, passEra: number): void {
    if (passEra !== era) return
    if (state === 'half_open') return isFailure ? open() : become('closed')
    const nowMs = clock.monotonicMs()
    recent = [...recent.filter(({ atMs }) => nowMs - atMs < windowMs), { atMs: nowMs, isFailure }]
    const failed = recent.filter((each) => each.isFailure).length
    // A busy host that fails now and then is not down.
    if (failed >= failures && failed * 2 >= recent.length) open()
  }

  /** Whether a call may be made now; the first one after the pause is the probe, and the only one until it is answered. */
  function admits(): boolean {
    if (state === 'closed') return true
    if (state === 'half_open' || clock.monotonicMs() < probeAtMs) return false
    become('half_open')
    return true
  }

  return {
    get state() {
      return state
    },
    async enter() {
      // A host that is down is refused before the wait for a place.
      if (state === 'half_open' || (state === 'open' && clock.monotonicMs() < probeAtMs)) return undefined
      const leave = await placeIn(gate)
      if (leave === undefined) return undefined
      if (!admits()) {
        leave()
        return undefined
      }
      const passEra = era
      return {
        end(outcome) {
          leave()
          note(outcome === 'failed', passEra)
        },
      }
    },
  }
}

async function placeIn(gate: Gate): Promise<(() => void) | undefined> {
  try {
    return await gate.enter()
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
