/** What the bare script is to send: the same statements for every row of values. */
export interface BareOrder {
  readonly url: string
  readonly connections: number
  readonly statements: readonly string[]
  readonly isTransaction: boolean
  readonly rows: readonly (readonly (string | number | null)[])[]
  /** So many of the rows are sent before the clock starts, so that a warm shop is compared with a warm script. */
  readonly warmUpRows?: number
}

/** One statement as it was sent once. */
export interface RecordedStatement {
  readonly text: string
  readonly parameters: readonly (string | number | boolean | null | readonly string[])[]
}

/** What the bare script is to send again: transactions as the shop would have sent them, each once. */
export interface BareTransactions {
  readonly url: string
  readonly connections: number
  readonly warmUp: readonly (readonly RecordedStatement[])[]
  readonly transactions: readonly (readonly RecordedStatement[])[]
}

/** How long it took. */
export interface BareReport {
  readonly tookMs: number
  readonly latenciesMs: readonly number[]
}
