import { dirname, join } from 'node:path'

/** Source files by path from the root (`src/lib/money.ts`), with their text. */
export type Sources = ReadonlyMap<string, string>

/** Which other domain modules a domain module or a workflow may call. Their tables may be read by anybody. */
export const mayCall: Readonly<Record<string, readonly string[]>> = {
  notifications: [],
  accounts: ['notifications'],
  orders: ['notifications', 'integrators'],
  payments: ['notifications'],
  delivery: ['notifications'],
  vendors: ['accounts', 'notifications'],
  catalog: ['vendors', 'notifications'],
  promotions: [],
  returns: ['orders'],
  reviews: ['catalog', 'notifications'],
  wishlist: ['catalog'],
  cart: ['catalog', 'promotions'],
  invoicing: ['orders', 'vendors'],
  payouts: ['payments', 'notifications'],
  integrators: ['vendors', 'notifications'],
  'workflows/checkout': ['cart', 'catalog', 'orders', 'payments', 'delivery', 'invoicing', 'notifications', 'promotions', 'integrators'],
  'workflows/returns': ['returns', 'orders', 'catalog', 'payments', 'notifications'],
  'workflows/messages': ['orders', 'payments', 'delivery', 'returns', 'notifications'],
  'workflows/dispatch': ['orders', 'catalog', 'delivery', 'notifications'],
  'workflows/privacy': ['accounts', 'cart', 'catalog', 'orders', 'payments', 'delivery', 'vendors', 'reviews', 'wishlist', 'notifications'],
  'workflows/assistant': ['catalog', 'cart', 'orders', 'delivery', 'payments', 'payouts', 'vendors'],
}

/** Columns that one function alone may write. */
const stateWriters: Readonly<Record<string, string>> = {
  orders: 'src/domain/orders/move-order.ts',
  transactions: 'src/domain/payments/apply-event.ts',
  deliveries: 'src/domain/delivery/move-delivery.ts',
  returns: 'src/domain/returns/move-return.ts',
}

type Layer = 'lib' | 'platform' | 'domain' | 'workflows' | 'web' | 'entry'
const floor: Readonly<Record<Layer, number>> = { lib: 0, platform: 1, domain: 2, workflows: 3, web: 4, entry: 5 }

const layerOf = (path: string): Layer => (/^src\/(lib|platform|domain|workflows|web)\//.exec(path)?.[1] as Layer | undefined) ?? 'entry'
const moduleOf = (path: string): string =>
  /^src\/(?:domain\/([^/]+)|(workflows\/[^/]+))\//.exec(path)?.slice(1).find(Boolean) ?? layerOf(path)
const isDoor = (path: string): boolean => /\.(routes|socket|jobs)\.tsx?$/.test(path)
const isTable = (path: string): boolean => path.endsWith('.table.ts')
const baseName = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.tsx?$/, '')

/** Files a file imports when it runs (type-only imports are left out), as paths from the root; packages by their name. */
function importsOf(path: string, text: string): { files: string[]; packages: string[] } {
  const specifiers = new Bun.Transpiler({ loader: path.endsWith('x') ? 'tsx' : 'ts' }).scanImports(text).map((found) => found.path)
  return {
    files: specifiers.filter((specifier) => specifier.startsWith('.')).map((specifier) => join(dirname(path), specifier)),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')),
  }
}

/** Imports of every source file. */
export function importGraph(sources: Sources): Map<string, { files: string[]; packages: string[] }> {
  return new Map([...sources].map(([path, text]) => [path, importsOf(path, text)]))
}

/** Upward imports, imports that the table does not list, doors and pages imported from below. */
export function badImports(sources: Sources): string[] {
  return [...importGraph(sources)].flatMap(([from, { files }]) =>
    files
      .filter((to) => sources.has(to))
      .flatMap((to) => {
        const why = whyNot(from, to)
        return why === undefined ? [] : [`${from} imports ${to}: ${why}`]
      }),
  )
}

function whyNot(from: string, to: string): string | undefined {
  const [below, above] = [layerOf(to), layerOf(from)]
  if (isTable(from))
    return isTable(to) || to === 'src/platform/columns.ts' ? undefined : 'a table file imports only drizzle, columns and other tables'
  if (above === 'entry') return undefined
  if (isDoor(to) && !(above === 'web' && below === 'web' && isDoor(from))) return 'a door is opened by app.ts and work.ts only'
  if (below === 'web' && above !== 'web') return 'nothing below imports pages'
  if (isDoor(from)) return below === 'entry' ? 'a door imports nothing of the entry' : undefined
  if (floor[below] > floor[above]) return `${above} may not import ${below}`
  if (
    above === 'domain' &&
    below === 'domain' &&
    moduleOf(from) !== moduleOf(to) &&
    !isTable(to) &&
    !mayCall[moduleOf(from)]?.includes(moduleOf(to))
  ) {
    return `${moduleOf(from)} may not call ${moduleOf(to)}`
  }
  if (above === 'workflows' && below === 'workflows' && moduleOf(from) !== moduleOf(to)) return 'a workflow does not call another'
  if (above === 'workflows' && below === 'domain' && !isTable(to) && !mayCall[moduleOf(from)]?.includes(moduleOf(to)))
    return `${moduleOf(from)} may not call ${moduleOf(to)}`
  return undefined
}

