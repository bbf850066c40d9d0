import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deliveryStates } from '../src/domain/delivery/delivery.states.ts'
import { returnStates } from '../src/domain/returns/return.states.ts'
import { productStates } from '../src/domain/catalog/product.states.ts'
import { orderStates } from '../src/domain/orders/order.states.ts'
import { chargeStates, disputeStates, payoutStates, refundStates } from '../src/domain/payments/transaction.states.ts'
import { etimsStates } from '../src/domain/invoicing/etims.states.ts'
import { payoutBatchStates } from '../src/domain/payouts/payout-batch.states.ts'
import { applicationStates } from '../src/domain/vendors/applications/application.states.ts'
import type { States } from '../src/lib/states.ts'
import { ConfigError, readConfig } from '../src/platform/config.ts'
import {
  badImports,
  badNames,
  badPackages,
  cycles,
  environmentDifferences,
  foreignStateWrites,
  foreignWrites,
  misnamedVerbs,
  missingPaths,
  type Move,
  moveDifferences,
  pastedSql,
  type Sources,
  strayEnvironment,
  tablesOf,
  thinkingRoutes,
  undescribedVariables,
} from './support/architecture.rules.ts'
import { type FreshDatabase, freshDatabase } from './support/database.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const scan = (pattern: string): string[] =>
  [...new Bun.Glob(pattern).scanSync({ cwd: root, dot: true })].filter((path) => !path.includes('node_modules/')).sort()
const sources: Sources = new Map(scan('src/**/*.{ts,tsx}').map((path) => [path, read(path)]))

describe('the architecture', () => {
  test('no file imports what its floor, its module or its kind forbids', () => expect(badImports(sources)).toEqual([]))
  test('lib is pure, and tables know only drizzle', () => expect(badPackages(sources)).toEqual([]))
  test('no imports go in a circle', () => expect(cycles(sources)).toEqual([]))
  test('a table is written by the module that owns it', () => {
    expect(tablesOf(sources).length).toBeGreaterThan(20)
    expect(foreignWrites(sources)).toEqual([])
  })
  test('a state is written by one function', () => expect(foreignStateWrites(sources)).toEqual([]))
  test('a route holds no SQL', () => expect(thinkingRoutes(sources)).toEqual([]))
  test('no value is pasted into SQL', () => expect(pastedSql(sources)).toEqual([]))
  test('names are unique and say something', () => expect(badNames(sources)).toEqual([]))
  test('a file named by a verb exports it', () => expect(misnamedVerbs(sources)).toEqual([]))
  test('only the configuration reads the environment', () => expect(strayEnvironment(sources)).toEqual([]))

  test('every variable is described, every description is of a variable', () => {
    const example = read('.env.example')
    expect(environmentDifferences(variablesRead(), example)).toEqual([])
    expect(undescribedVariables(example)).toEqual([])
  })

  test('pages quote only paths that exist', () => {
    const pages = ['README.md', 'CHANGELOG.md', ...scan('{src,drizzle,deploy,docs}/**/*.md')].filter((page) => existsSync(join(root, page)))
    const exists = (path: string): boolean => existsSync(join(root, path))
    expect(pages.flatMap((page) => missingPaths(page, read(page), (path) => exists(path) || exists(join(page, '..', path))))).toEqual([])
  })

  test('the longest files, for whoever wonders where a second noun hides', () => {
    const lengths = [...sources].map(([path, text]) => ({ path, lines: text.split('\n').length })).sort((a, b) => b.lines - a.lines)
    process.stdout.write(
      `${lengths
        .slice(0, 10)
        .map(({ path, lines }) => `  ${String(lines).padStart(5)} ${path}`)
        .join('\n')}\n`,
    )
  })
})

