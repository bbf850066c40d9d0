import { parseArgs } from 'node:util'
import { formatMoney } from '../lib/money.ts'
import { reconcileProvider } from '../workflows/checkout/reconcile-provider.ts'
import { after, hours } from '../lib/time.ts'
import { withContext } from './open-context.ts'

/**
 * `shop reconcile`: compares the lists of the providers with ours and prints where they differ. Answers 1 when something is left for a
 * person, so that a scheduler outside can tell.
 */
export async function reconcile(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { provider: { type: 'string' }, since: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
  })
  return await withContext(async ({ context }) => {
    const to = context.clock.now()
    const from = values.since === undefined ? after(to, -hours(72)) : new Date(values.since)
    if (Number.isNaN(from.getTime())) {
      process.stderr.write('--since takes a date such as 2026-11-23 or 2026-11-23T00:00:00+03:00.\n')
      return 1
    }
    let open = 0
    for (const name of values.provider === undefined ? context.providers.names : [values.provider]) {
      const done = await reconcileProvider(context, name, { from, to }, values['dry-run'])
      if (done === undefined) {
        process.stdout.write(`${name}: switched off, or it has no list for us\n`)
        continue
      }
      process.stdout.write(`${name}: ${done.compared} compared, ${done.breaks.length} differ\n`)
      for (const each of done.breaks) {
        if (each.resolution === undefined) open += 1
        const money = (amount: bigint | undefined): string => (amount === undefined ? 'nothing' : formatMoney(amount, each.currency))
        process.stdout.write(
          `  ${each.kind} ${each.providerRef}: they ${money(each.theirMinor)}, we ${money(each.ourMinor)}, ${each.resolution ?? 'open'}\n`,
        )
      }
    }
    return open === 0 ? 0 : 1
  })
}
