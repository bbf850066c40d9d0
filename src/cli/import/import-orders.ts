import { sql } from 'drizzle-orm'
import { ImportReport, type Finding } from './import-report.ts'
import { UnexpectedOutcome } from './apply-charges.ts'
import { catchUpOrder } from './catch-up-order.ts'
import { type ImportTools, pagesOf, readLinks } from './import-tools.ts'
import type { OldRow, OldTable } from './old-database.ts'
import { type OldOrder, planOrder, type PlannedOrder } from './plan-order.ts'
import { writeOrders } from './write-orders.ts'

/** An order with its plan and what the plan had to say about it; told only once it is written. */
interface Planned {
  readonly old: OldOrder
  readonly plan: PlannedOrder
  readonly digest: string
  readonly notes: Notes
}

/** A report that keeps what it is told until the page is in. */
class Notes extends ImportReport {
  readonly findings: Finding[] = []
  readonly statuses: [raw: string, normal: string][] = []
  constructor() {
    super({ source: '', isApplied: false, missing: [] })
  }
  override find(finding: Finding): void {
    this.findings.push(finding)
  }
  override readStatus(raw: string, normal: string): void {
    this.statuses.push([raw, normal])
  }
}

/** Orders with everything that hangs on them, both payment models merged, a page at a time, each page in one commit. */
export async function importOrders(tools: ImportTools): Promise<void> {
  const shared = await tools.old.sharedReferences()
  let after = '0'
  let pages = 0
  for await (const rows of pagesOf(tools, 'orders_order')) {
    const upTo = rows.at(-1)?.['id'] ?? after
    const orders = await readOrders(tools, rows, after, upTo)
    after = upTo
    const links = await readLinks(
      tools.db,
      tools.source,
      'orders_order',
      rows.map((row) => row['id'] ?? ''),
    )
    const fresh: Planned[] = []
    for (const old of orders) {
      const digest = digestOf(old)
      const link = links.get(old.order['id'] ?? '')
      if (link === undefined) {
        const planned = plan(tools, old, digest, shared)
        if (planned !== undefined) fresh.push(planned)
      } else if (link.digest === digest) countUnchanged(tools, old)
      else await catchUp(tools, old, digest, link.targetId, shared)
    }
    await writePage(tools, fresh, shared)
    pages++
    // Statements planned while the tables were empty would read them whole for ever; counting the rows lets them be planned anew.
    if (tools.isApplied && fresh.length > 0 && Number.isInteger(Math.log2(pages)))
      await tools.db.execute(sql`analyze legacy_links, orders, order_lines, transactions, transaction_events, ledger_entries`)
  }
}

async function readOrders(tools: ImportTools, rows: readonly OldRow[], from: string, upTo: string): Promise<OldOrder[]> {
  const { old, report } = tools
  const [items, deliveries, first, second] = [
    await old.range('orders_orderitem', 'order_id', from, upTo),
    await old.range('orders_delivery', 'order_id', from, upTo),
    await old.range('orders_transaction', 'order_id', from, upTo),
    await old.range('payments_transaction', 'order_id', from, upTo),
  ]
  const [firstEvents, secondEvents, refunds] = [
    await old.among('orders_paymentevent', 'reference', referencesOf(first)),
    await old.among('payments_paymentevent', 'reference', referencesOf(second)),
    await old.among(
      'payments_refund',
      'transaction_id',
      second.flatMap((row) => row['id'] ?? []),
    ),
  ]
  const read: [OldTable, readonly OldRow[]][] = [
    ['orders_orderitem', items],
    ['orders_delivery', deliveries],
    ['orders_transaction', first],
    ['payments_transaction', second],
    ['orders_paymentevent', firstEvents],
    ['payments_paymentevent', secondEvents],
    ['payments_refund', refunds],
  ]
  for (const [table, found] of read) report.count(table, 'read', found.length)
  const by = (list: readonly OldRow[], column: string): Map<string, OldRow[]> => Map.groupBy(list, (row) => row[column] ?? '')
  const [itemsOf, deliveriesOf, firstOf, secondOf, firstEventsOf, secondEventsOf, refundsOf] = [
    by(items, 'order_id'),
    by(deliveries, 'order_id'),
    by(first, 'order_id'),
    by(second, 'order_id'),
    by(firstEvents, 'reference'),
    by(secondEvents, 'reference'),
    by(refunds, 'transaction_id'),
  ]
  return rows.map((order) => {
    const id = order['id'] ?? ''
    const [ownFirst, ownSecond] = [firstOf.get(id) ?? [], secondOf.get(id) ?? []]
    const pick = (events: ReadonlyMap<string, readonly OldRow[]>, charges: readonly OldRow[]): Map<string, readonly OldRow[]> =>
      new Map(charges.map((row) => [row['reference'] ?? '', events.get(row['reference'] ?? '') ?? []]))
    return {
      order,
      items: itemsOf.get(id) ?? [],
      deliveries: deliveriesOf.get(id) ?? [],
      first: ownFirst,
      second: ownSecond,
      refunds: ownSecond.flatMap((row) => refundsOf.get(row['id'] ?? '') ?? []),
      firstEvents: pick(firstEventsOf, ownFirst),
      secondEvents: pick(secondEventsOf, ownSecond),
    }
  })
}