describe('the state tables', () => {
  let database: FreshDatabase | undefined
  afterAll(() => database?.drop())

  test('are the same in the migrations and in code', async () => {
    database = await freshDatabase()
    const inDatabase = await database.sql<Move[]>`select machine, from_state as "from", to_state as "to" from state_transitions`
    const machines: Record<string, States<string>> = {
      order: orderStates,
      charge: chargeStates,
      refund: refundStates,
      dispute: disputeStates,
      payout: payoutStates,
      delivery: deliveryStates,
      return: returnStates,
      payout_batch: payoutBatchStates,
      etims: etimsStates,
      vendor_application: applicationStates,
      product: productStates,
    }
    const inCode = Object.entries(machines).flatMap(([machine, { moves }]) =>
      Object.entries(moves).flatMap(([from, all]) => all.map((to) => ({ machine, from, to }))),
    )
    expect(moveDifferences(inDatabase, inCode)).toEqual([])
  })
})

/** The names the configuration asks for, whatever mode it finds itself in. */
function variablesRead(): Set<string> {
  const names = new Set<string>()
  for (const mode of ['development', 'production']) {
    const environment = new Proxy<Record<string, string>>(
      {},
      {
        get(_, name) {
          names.add(String(name))
          return name === 'NODE_ENV' ? mode : undefined
        },
      },
    )
    try {
      readConfig(environment)
    } catch (error) {
      // An empty production is refused, after every variable was asked for.
      if (!(error instanceof ConfigError)) throw error
    }
  }
  return names
}

