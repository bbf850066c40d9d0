import { type Actor, isStaff, type PersonActor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'
import { Refusal } from '../../lib/refusal.ts'
import { minutes } from '../../lib/time.ts'
import { type Policy, policies } from './policy.table.ts'

/** A route as the framework knows it. */
export interface KnownRoute {
  readonly method: string
  readonly path: string
  readonly hooks: unknown
}

/** Routes whose policy is missing or says something else than the route. `problems` holds one line for each. */
export class PolicyError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(
      `The policy table (src/platform/http/policy.table.ts) does not fit the routes:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    )
    this.name = 'PolicyError'
    this.problems = problems
  }
}

interface Detail {
  readonly operationId?: string
  readonly 'x-audience'?: string
  /** The operation a page's form stands for. */
  readonly 'x-operation'?: string
}

/** Addresses that programs call. Pages name their audience themselves and call the same functions. */
const isPublished = (path: string): boolean => /^\/(api|ws|webhooks|healthz|readyz|metrics)(\/|$)/.test(path)

/**
 * The policy of each route by method and path. Default deny: throws `PolicyError` for a published route that has no line in the table,
 * and for one whose guard (`as`) lets in others than the line says.
 */
export function compilePolicies(routes: readonly KnownRoute[]): ReadonlyMap<string, Policy> {
  const compiled = new Map<string, Policy>()
  const wrong: string[] = []
  const idOf = new Map(routes.map(({ method, path, hooks }) => [`${method} ${path}`, detailOf(hooks).operationId]))
  for (const { method, path, hooks } of routes) {
    const name = `${method} ${path}`
    if (!isPublished(path)) {
      wrong.push(...pageProblems(name, path, detailOf(hooks)))
      const twin = policies[detailOf(hooks)['x-operation'] ?? '']
      if (twin !== undefined) compiled.set(name, twin)
      continue
    }
    // The same address with a trailing slash is the same operation.
    const operationId = detailOf(hooks).operationId ?? idOf.get(name.replace(/\/$/, ''))
    const policy = operationId === undefined ? undefined : policies[operationId]
    if (operationId === undefined) wrong.push(`${name} has no operationId, so nothing says who may use it`)
    else if (policy === undefined)
      wrong.push(
        `${name} is not in the table; add a line: ${operationId}: allow('${detailOf(hooks)['x-audience'] ?? 'public'}', '${method === 'GET' ? 'read' : 'change'}', '<resource>'),`,
      )
    else {
      const guard = detailOf(hooks)['x-audience']
      const expected = policy.who === 'public' || policy.who === 'secret' ? undefined : policy.who
      if (guard !== expected)
        wrong.push(`${name} lets in ${guard ?? 'everybody unasked'} by its \`as\`, and the table says ${policy.who} for ${operationId}`)
      compiled.set(name, policy)
    }
  }
  if (wrong.length > 0) throw new PolicyError(wrong)
  return compiled
}

/** What is wrong with a page: one of the staff that lets in others, one that stands for an operation nobody knows. */
function pageProblems(name: string, path: string, detail: Detail): string[] {
  const guard = detail['x-audience']
  const operation = detail['x-operation']
  const policy = operation === undefined ? undefined : policies[operation]
  return [
    ...(/^\/(sw\/)?admin(\/|$)/.test(path) && !['staff', 'finance', 'admin'].includes(guard ?? '')
      ? [`${name} is a page of the staff and lets in ${guard ?? 'everybody'}; give it \`as: 'staff'\``]
      : []),
    ...(operation !== undefined && policy === undefined ? [`${name} stands for ${operation}, which is not in the table`] : []),
    ...(policy !== undefined && policy.who !== guard
      ? [`${name} lets in ${guard ?? 'everybody'}, and the table says ${policy.who} for ${operation ?? ''}`]
      : []),
  ]
}

/**
 * Asks the table for the rest of a route's policy, after its audience: the scope of a key, and how fresh the proof of a person is.
 * Refuses with `scope_missing`, `not_allowed`, `step_up_required`.
 */
export function createAuthorize(
  compiled: ReadonlyMap<string, Policy>,
  options: { clock: Clock; stepUpMinutes: number },
): (actor: Actor, method: string, route: string) => void {
  return (actor, method, route) => {
    if (actor.kind !== 'person') return
    const policy = compiled.get(`${method === 'HEAD' ? 'GET' : method} ${route}`)
    if (actor.apiKey !== undefined) {
      // Pages are for people.
      if (policy?.scope === undefined || !actor.apiKey.scopes.includes(policy.scope)) throw new Refusal('scope_missing')
    }
    if (policy?.only !== undefined && !policy.only.some((kind) => belongs(actor, kind))) throw new Refusal('not_allowed')
    if (policy?.stepUp !== true) return
    const ageMs = options.clock.now().getTime() - (actor.provenAt?.getTime() ?? 0)
    if (ageMs > minutes(options.stepUpMinutes)) throw new Refusal('step_up_required')
  }
}

/** `manager` is whoever runs a shop: its owner or a manager, and for the whole shop an admin. */
function belongs(actor: PersonActor, kind: 'driver' | 'staff' | 'manager'): boolean {
  if (kind === 'driver') return actor.roles.includes('driver')
  if (kind === 'staff') return isStaff(actor)
  return actor.roles.includes('admin') || actor.vendors.some(({ role }) => role !== 'staff')
}

const detailOf = (hooks: unknown): Detail => (hooks as { detail?: Detail } | undefined)?.detail ?? {}
