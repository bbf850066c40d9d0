/** One measured figure beside a plain reference of the same machine and moment: only the ratio travels between machines. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly reference: number
}

/** A benchmark: measures and answers figures; leaves nothing running. */
export type Bench = () => Promise<Figure[]>

/** The middle one of some measurements, which a single hiccup of a shared machine does not move. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/**
 * A figure of rounds measured turn and turn about: the middle value, and a reference such that the ratio is the middle one of the
 * rounds' own. What slows the machine for a while then falls on both sides of a ratio and not on one of them.
 */
export function pairedFigure(name: string, unit: string, values: readonly number[], references: readonly number[]): Figure {
  const value = median(values)
  const ratio = median(values.map((each, index) => each / (references[index] ?? Number.NaN)))
  return { name, value, unit, reference: value / ratio }
}