describe('each rule finds a planted violation, and leaves its lawful twin alone', () => {
  const plant = (files: Record<string, string>): Sources => new Map(Object.entries(files))
  const table = (identifier: string, name: string): string => `export const ${identifier} = pgTable('${name}', {})`

  const cases: [what: string, rule: (sources: Sources) => string[], bad: Record<string, string>, good: Record<string, string>][] = [
    [
      'an upward import',
      badImports,
      { 'src/lib/a.ts': `import { b } from '../platform/b.ts'\nb()`, 'src/platform/b.ts': '' },
      { 'src/platform/b.ts': `import { a } from '../lib/a.ts'\na()`, 'src/lib/a.ts': '' },
    ],
    [
      'a dynamic upward import',
      badImports,
      { 'src/platform/a.ts': `await import('../domain/cart/b.ts')`, 'src/domain/cart/b.ts': '' },
      { 'src/platform/a.ts': `import type { B } from '../domain/cart/b.ts'\nexport type A = B`, 'src/domain/cart/b.ts': '' },
    ],
    [
      'an unlisted call between modules',
      badImports,
      { 'src/domain/orders/a.ts': `import { b } from '../payments/b.ts'\nb()`, 'src/domain/payments/b.ts': '' },
      { 'src/domain/cart/a.ts': `import { b } from '../catalog/b.ts'\nb()`, 'src/domain/catalog/b.ts': '' },
    ],
    [
      'a module the table does not know',
      badImports,
      { 'src/domain/gifts/a.ts': `import { b } from '../cart/b.ts'\nb()`, 'src/domain/cart/b.ts': '' },
      { 'src/domain/gifts/a.ts': `import { b } from '../cart/b.table.ts'\nb()`, 'src/domain/cart/b.table.ts': '' },
    ],
    [
      'a workflow that reaches too far',
      badImports,
      { 'src/workflows/dispatch/a.ts': `import { b } from '../../domain/payments/b.ts'\nb()`, 'src/domain/payments/b.ts': '' },
      { 'src/workflows/checkout/a.ts': `import { b } from '../../domain/payments/b.ts'\nb()`, 'src/domain/payments/b.ts': '' },
    ],
    [
      'a workflow that calls a workflow',
      badImports,
      { 'src/workflows/dispatch/a.ts': `import { b } from '../checkout/b.ts'\nb()`, 'src/workflows/checkout/b.ts': '' },
      { 'src/workflows/dispatch/a.ts': `import { b } from './b.ts'\nb()`, 'src/workflows/dispatch/b.ts': '' },
    ],
    [
      'a door opened by another file',
      badImports,
      { 'src/domain/cart/a.ts': `import { b } from './cart.routes.ts'\nb()`, 'src/domain/cart/cart.routes.ts': '' },
      { 'src/app.ts': `import { b } from './domain/cart/cart.routes.ts'\nb()`, 'src/domain/cart/cart.routes.ts': '' },
    ],
    [
      'a page imported from below',
      badImports,
      { 'src/domain/cart/cart.routes.ts': `import { b } from '../../web/b.tsx'\nb()`, 'src/web/b.tsx': '' },
      { 'src/web/web.routes.ts': `import { b } from './b.tsx'\nb()`, 'src/web/b.tsx': '' },
    ],
    [
      'a door that imports the entry',
      badImports,
      { 'src/domain/cart/cart.routes.ts': `import { b } from '../../context.ts'\nb()`, 'src/context.ts': '' },
      { 'src/domain/cart/cart.routes.ts': `import { b } from '../delivery/b.ts'\nb()`, 'src/domain/delivery/b.ts': '' },
    ],
    [
      'a table that imports code',
      badImports,
      { 'src/domain/cart/cart.table.ts': `import { b } from '../../lib/b.ts'\nb()`, 'src/lib/b.ts': '' },
      { 'src/domain/cart/cart.table.ts': `import { b } from '../../platform/columns.ts'\nb()`, 'src/platform/columns.ts': '' },
    ],
    [
      'lib that reads files',
      badPackages,
      { 'src/lib/a.ts': `import { readFileSync } from 'node:fs'\nreadFileSync('')` },
      { 'src/lib/a.ts': `import { createHash } from 'node:crypto'\ncreateHash('')` },
    ],
    [
      'a table that imports a package',
      badPackages,
      { 'src/domain/cart/cart.table.ts': `import { t } from 'elysia'\nt()` },
      { 'src/domain/cart/cart.table.ts': `import { sql } from 'drizzle-orm'\nsql()` },
    ],
    [
      'a circle',
      cycles,
      {
        'src/lib/a.ts': `import { b } from './b.ts'\nb()`,
        'src/lib/b.ts': `import { c } from './c.ts'\nc()`,
        'src/lib/c.ts': `import { a } from './a.ts'\na()`,
      },
      { 'src/lib/a.ts': `import { b } from './b.ts'\nb()`, 'src/lib/b.ts': `import type { A } from './a.ts'\nexport type B = A` },
    ],
    [
      'a second writer by query builder',
      foreignWrites,
      { 'src/domain/cart/cart.table.ts': table('carts', 'carts'), 'src/domain/orders/a.ts': 'await tx.insert( carts ).values({})' },
      {
        'src/domain/cart/cart.table.ts': table('carts', 'carts'),
        'src/domain/orders/a.ts': 'await tx.select().from(carts)',
        'src/domain/cart/b.ts': 'await tx.delete(carts)',
      },
    ],
    [
      'a second writer by SQL',
      foreignWrites,
      {
        'src/domain/cart/cart.table.ts': table('cartLines', 'cart_lines'),
        'src/platform/a.ts': 'sql`with x as (select 1) UPDATE  cart_lines set quantity = 1`',
      },
      {
        'src/domain/cart/cart.table.ts': table('cartLines', 'cart_lines'),
        'src/platform/a.ts': '// never update cart_lines here\nsql`select 1 from cart_lines for update of cart_lines_2`',
      },
    ],
    [
      'a second deleter by SQL',
      foreignWrites,
      { 'src/platform/audit.table.ts': table('auditLog', 'audit_log'), 'src/cli/a.ts': 'sql`delete from audit_log`' },
      { 'src/platform/audit.table.ts': table('auditLog', 'audit_log'), 'src/platform/a.ts': 'sql`insert into audit_log values (1)`' },
    ],
    [
      'a second writer of a state',
      foreignStateWrites,
      {
        'src/domain/orders/order.table.ts': table('orders', 'orders'),
        'src/domain/orders/a.ts': `tx.update(orders).set({ paidAt: now, state: 'paid' })`,
      },
      {
        'src/domain/orders/order.table.ts': table('orders', 'orders'),
        'src/domain/orders/a.ts': 'tx.update(orders).set({ expiresAt: now }).where(eq(orders.state, 1))',
        'src/domain/orders/move-order.ts': 'tx.update(orders).set({ state })',
      },
    ],
    [
      'a second writer of a state by SQL',
      foreignStateWrites,
      {
        'src/domain/orders/order.table.ts': table('orders', 'orders'),
        'src/domain/orders/a.ts': "sql`update orders o set paid_at = now(), state = 'paid'`",
      },
      {
        'src/domain/orders/order.table.ts': table('orders', 'orders'),
        'src/domain/orders/a.ts': "sql`update orders set expires_at = now() where state = 'paid'`",
      },
    ],
    [
      'SQL in a route',
      thinkingRoutes,
      { 'src/domain/cart/cart.routes.ts': `import { sql } from 'drizzle-orm'\nsql()` },
      { 'src/domain/cart/cart.routes.ts': `import { view } from './cart.view.ts'\nview()` },
    ],
    [
      'a value in raw SQL',
      pastedSql,
      { 'src/platform/a.ts': 'sql.raw(`select * from ${table}`)' },
      { 'src/platform/a.ts': 'sql.raw(query)\nsql`select ${id}`\nsql.unsafe(text, [id])' },
    ],
    [
      'a value in an unsafe statement',
      pastedSql,
      { 'src/platform/a.ts': `sql.unsafe('drop table ' + name)` },
      { 'src/platform/a.ts': `sql.unsafe('select 1')` },
    ],
    [
      'two files of one name',
      badNames,
      { 'src/lib/money.ts': '', 'src/domain/cart/money.ts': '' },
      { 'src/lib/money.ts': '', 'src/domain/cart/cart.money.ts': '' },
    ],
    ['a name that says nothing', badNames, { 'src/domain/cart/index.ts': '' }, { 'src/domain/cart/open-cart.ts': '' }],
    ['a folder that says nothing', badNames, { 'src/domain/helpers/open-cart.ts': '' }, { 'src/domain/cart/open-cart.ts': '' }],
    ['a name in another case', badNames, { 'src/domain/cart/openCart.ts': '' }, { 'src/domain/cart/cart.queries.ts': '' }],
    [
      'a verb file without its verb',
      misnamedVerbs,
      { 'src/domain/cart/open-cart.ts': 'export const cartOpen = 1' },
      {
        'src/domain/cart/open-cart.ts': 'export async function openCart() {}',
        'src/domain/cart/cart.totals.ts': 'export const anything = 1',
      },
    ],
    [
      'a stray read of the environment',
      strayEnvironment,
      { 'src/platform/log.ts': `const level = process.env['LOG_LEVEL']` },
      {
        'src/platform/config.ts': `process.env['LOG_LEVEL']`,
        'src/web/a.ts': `// process.env is for the configuration\ndefine({ 'process.env.NODE_ENV': '"production"' })`,
      },
    ],
    [
      'a stray read by Bun',
      strayEnvironment,
      { 'src/platform/log.ts': 'const level = Bun.env.LOG_LEVEL' },
      { 'src/platform/log.ts': 'const level = config.logLevel' },
    ],
  ]

  test.each(cases)('%s', (_, rule, bad, good) => {
    expect(rule(plant(bad))).not.toEqual([])
    expect(rule(plant(good))).toEqual([])
  })

  test('a variable that is not described, one that is not read, one without a comment', () => {
    expect(environmentDifferences(['PORT', 'SEED'], '# The port.\nPORT=\n# Gone.\nOLD=\n')).toEqual([
      'SEED is read by src/platform/config.ts and not described in .env.example',
      'OLD is described in .env.example and not read by src/platform/config.ts',
    ])
    expect(environmentDifferences(['PORT'], '# The port.\nPORT=3000\n')).toEqual([])
    expect(undescribedVariables('PORT=3000\n')).toEqual(['PORT has no comment in .env.example'])
  })

  test('a move that is allowed on one side only', () => {
    const [one, two] = [
      { machine: 'order', from: 'paid', to: 'packed' },
      { machine: 'order', from: 'paid', to: 'cancelled' },
    ]
    expect(moveDifferences([one], [two])).toHaveLength(2)
    expect(moveDifferences([one], [one])).toEqual([])
  })

  test('a quoted path that does not exist', () => {
    const exists = (path: string): boolean => path === 'src/app.ts' || path === 'docs/pictures/home.png'
    expect(missingPaths('README.md', 'See `src/gone.ts` and [that](docs/gone.md).', exists)).toHaveLength(2)
    expect(
      missingPaths('README.md', 'See `src/app.ts`, `bun start`, ![home](docs/pictures/home.png), [site](https://bun.com).', exists),
    ).toEqual([])
  })
})
