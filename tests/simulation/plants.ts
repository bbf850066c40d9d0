import { join } from 'node:path'
import { plugin } from 'bun'

/**
 * A mistake somebody might make. It is planted into the simulation's own copy of the source text while that is loaded; the shop's
 * files and what runs in production are never touched. `laws` takes away what the database would refuse all the same, where the
 * shop is guarded twice: the run must find the mistake, not the guard.
 */
export interface Plant {
  readonly name: string
  readonly says: string
  readonly patches: readonly Patch[]
  readonly laws?: readonly string[]
}

interface Patch {
  readonly file: string
  readonly find: string | RegExp
  readonly replace: string
}

const root = join(import.meta.dirname, '../..')
const payments = 'src/domain/payments'
const catalog = 'src/domain/catalog'
const checkout = 'src/workflows/checkout'
const noStockLaw = 'alter table stock_levels drop constraint stock_levels_never_oversold'

/** The twenty-five of the design; there are no coupons yet, so a bag that is not locked stands in for the coupon. */
export const plants: readonly Plant[] = [
  {
    name: 'no-row-lock',
    says: 'an order and its charge are read without their row locks',
    patches: [
      { file: `${payments}/lock-transaction.ts`, find: ".for('update')", replace: '' },
      { file: `${checkout}/settle-payment.ts`, find: /\.for\('update'\)/g, replace: '' },
    ],
  },
  {
    name: 'no-unique-event-key',
    says: 'a message of the provider is stored as often as it comes',
    patches: [{ file: `${payments}/store-webhook.ts`, find: /on conflict \(provider, dedupe_key\) do nothing/g, replace: '' }],
    laws: ['drop index webhook_events_dedupe'],
  },
  {
    name: 'dedupe-before-effect',
    says: 'a message is marked as done before its effect is committed',
    patches: [
      {
        file: `${payments}/webhook-event.queue.ts`,
        find: '.set({ attempts: sql`${webhookEvents.attempts} + 1`,',
        replace: ".set({ state: 'processed', appliedAt: now, attempts: sql`${webhookEvents.attempts} + 1`,",
      },
      {
        file: `${payments}/webhook-event.queue.ts`,
        find: 'return row !== undefined && row.appliedAt === null',
        replace: 'return row !== undefined',
      },
      {
        file: `${payments}/webhook-event.queue.ts`,
        find: /const isGivenUp =/,
        replace: "if (problem !== 'never') return\n  const isGivenUp =",
      },
    ],
  },
  {
    name: 'reply-before-commit',
    says: 'the shopper hears of the order before it is committed',
    patches: [
      {
        file: `${checkout}/place-order.ts`,
        find: /const answer = await withRetry\(\(\) =>\s*context\.payDb\.transaction\(\(tx\) => (placeInTransaction\([^)]*\))\),?\s*\)/,
        replace:
          'const answer = await new Promise<StoredAnswer>((resolve, reject) => { withRetry(() => context.payDb.transaction(async (tx) => { const early = await $1; resolve(early); return early })).catch(reject) })',
      },
    ],
  },
  {
    name: 'amount-not-compared',
    says: 'the amount a message names is not compared with the charge',
    patches: [{ file: `${payments}/judge-fact.ts`, find: 'fact.provenAmountMinor !== row.providerAmountMinor', replace: 'false' }],
  },
  {
    name: 'failed-is-final',
    says: 'money that comes after a failure is dropped',
    patches: [
      {
        file: `${payments}/apply-event.ts`,
        find: 'const unchanged = { row, fromState: row.state, eventId: undefined }',
        replace:
          "const unchanged = { row, fromState: row.state, eventId: undefined }\n  if (row.kind === 'charge' && ['failed', 'cancelled', 'expired'].includes(row.state)) return { ...unchanged, outcome: 'ignored' }",
      },
    ],
  },
  {
    name: 'refund-without-id',
    says: 'a refund asked for twice is made twice',
    patches: [
      {
        file: `${payments}/request-refund.ts`,
        find: 'const reference = `${charge.reference}-R-${request.key}`',
        replace: 'const reference = `${charge.reference}-R-${request.key}-${stamp.ids.next()}`',
      },
    ],
  },
  {
    name: 'second-prompt-on-time-out',
    says: 'a push without an answer is pushed again',
    patches: [
      {
        file: `${checkout}/start-payment.ts`,
        find: 'return lostAnswer(context, transaction.id)\n',
        replace: 'return await provider.start(transaction)\n',
      },
    ],
  },
  {
    name: 'stock-checked-outside-the-lock',
    says: 'whether there is enough is looked at before the shelf is locked, and not again',
    patches: [{ file: `${catalog}/hold-stock.ts`, find: ' and s.on_hand - s.reserved >= w.quantity', replace: '' }],
    laws: [noStockLaw],
  },
  {
    name: 'hold-not-released',
    says: 'an order that expires keeps its goods',
    patches: [{ file: `${checkout}/expire-unpaid.ts`, find: /await releaseHolds\([^)]*\)/, replace: 'void releaseHolds' }],
  },
  {
    name: 'hold-released-twice',
    says: 'a hold that has ended is given back again',
    patches: [{ file: `${catalog}/lock-holds.ts`, find: "and h.state = 'held'", replace: "and h.state in ('held', 'released')" }],
    laws: [noStockLaw],
  },
  {
    name: 'bag-not-locked',
    says: 'one bag becomes two orders',
    patches: [
      { file: 'src/domain/cart/cart.queries.ts', find: '${lock ? sql`for update` : sql``}', replace: '' },
      { file: 'src/domain/cart/close-cart.ts', find: "update carts set status = 'ordered'", replace: "update carts set status = 'active'" },
    ],
    laws: ['drop index orders_cart_unique'],
  },
  {
    name: 'outbox-after-commit',
    says: 'a message is staged after the commit that decided it',
    patches: [
      {
        file: `${checkout}/settle-payment.ts`,
        find: "await enqueue(tx, stamp, {\n    topic: 'order.paid',",
        replace: "void context.payDb.transaction(async (later) => await enqueue(later, stamp, {\n    topic: 'order.paid',",
      },
      {
        file: `${checkout}/settle-payment.ts`,
        find: 'dedupeKey: `order.paid:${order.id}`,\n  })',
        replace: 'dedupeKey: `order.paid:${order.id}`,\n  })).catch(() => undefined)',
      },
    ],
  },
  {
    name: 'key-not-bound-to-buyer',
    says: 'a key of one shopper answers another',
    patches: [
      { file: 'src/platform/idempotency.ts', find: 'return { scope, key: header,', replace: "return { scope: 'checkout', key: header," },
    ],
  },
  {
    name: 'key-hash-ignored',
    says: 'a used key answers whatever is sent under it',
    patches: [
      {
        file: 'src/platform/idempotency.ts',
        find: 'if (row.requestHash !== request.requestHash)',
        replace: 'if (request.requestHash === undefined)',
      },
    ],
  },
  {
    name: 'surplus-not-refunded',
    says: 'money for an order that cannot be served is kept',
    patches: [
      {
        file: `${checkout}/settle-payment.ts`,
        find: /if \(why !== undefined\) \{\s+await giveBack\([^)]*\)/,
        replace: 'if (why !== undefined) {',
      },
    ],
  },
  {
    name: 'transition-skipped',
    says: 'an order that was cancelled becomes paid',
    patches: [
      {
        file: `${checkout}/settle-payment.ts`,
        find: /if \(order\.state !== 'awaiting_payment' && order\.state !== 'expired'\)/,
        replace: "if (order.state === 'paid')",
      },
      { file: 'src/domain/orders/move-order.ts', find: 'if (!orderStates.can(from, to))', replace: 'if (orderStates === undefined)' },
    ],
    laws: ['drop trigger orders_legal_move on orders'],
  },
  {
    name: 'total-from-client',
    says: 'the shopper names the total to be charged',
    patches: [
      {
        file: `${checkout}/place-order.ts`,
        find: '  checkExpectedTotal(quote, input.expectedTotal)\n',
        replace: '  void checkExpectedTotal\n',
      },
      {
        file: `${checkout}/place-order.ts`,
        find: /method: input\.payment\.method,\n    amountMinor: quote\.totals\.totalMinor,/,
        replace: 'method: input.payment.method,\n    amountMinor: BigInt(input.expectedTotal?.amountMinor ?? quote.totals.totalMinor),',
      },
    ],
  },
  {
    name: 'wrong-currency',
    says: 'a charge is opened in another currency than its order',
    patches: [{ file: `${payments}/open-transaction.ts`, find: "kind: 'charge',", replace: "kind: 'charge', currency: 'USD'," }],
  },
  {
    name: 'sweep-races-pay',
    says: 'the sweeper looks for an open payment before it holds the order',
    patches: [{ file: `${checkout}/expire-unpaid.ts`, find: ' for update of o skip locked', replace: '' }],
  },
  {
    name: 'reordered-message-dropped',
    says: 'the second message about a prompt is taken for a copy of the first',
    patches: [
      {
        file: `${payments}/providers/mpesa.provider.ts`,
        find: /dedupeKey: `stk:\$\{callback\.checkoutRequestId\}[^`]*`/,
        replace: 'dedupeKey: `stk:${callback.checkoutRequestId}`',
      },
    ],
  },
  {
    name: 'ambiguous-commit-retried',
    says: 'a commit without an answer is made again under a new key',
    patches: [
      {
        file: `${checkout}/place-order.ts`,
        find: 'if (!(error instanceof TakenMeanwhile)) throw error',
        replace:
          "if (!(error instanceof TakenMeanwhile)) {\n        if (!String((error as { code?: string }).code ?? ((error as Error).cause as { code?: string } | undefined)?.code).startsWith('CONNECTION')) throw error\n        return await placeOrder(context, actor, { ...request, key: `${request.key}-again` }, input)\n      }",
      },
    ],
  },
  {
    name: 'two-sweepers',
    says: 'two processes work the same rows of the outbox at once and both push',
    patches: [
      {
        file: 'src/platform/outbox.ts',
        find: 'and (locked_until is null or locked_until <= ${now.toISOString()}::timestamptz)',
        replace: '',
      },
      {
        file: `${checkout}/start-payment.ts`,
        find: "if (row.attemptedAt !== null || row.state !== 'created') return false",
        replace: "if (row.state !== 'created') return false\n    if (row.attemptedAt !== null) return true",
      },
    ],
  },
  {
    name: 'expiry-by-the-clock',
    says: 'an order expires by the clock although its payment may still come',
    patches: [
      { file: `${checkout}/expire-unpaid.ts`, find: /and not exists \(select 1 from transactions t where [^)]*\([^)]*\)\)/, replace: '' },
    ],
  },
  {
    name: 'partial-refunds-exceed',
    says: 'two partial refunds at once give back more than came',
    patches: [
      {
        file: `${payments}/apply-event.ts`,
        find: /sql`\$\{after\.refundedMinor[^`]*`/,
        replace: 'undefined',
      },
    ],
    laws: ['alter table transactions drop constraint transactions_counters'],
  },
]

