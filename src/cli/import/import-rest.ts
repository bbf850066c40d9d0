import { auditLog } from '../../platform/audit.table.ts'
import { parseDecimal } from '../../lib/money.ts'
import { type ImportTools, inCommit, pagesOf, readLinks, writeLinks } from './import-tools.ts'
import { insertRows } from '../../platform/insert-rows.ts'
import { oldMoment } from './old-database.ts'

/** What hangs on no order: the audit log is kept; money without an order and payouts that were never made are told. */
export async function importRest(tools: ImportTools): Promise<void> {
  await importAudit(tools)
  await tellOrphans(tools, 'orders_transaction')
  await tellOrphans(tools, 'payments_transaction')
  for await (const rows of pagesOf(tools, 'payments_payout')) {
    for (const row of rows)
      tools.report.find({
        sort: 'left',
        kind: row['status'] === 'paid' ? 'payout_called_paid' : 'payout_never_made',
        table: 'payments_payout',
        id: row['id'] ?? '',
        amountMinor: parseDecimal(row['amount']),
        lands: '',
        says: 'the old shop had no way to pay out; what vendors are owed is in the ledger',
      })
  }
}

async function importAudit(tools: ImportTools): Promise<void> {
  const table = 'payments_auditlog'
  for await (const rows of pagesOf(tools, table)) {
    const known = await readLinks(
      tools.db,
      tools.source,
      table,
      rows.map((row) => row['id'] ?? ''),
    )
    const fresh = rows.filter((row) => !known.has(row['id'] ?? '')).map((row) => ({ row, id: tools.ids.next() }))
    tools.report.count(table, 'unchanged', known.size)
    await inCommit(tools, async (tx) => {
      await insertRows(
        tx,
        auditLog,
        fresh.map(({ row, id }) => ({
          id,
          actor: 'system:old-shop',
          action: `legacy.${(row['event'] ?? 'unknown').toLowerCase()}`,
          target: `legacy:${row['order_id'] ?? ''}:${row['transaction_id'] ?? ''}`,
          requestId: row['request_id'] ?? null,
          data: { legacyId: row['id'], message: row['message'] },
          createdAt: oldMoment(row['created_at']) ?? tools.clock.now(),
        })),
      )
      await writeLinks(
        tx,
        tools.source,
        fresh.map(({ row, id }) => ({ table, id: row['id'] ?? '', target: 'audit_log', targetId: id })),
      )
    })
    tools.report.count(table, 'imported', fresh.length)
  }
}

async function tellOrphans(tools: ImportTools, table: 'orders_transaction' | 'payments_transaction'): Promise<void> {
  let after = '0'
  for (;;) {
    const rows = await tools.old.orphans(table, 'order_id', 'orders_order', after, tools.pageSize)
    if (rows.length === 0) return
    tools.report.count(table, 'read', rows.length)
    for (const row of rows) {
      const isMoney = ['success', 'refunded', 'duplicate_success'].includes(row['status'] ?? '')
      tools.report.find({
        sort: 'left',
        kind: isMoney ? 'money_without_order' : 'payment_without_order',
        table,
        id: row['id'] ?? '',
        amountMinor: parseDecimal(row['amount']),
        lands: '',
        says: `${row['status'] ?? ''} at ${row['gateway'] ?? 'no gateway'}, and the order it names is gone`,
      })
    }
    after = rows.at(-1)?.['id'] ?? after
  }
}
