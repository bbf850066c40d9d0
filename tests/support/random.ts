/** Chance that can be repeated: the same seed, the same run (mulberry32). */
export interface Random {
  readonly seed: number
  /** From 0 to just below 1. */
  next(): number
  /** A whole number below `most`. */
  below(most: number): number
  pick<Value>(values: readonly Value[]): Value
  chance(share: number): boolean
}

/** Makes one. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (most: number): number => Math.floor(next() * most)
  return {
    seed,
    next,
    below,
    pick: (values) => values[below(values.length)] as never,
    chance: (share) => next() < share,
  }
}

/** The seed of this run: `FUZZ_SEED`, else a new one. Printed, so that a find can be seen again. */
export function seedOfRun(): number {
  const given = Number(process.env['FUZZ_SEED'] ?? Number.NaN)
  return Number.isSafeInteger(given) ? given : Math.floor(Math.random() * 2 ** 31)
}
