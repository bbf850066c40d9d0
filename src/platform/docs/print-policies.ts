import { type RefusalCode, refusals } from '../../lib/refusal.ts'
import { type Policy, policies } from '../http/policy.table.ts'
import type { Json, OpenapiDocument, Operation } from './normalise-openapi.ts'

const audiences: Readonly<Record<Policy['who'], string>> = {
  public: 'Everybody.',
  secret: 'Whoever brings the right signature or token.',
  anyone: 'Everybody; what is somebody’s own is theirs alone.',
  person: 'Everybody who is signed in.',
  driver: 'Drivers.',
  vendor: 'Members of a vendor, and staff.',
  staff: 'Staff.',
  finance: 'Staff for finance, and admins.',
  admin: 'Admins.',
}

const groups: Readonly<Record<string, string>> = { driver: 'drivers', staff: 'staff', manager: 'owners and managers, and admins' }

const relations: Readonly<Record<string, string>> = {
  owner: 'its owner',
  link: 'the holder of its link',
  driver: 'its driver',
  vendor: 'the vendor of the goods by scope',
  staff: 'staff',
}

/**
 * Prints the policy table into the document: who may do each operation, with which key, and the answers the door itself gives before
 * the operation is reached. A pure rewrite.
 */
export function printPolicies(document: OpenapiDocument): OpenapiDocument {
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, withPolicy(operation)])),
    ]),
  )
  return { ...document, paths }
}

function withPolicy(operation: Operation): Operation {
  const policy = policies[operation.operationId]
  if (policy === undefined) return operation
  const rows =
    policy.rows === undefined ? '' : ` One row: ${policy.rows.map((each) => relations[each]).join(', ')}; to others it is not there.`
  const fresh = policy.stepUp === true ? ' Needs a password or code given in the last minutes (`POST /api/v1/auth/step-up`).' : ''
  const key = policy.scope === undefined ? '' : ` API keys need the scope \`${policy.scope}\`.`
  const only = policy.only === undefined ? '' : ` Of these: ${policy.only.map((each) => groups[each]).join(', ')}.`
  const about = `**Who:** ${audiences[policy.who]}${only}${rows}${fresh}${key}`
  const description = operation['description']
  return {
    ...operation,
    description: typeof description === 'string' ? `${description}\n\n${about}` : about,
    ...(policy.scope === undefined || !Array.isArray(operation.security) || operation.security.length === 0
      ? {}
      : { security: [...operation.security, { apiKey: [policy.scope] }] }),
    responses: withDoorAnswers(operation, policy),
    'x-policy': policy,
  } as Operation
}

/** What any route may answer before its own code runs: the front door, throttles, the guard, the gate. */
function withDoorAnswers(operation: Operation, policy: Policy): Record<string, Json> {
  const isGuarded = policy.who !== 'public' && policy.who !== 'secret'
  const codes: RefusalCode[] = [
    'malformed_request',
    'malformed_text',
    'wrong_host',
    'cross_site',
    'too_many_requests',
    'headers_too_large',
    'internal',
    'overloaded',
    'unavailable',
    'not_found',
    ...(operation.requestBody === undefined && !('x-websocket' in operation)
      ? []
      : (['body_too_large', 'unsupported_media_type', 'invalid_input'] as const)),
    ...(isGuarded ? (['signature_invalid', 'scope_missing'] as const) : []),
    ...(isGuarded && policy.who !== 'anyone' ? (['not_signed_in'] as const) : []),
    ...(policy.who === 'staff' || policy.who === 'finance' || policy.who === 'admin' || policy.who === 'vendor' || policy.who === 'driver'
      ? (['not_allowed', 'second_factor_required'] as const)
      : []),
    ...(policy.only === undefined && policy.sees === undefined ? [] : (['not_allowed'] as const)),
    ...(policy.stepUp === true ? (['step_up_required'] as const) : []),
  ]
  const responses: Record<string, Json> = { ...operation.responses }
  for (const code of codes) {
    const status = String(refusals[code].status)
    const line = `\`${code}\`: ${refusals[code].message}`
    const before = responses[status]
    if (before === undefined)
      responses[status] = {
        description: line,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      }
    else if (!String(before['description']).includes(`\`${code}\``) && !status.startsWith('2'))
      responses[status] = { ...before, description: `${String(before['description'])} ${line}` }
  }
  return Object.fromEntries(Object.entries(responses).sort(([a], [b]) => (a < b ? -1 : 1)))
}
