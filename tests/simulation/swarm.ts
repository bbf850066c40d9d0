import { type Dice } from './dice.ts'

/** Everything that may go wrong, or be done clumsily or badly. Each seed switches on a part of it, so that rare pairs meet too. */
export const faultNames = [
  'kill',
  'cut-before-send',
  'cut-after-send',
  'serialization',
  'deadlock-victim',
  'lock-timeout',
  'skew',
  'two-apps',
  'push-lost',
  'push-acted-then-lost',
  'push-refused',
  'gateway',
  'slow',
  'strange-answer',
  'query-down',
  'query-lies',
  'token-down',
  'wrong-amount',
  'copies',
  'reordered',
  'late',
  'never',
  'late-success',
  'forged',
  'double-click',
  'same-key',
  'other-body',
  'cheat',
  'cancel',
  'pay-again',
  'last-minute',
  'returns',
] as const

/** One of them. */
export type Fault = (typeof faultNames)[number]

/** What one seed is about. */
export interface Swarm {
  readonly seed: string
  readonly faults: ReadonlySet<Fault>
  readonly shoppers: number
  readonly variants: number
  /** Pieces of each variant; scarce on purpose. */
  readonly stock: readonly number[]
  /** How likely a fault of the database is at one statement. */
  readonly databaseRate: number
  readonly killRate: number
}

/** A smaller version of a seed's swarm, for the shrinker. */
export interface Reduction {
  readonly shoppers?: number
  readonly without?: readonly Fault[]
}

/** Throws the swarm of a seed. A reduction changes nothing but what it names. */
export function throwSwarm(dice: Dice, seed: string, reduction: Reduction = {}): Swarm {
  const share = dice.pick([0, 0.2, 0.35, 0.6])
  const thrown = faultNames.filter(() => dice.chance(share))
  // Most races need few people, and a small run is quickly over; a crowd comes now and then.
  const shoppers = dice.pick([2, 3, 3, 4, 4, 5, 6, 12])
  const variants = dice.between(2, 5)
  const stock = Array.from({ length: 5 }, () => dice.between(1, 6))
  return {
    seed,
    faults: new Set(thrown.filter((fault) => reduction.without?.includes(fault) !== true)),
    shoppers: Math.min(shoppers, reduction.shoppers ?? shoppers),
    variants,
    stock,
    databaseRate: dice.pick([0.002, 0.006, 0.015]),
    killRate: dice.pick([0.001, 0.003, 0.006]),
  }
}
