import type { Json, OpenapiDocument, Operation } from '../../src/platform/docs/normalise-openapi.ts'

/** One operation of the document with where it is. */
export interface KnownOperation {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** Every operation of a document. */
export const operationsOf = (document: OpenapiDocument): KnownOperation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )

/** The JSON schema of an operation's body; undefined when it takes none, or no JSON. */
export function bodySchema({ operation }: KnownOperation): Json | undefined {
  const content = operation.requestBody?.['content'] as Record<string, { schema?: Json }> | undefined
  return content?.['application/json']?.schema
}

/** A schema with its reference followed. */
export function resolved(document: OpenapiDocument, schema: Json): Json {
  const ref = schema['$ref']
  if (typeof ref !== 'string') return schema
  const name = ref.split('/').at(-1) ?? ''
  return ((document.components['schemas'] as Record<string, Json>)[name] ?? {}) as Json
}

/** A value that fits a schema: its example, else the plainest one. Required members only. */
export function plainValue(document: OpenapiDocument, schema: Json): unknown {
  const plain = resolved(document, schema)
  const examples = plain['examples']
  if (Array.isArray(examples) && examples.length > 0) return structuredClone(examples[0]) as unknown
  if ('const' in plain) return plain['const']
  if (Array.isArray(plain['enum'])) return plain['enum'][0] as unknown
  if (Array.isArray(plain['anyOf'])) return plainValue(document, plain['anyOf'][0] as Json)
  const kind = Array.isArray(plain['type']) ? (plain['type'] as string[])[0] : plain['type']
  switch (kind) {
    case 'object': {
      const properties = (plain['properties'] ?? {}) as Record<string, Json>
      const required = (plain['required'] ?? []) as string[]
      return Object.fromEntries(required.map((name) => [name, plainValue(document, properties[name] ?? {})]))
    }
    case 'array':
      return Array.from({ length: Number(plain['minItems'] ?? 0) }, () => plainValue(document, (plain['items'] ?? {}) as Json))
    case 'integer':
    case 'number':
      return Number(plain['minimum'] ?? 1)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return plainText(plain)
  }
}

function plainText(schema: Json): string {
  if (schema['format'] === 'date-time') return '2026-11-24T12:00:00.000Z'
  if (schema['format'] === 'date') return '2026-11-24'
  if (schema['format'] === 'uuid') return '0199f3a0-0000-7000-8000-000000000001'
  const least = Number(schema['minLength'] ?? 1)
  return 'abcdefghijkl'.repeat(Math.ceil(least / 12)).slice(0, Math.max(least, 3))
}
