import type { OldTable } from './old-database.ts'

/** Something a person has to know about one old row. Holds no name, address or number of anybody. */
export interface Finding {
  /** `contradiction`: the old shop says two things. `left`: not taken over. `told`: taken over, but not as it stood. */
  readonly sort: 'contradiction' | 'left' | 'told'
  readonly kind: string
  readonly table: OldTable
  readonly id: string
  readonly orderId?: string | undefined
  readonly amountMinor?: bigint | undefined
  /** What became of it here: a state, or nothing. */
  readonly lands: string
  readonly says: string
}

/** What the run came to for one old table. */
export interface TableCount {
  read: number
  /** Became a row of its own here. */
  imported: number
  /** Became part of a row another old row had made. */
  merged: number
  unchanged: number
  left: number
}

/** The report as a value: counts of everything, and every finding. */
export interface ReportSummary {
  readonly source: string
  readonly mode: 'dry run' | 'applied'
  readonly tookMs: number
  readonly tables: Readonly<Record<string, TableCount>>
  readonly contradictions: Readonly<Record<string, number>>
  readonly left: Readonly<Record<string, number>>
  readonly told: Readonly<Record<string, number>>
  /** What the free text of payment_status was read as: `"Paid " -> paid`. */
  readonly paymentStatus: Readonly<Record<string, number>>
  /** Charges by the state they have here. */
  readonly charges: Readonly<Record<string, number>>
  readonly missing: readonly string[]
  readonly isUnchanged: boolean
}

/** Counts as the run goes; findings go straight to `write`, so that a long list needs no memory. */
export class ImportReport {
  readonly #tables = new Map<OldTable, TableCount>()
  readonly #sorts: Record<Finding['sort'], Map<string, number>> = { contradiction: new Map(), left: new Map(), told: new Map() }
  readonly #statuses = new Map<string, number>()
  readonly #charges = new Map<string, number>()
  readonly #began = performance.now()

  constructor(
    private readonly about: { source: string; isApplied: boolean; missing: readonly string[] },
    private readonly write: (finding: Finding) => void = () => {},
  ) {}

  count(table: OldTable, what: keyof TableCount, by = 1): void {
    const counts = this.#tables.get(table) ?? { read: 0, imported: 0, merged: 0, unchanged: 0, left: 0 }
    counts[what] += by
    this.#tables.set(table, counts)
  }

  find(finding: Finding): void {
    add(this.#sorts[finding.sort], finding.kind)
    if (finding.sort === 'left') this.count(finding.table, 'left')
    this.write(finding)
  }

  readStatus(raw: string, normal: string): void {
    add(this.#statuses, `${JSON.stringify(raw)} -> ${normal}`)
  }

  charge(state: string): void {
    add(this.#charges, state)
  }

  summary(): ReportSummary {
    const tables = Object.fromEntries(this.#tables)
    return {
      source: this.about.source,
      mode: this.about.isApplied ? 'applied' : 'dry run',
      tookMs: Math.round(performance.now() - this.#began),
      tables,
      contradictions: sorted(this.#sorts.contradiction),
      left: sorted(this.#sorts.left),
      told: sorted(this.#sorts.told),
      paymentStatus: sorted(this.#statuses),
      charges: sorted(this.#charges),
      missing: this.about.missing,
      isUnchanged: Object.values(tables).every(({ imported, merged }) => imported === 0 && merged === 0),
    }
  }
}

const add = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)))

/** The summary as a person reads it. */
export function printReport(summary: ReportSummary): string {
  const counts = ['read', 'imported', 'merged', 'unchanged', 'left'] as const
  const lines = [
    `${summary.source}: ${summary.mode === 'applied' ? 'imported' : 'this would be imported (nothing was written; --apply writes)'}, ${(summary.tookMs / 1_000).toFixed(1)} s`,
    '',
    `${''.padEnd(26)}${counts.map((name) => name.padStart(11)).join('')}`,
    ...Object.entries(summary.tables).map(
      ([table, row]) => `${table.padEnd(26)}${counts.map((name) => String(row[name]).padStart(11)).join('')}`,
    ),
  ]
  const list = (title: string, values: Readonly<Record<string, number>>): void => {
    if (Object.keys(values).length > 0)
      lines.push('', title, ...Object.entries(values).map(([name, count]) => `  ${name.padEnd(40)}${String(count).padStart(9)}`))
  }
  list('charges by state', summary.charges)
  list('contradictions', summary.contradictions)
  list('left in the old shop', summary.left)
  list('taken over, but not as it stood', summary.told)
  list('payment_status, as it was read', summary.paymentStatus)
  if (summary.missing.length > 0) lines.push('', `not in this database: ${summary.missing.join(', ')}`)
  if (summary.isUnchanged) lines.push('', 'No change.')
  return `${lines.join('\n')}\n`
}