/** What lib and tables may take from outside: lib computes, so it takes only hashing; tables take only drizzle. */
export function badPackages(sources: Sources): string[] {
  return [...importGraph(sources)].flatMap(([from, { packages }]) =>
    packages
      .filter((name) => (layerOf(from) === 'lib' && name !== 'node:crypto') || (isTable(from) && !name.startsWith('drizzle-orm')))
      .map(
        (name) =>
          `${from} imports ${name}: ${isTable(from) ? 'a table file imports only drizzle, columns and other tables' : 'lib is pure'}`,
      ),
  )
}

/** Circles of imports, each told once. */
export function cycles(sources: Sources): string[] {
  const graph = importGraph(sources)
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      found.push([...trail.slice(at), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path)?.files ?? []) if (sources.has(next)) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of sources.keys()) visit(path, [])
  return found
}

interface Table {
  readonly identifier: string
  readonly name: string
  readonly owner: string
}

/** Every table with the module that owns it. */
export function tablesOf(sources: Sources): Table[] {
  return [...sources]
    .filter(([path]) => isTable(path))
    .flatMap(([path, text]) =>
      [...text.matchAll(/export const (\w+) = pgTable\(\s*'(\w+)'/g)].map(([, identifier = '', name = '']) => ({
        identifier,
        name,
        owner: moduleOf(path),
      })),
    )
}

/**
 * Writes to a table from outside the module that owns it. The demo loader writes everything, into an empty shop only, and the import
 * writes history that no step of the shop could make; states of what is here already are moved by their steps all the same.
 */
export function foreignWrites(sources: Sources): string[] {
  const tables = tablesOf(sources)
  return [...sources]
    .filter(([path]) => !/^src\/cli\/(?:seed|import)\//.test(path))
    .flatMap(([path, text]) => {
      const code = withoutComments(text)
      return tables
        .filter(({ owner }) => owner !== moduleOf(path))
        .filter(
          ({ identifier, name }) =>
            new RegExp(`\\.(?:insert|update|delete)\\(\\s*${identifier}\\s*\\)`).test(code) || rawWrite(name).test(code),
        )
        .map(({ name, owner }) => `${path} writes ${name}, which belongs to ${owner}`)
    })
}

/** States written by anything but the one function that may. */
export function foreignStateWrites(sources: Sources): string[] {
  const tables = tablesOf(sources).filter(({ name }) => name in stateWriters)
  return [...sources].flatMap(([path, text]) => {
    const code = withoutComments(text)
    return tables
      .filter(({ name }) => stateWriters[name] !== path)
      .filter(
        ({ identifier, name }) =>
          new RegExp(`\\.update\\(\\s*${identifier}\\s*\\)\\s*\\.set\\(\\{[^}]*\\bstate\\b`).test(code) ||
          new RegExp(`\\bupdate\\s+"?${name}"?(?:\\s+\\w+)?\\s+set\\s+(?:[^;\`]*,\\s*)?state\\s*=`, 'i').test(code),
      )
      .map(({ name }) => `${path} writes the state of ${name}, which only ${stateWriters[name]} may`)
  })
}

const rawWrite = (name: string): RegExp =>
  new RegExp(`\\b(?:insert\\s+into|delete\\s+from|update)\\s+(?:only\\s+)?"?${name}"?(?=[\\s(;\`]|$)`, 'i')

/** Code without block comments and line comments; text inside quotes is kept, which is what SQL stands in. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{(,])\/\/[^\n]*/g, '$1')
}

/** SQL or tables in a route: a route parses, names who may enter, calls one function, shapes the answer. */
export function thinkingRoutes(sources: Sources): string[] {
  return [...importGraph(sources)]
    .filter(([path]) => /\.routes\.tsx?$/.test(path))
    .flatMap(([path, { files, packages }]) => [
      ...files.filter(isTable).map((to) => `${path} imports ${to}: no SQL in a route`),
      ...packages.filter((name) => name.startsWith('drizzle-orm')).map((name) => `${path} imports ${name}: no SQL in a route`),
    ])
}