/** The plant of a name. Throws Error for a name that is none. */
export function plantNamed(name: string): Plant {
  const plant = plants.find((each) => each.name === name)
  if (plant === undefined) throw new Error(`there is no planted bug named ${name}; there are ${plants.map((each) => each.name).join(', ')}`)
  return plant
}

/** A file's text with a plant's patches of it. Throws Error when a patch finds nothing: the shop has changed, and the plant has to follow. */
export function patched(plant: Plant, file: string, text: string): string {
  return plant.patches
    .filter((patch) => patch.file === file)
    .reduce((before, { find, replace }) => {
      const after = before.replace(find, replace)
      if (after === before) throw new Error(`the planted bug ${plant.name} no longer fits ${file}`)
      return after
    }, text)
}

/** Plants a bug in everything this process loads from now on. Before the shop's code is imported. */
export function sow(plant: Plant): void {
  const files = [...new Set(plant.patches.map(({ file }) => file))]
  plugin({
    name: `planted ${plant.name}`,
    setup(build) {
      for (const file of files) {
        const filter = new RegExp(`${join(root, file).replaceAll('.', '\\.')}$`)
        build.onLoad({ filter }, async ({ path }) => ({ contents: patched(plant, file, await Bun.file(path).text()), loader: 'ts' }))
      }
    },
  })
}
