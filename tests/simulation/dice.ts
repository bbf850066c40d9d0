/** Chance by a seed: the same seed throws the same numbers for ever. */
export interface Dice {
  /** A number from 0 up to, not including, 1. */
  next(): number
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number
  chance(probability: number): boolean
  pick<Value>(list: readonly Value[]): Value
  /** Dice of their own, so that one part of a run throwing once more does not change what another part sees. */
  fork(name: string): Dice
}

/** The generator sfc32: small, quick and good enough to choose schedules. */
export function dice(seed: string): Dice {
  let [a, b, c, d] = [0, 1, 2, 3].map((index) => Number(Bun.hash(`${index}:${seed}`) & 0xffff_ffffn)) as [number, number, number, number]
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let warm = 0; warm < 12; warm++) next()
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const found = list[between(0, list.length - 1)]
      if (found === undefined && list.length === 0) throw new Error('dice: nothing to pick from')
      return found as (typeof list)[number]
    },
    fork: (name) => dice(`${seed}/${name}`),
  }
}