const referencesOf = (rows: readonly OldRow[]): string[] =>
  [...new Set(rows.flatMap((row) => row['reference'] ?? []))].filter((reference) => reference !== '')

/** Of everything the plan looks at, so that an order is looked at again once any of it has changed. */
const digestOf = ({ firstEvents, secondEvents, ...rest }: OldOrder): string =>
  Bun.hash(JSON.stringify([rest, [...firstEvents], [...secondEvents]])).toString(36)

function plan(tools: ImportTools, old: OldOrder, digest: string, shared: ReadonlySet<string>): Planned | undefined {
  const notes = new Notes()
  const planned = planOrder(old, shared, tools.clock.now(), notes)
  if (planned !== undefined) return { old, plan: planned, digest, notes }
  tell(tools, notes)
  return undefined
}

function tell({ report }: ImportTools, notes: Notes): void {
  for (const finding of notes.findings) report.find(finding)
  for (const [raw, normal] of notes.statuses) report.readStatus(raw, normal)
}

function countUnchanged({ report }: ImportTools, old: OldOrder): void {
  report.count('orders_order', 'unchanged')
  report.count('orders_transaction', 'unchanged', old.first.length)
  report.count('payments_transaction', 'unchanged', old.second.length)
}

function countImported(tools: ImportTools, { old, plan: planned, notes }: Planned): void {
  const { report } = tools
  tell(tools, notes)
  report.count('orders_order', 'imported')
  report.count('orders_orderitem', 'imported', planned.lines.filter(({ productId }) => productId !== undefined).length)
  report.count(
    'payments_refund',
    'imported',
    planned.charges.reduce((sum, charge) => sum + charge.refunds.reduce((ids, refund) => ids + refund.ids.length, 0), 0),
  )
  if (planned.delivery !== undefined) report.count('orders_delivery', 'imported')
  report.count(
    'orders_paymentevent',
    'merged',
    [...old.firstEvents.values()].reduce((sum, events) => sum + events.length, 0),
  )
  report.count(
    'payments_paymentevent',
    'merged',
    [...old.secondEvents.values()].reduce((sum, events) => sum + events.length, 0),
  )
  for (const { becomes, rows } of planned.charges) {
    report.charge(becomes)
    for (const [at, { table }] of rows.entries()) report.count(table, at === 0 ? 'imported' : 'merged')
  }
}

/**
 * Writes a page in one commit. When something in it cannot be written, the page is halved until the one order is found; that one is
 * planned again with its references held in doubt, and left with a reason if even that is against a law of the database.
 */
async function writePage(tools: ImportTools, page: readonly Planned[], doubted: ReadonlySet<string>, isSecondTry = false): Promise<void> {
  const [only, ...others] = page
  if (only === undefined) return
  try {
    if (tools.isApplied) await tools.db.transaction(async (tx) => await writeOrders(tx, tools, page))
  } catch (error) {
    if (others.length > 0) {
      const half = Math.ceil(page.length / 2)
      await writePage(tools, page.slice(0, half), doubted)
      return await writePage(tools, page.slice(half), doubted)
    }
    const why = lawOf(error)
    if (why === undefined) throw error
    const again = isSecondTry
      ? undefined
      : plan(
          tools,
          only.old,
          only.digest,
          new Set([...doubted, ...only.plan.charges.flatMap(({ rows }) => rows.flatMap(({ names }) => [...names]))]),
        )
    if (again !== undefined) return await writePage(tools, [again], doubted, true)
    return tools.report.find({ sort: 'left', kind: 'against_a_law', table: 'orders_order', id: only.plan.id, lands: '', says: why })
  }
  for (const planned of page) countImported(tools, planned)
}

/** What the database or the payment rules refuse; undefined for anything else, which must not be taken for a fault of one order. */
function lawOf(error: unknown): string | undefined {
  if (error instanceof UnexpectedOutcome) return error.message
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return undefined
  // Class 23: constraints; class 22: values that do not fit their column.
  if (!/^2[23]/.test(cause.code)) return undefined
  return 'constraint_name' in cause && typeof cause.constraint_name === 'string' ? cause.constraint_name : cause.code
}

async function catchUp(tools: ImportTools, old: OldOrder, digest: string, orderId: string, shared: ReadonlySet<string>): Promise<void> {
  const planned = plan(tools, old, digest, shared)
  if (planned === undefined) return
  const news = tools.isApplied
    ? await tools.db.transaction(async (tx) => await catchUpOrder(tx, tools, { plan: planned.plan, orderId, digest }))
    : { opened: 0, changed: 1, merged: 0 }
  tell(tools, planned.notes)
  tools.report.count('orders_order', news.changed > 0 || news.opened > 0 ? 'merged' : 'unchanged')
  tools.report.count('orders_transaction', 'imported', news.opened)
}