/** Values pasted into SQL text: `sql.raw` and `unsafe` take whole statements of ours, never a template with something in it. */
export function pastedSql(sources: Sources): string[] {
  return [...sources]
    .filter(([, text]) => /\b(?:raw|unsafe)\(\s*`[^`]*\$\{|\b(?:raw|unsafe)\([^()`]*['"]\s*\+/.test(withoutComments(text)))
    .map(([path]) => `${path} pastes a value into raw SQL`)
}

const vague = /^(index|utils?|services?|helpers?|common|misc|shared|types)$/

/** Base names that occur twice, names that say nothing, and names that are not kebab-case. */
export function badNames(sources: Sources): string[] {
  const seen = new Map<string, string>()
  return [...sources.keys()].flatMap((path) => {
    const base = baseName(path)
    const twin = seen.get(base)
    seen.set(base, path)
    return [
      ...(twin === undefined ? [] : [`${path} has the same name as ${twin}`]),
      ...(path.split('/').some((part) => vague.test(part.replace(/\.tsx?$/, ''))) ? [`${path} has a name that says nothing`] : []),
      ...(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(base) ? [] : [`${path} is not in kebab-case`]),
    ]
  })
}

/** In domain and workflows, a file named by a verb exports the function of that name; anything else is a noun with its kind. */
export function misnamedVerbs(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => ['domain', 'workflows'].includes(layerOf(path)) && !baseName(path).includes('.'))
    .flatMap(([path, text]) => {
      const verb = baseName(path).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
      const exportsIt = new RegExp(`export (?:async )?(?:function\\*? ${verb}\\b|const ${verb}\\b)`).test(text)
      return exportsIt ? [] : [`${path} exports no function ${verb}; name it by its verb or by its noun and kind`]
    })
}

/** Files that read the environment although only the configuration may. */
export function strayEnvironment(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => path !== 'src/platform/config.ts')
    .filter(([, text]) => /(?<!['"`])\b(?:process|Bun|import\.meta)\.env\b/.test(withoutComments(text)))
    .map(([path]) => `${path} reads the environment; only src/platform/config.ts may`)
}

/** Variables that are read but not described, and the reverse. */
export function environmentDifferences(read: Iterable<string>, example: string): string[] {
  const described = new Set([...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name))
  const wanted = new Set(read)
  return [
    ...[...wanted]
      .filter((name) => !described.has(name))
      .map((name) => `${name} is read by src/platform/config.ts and not described in .env.example`),
    ...[...described]
      .filter((name) => !wanted.has(name))
      .map((name) => `${name} is described in .env.example and not read by src/platform/config.ts`),
  ]
}

/** Variables of the example without a comment above them. */
export function undescribedVariables(example: string): string[] {
  const lines = example.split('\n')
  return lines.flatMap((line, at) => {
    const [, name] = /^([A-Z][A-Z0-9_]+)=/.exec(line) ?? []
    if (name === undefined) return []
    return /^(# |[A-Z][A-Z0-9_]+=)/.test(lines[at - 1] ?? '') ? [] : [`${name} has no comment in .env.example`]
  })
}

/** One allowed move. */
export interface Move {
  readonly machine: string
  readonly from: string
  readonly to: string
}

/** Moves the database allows and the code does not, and the reverse. */
export function moveDifferences(inDatabase: readonly Move[], inCode: readonly Move[]): string[] {
  const key = ({ machine, from, to }: Move): string => `${machine}: ${from} to ${to}`
  const [database, code] = [new Set(inDatabase.map(key)), new Set(inCode.map(key))]
  return [
    ...[...code].filter((move) => !database.has(move)).map((move) => `${move} is allowed in code and not in the migrations`),
    ...[...database].filter((move) => !code.has(move)).map((move) => `${move} is allowed in the migrations and not in code`),
  ]
}

/** Paths of the repository that a page quotes, in back-ticks or as links, and that do not exist. */
export function missingPaths(page: string, text: string, exists: (path: string) => boolean): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, path = '']) => path)
    .filter(
      (path) => /^(src|tests|drizzle|public|docs|deploy|\.ci|patches)\//.test(path) || /^[\w.-]+\.(md|ts|json|toml|yaml|sql)$/.test(path),
    )
  const linked = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(([, path = '']) => join(dirname(page), path))
  return [...new Set([...quoted, ...linked])]
    .filter((path) => !/[*<{…]|\.\.\./.test(path) && !exists(path.replace(/\/$/, '')))
    .map((path) => `${page} names ${path}, which does not exist`)
}
