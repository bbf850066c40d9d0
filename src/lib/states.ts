/** A table of allowed moves between named states, as data (design: architecture.md, data rules). */
export interface States<State extends string> {
  readonly initial: State
  readonly moves: Readonly<Record<State, readonly State[]>>
  readonly all: readonly State[]
  /** Whether a row in `from` may become `to`. */
  can(from: State, to: State): boolean
  /** Whether nothing leaves this state. */
  isFinal(state: State): boolean
  /** The table as a mermaid state diagram, for the docs. */
  diagram(): string
}

/**
 * Makes a state table and checks it: every named target exists and every state can be reached from the initial one.
 * Throws Error at start for a table that could strand a row.
 */
export function states<State extends string>(initial: State, moves: Record<State, readonly State[]>): States<State> {
  const all = Object.keys(moves) as State[]
  const reached = new Set<State>([initial])
  for (const state of reached) {
    for (const next of moves[state]) {
      if (!(next in moves)) throw new Error(`state table: ${state} moves to ${next}, which is not a state`)
      reached.add(next)
    }
  }
  const lost = all.filter((state) => !reached.has(state))
  if (lost.length > 0) throw new Error(`state table: never reached: ${lost.join(', ')}`)
  return {
    initial,
    moves,
    all,
    can: (from, to) => moves[from].includes(to),
    isFinal: (state) => moves[state].length === 0,
    diagram: () =>
      ['stateDiagram-v2', `  [*] --> ${initial}`, ...all.flatMap((from) => moves[from].map((to) => `  ${from} --> ${to}`))].join('\n'),
  }
}
