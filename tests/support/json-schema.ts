import type { Json, OpenapiDocument } from '../../src/platform/docs/normalise-openapi.ts'
import { resolved } from './openapi-sampler.ts'

/** What is wrong with a value by a schema of the document; empty when it fits. Knows the keywords the document uses. */
export function schemaErrors(document: OpenapiDocument, schema: Json, value: unknown, path = ''): string[] {
  const plain = resolved(document, schema)
  const fail = (what: string): string[] => [`${path === '' ? '/' : path}: ${what}`]
  const union = (plain['anyOf'] ?? plain['oneOf']) as Json[] | undefined
  if (union !== undefined && !union.some((member) => schemaErrors(document, member, value, path).length === 0))
    return fail('fits no member')
  if ('const' in plain && plain['const'] !== value) return fail('is not the constant')
  if (Array.isArray(plain['enum']) && !plain['enum'].includes(value)) return fail('is not in the list')
  const types = [(plain['type'] ?? []) as string | string[]].flat()
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return fail(`is not ${types.join(' or ')}`)
  if (typeof value === 'string') return textErrors(plain, value).flatMap(fail)
  if (typeof value === 'number') return numberErrors(plain, value).flatMap(fail)
  if (Array.isArray(value)) return arrayErrors(document, plain, value, path)
  if (typeof value === 'object' && value !== null) return objectErrors(document, plain, value as Json, path)
  return []
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function textErrors(schema: Json, value: string): string[] {
  // Counted as the framework counts: UTF-16 units.
  const { minLength, maxLength, pattern, format } = schema as { minLength?: number; maxLength?: number; pattern?: string; format?: string }
  return [
    ...(minLength !== undefined && value.length < minLength ? ['is too short'] : []),
    ...(maxLength !== undefined && value.length > maxLength ? ['is too long'] : []),
    ...(pattern !== undefined && !new RegExp(pattern).test(value) ? ['does not match'] : []),
    ...(format === 'date-time' && Number.isNaN(Date.parse(value)) ? ['is no time'] : []),
    ...(format === 'uuid' && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? ['is no UUID'] : []),
  ]
}

function numberErrors(schema: Json, value: number): string[] {
  const { minimum, maximum, exclusiveMinimum, multipleOf } = schema as Record<string, number | undefined>
  return [
    ...(minimum !== undefined && value < minimum ? ['is too small'] : []),
    ...(maximum !== undefined && value > maximum ? ['is too large'] : []),
    ...(exclusiveMinimum !== undefined && value <= exclusiveMinimum ? ['is too small'] : []),
    ...(multipleOf !== undefined && value % multipleOf !== 0 ? ['is no multiple'] : []),
  ]
}

function arrayErrors(document: OpenapiDocument, schema: Json, value: readonly unknown[], path: string): string[] {
  const { minItems, maxItems, items } = schema as { minItems?: number; maxItems?: number; items?: Json }
  return [
    ...(minItems !== undefined && value.length < minItems ? [`${path}: has too few`] : []),
    ...(maxItems !== undefined && value.length > maxItems ? [`${path}: has too many`] : []),
    ...(items === undefined ? [] : value.flatMap((item, index) => schemaErrors(document, items, item, `${path}/${index}`))),
  ]
}

function objectErrors(document: OpenapiDocument, schema: Json, value: Json, path: string): string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Json>
  const required = (schema['required'] ?? []) as string[]
  const others = schema['additionalProperties']
  return [
    ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}/${name}: is missing`),
    ...Object.entries(value).flatMap(([name, part]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (known !== undefined) return schemaErrors(document, known, part, `${path}/${name}`)
      if (others === false) return [`${path}/${name}: is not known`]
      return typeof others === 'object' && others !== null ? schemaErrors(document, others as Json, part, `${path}/${name}`) : []
    }),
  ]
}
