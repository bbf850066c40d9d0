/**
 * Turns the document of @elysiajs/swagger into valid OpenAPI 3.1. The plugin copies schema keywords into response objects, leaves
 * responses without description, offers every body as three media types, and calls its JSON Schema 2020-12 keywords (`const`,
 * `type: 'null'`) OpenAPI 3.0. Everything here is a pure rewrite of that document; what a route says about itself stays in the route.
 */

/** Any JSON object of a document. */
export type Json = { [name: string]: unknown }

/** One documented route. */
export interface Operation extends Json {
  operationId: string
  summary: string
  tags: string[]
  security: Json[]
  parameters?: Json[]
  requestBody?: Json
  responses: Record<string, Json>
}

/** An OpenAPI 3.1 document. */
export interface OpenapiDocument extends Json {
  openapi: string
  info: Json
  paths: Record<string, Record<string, Operation>>
  components: Json
}

const legalMethods: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'])

const plainDescriptions: Readonly<Record<string, string>> = {
  '101': 'The connection is now a WebSocket.',
  '200': 'Done.',
  '201': 'Created.',
  '202': 'Accepted, to be worked on.',
  '204': 'Done, nothing to return.',
  '302': 'Look at the address in the Location header.',
  '303': 'Look at the address in the Location header.',
  '304': 'Not changed.',
}

/**
 * The same document, valid. `shared` holds schemas that get a name under components: a schema with the same properties becomes a
 * reference to it. The one called `Problem` marks error answers, which are application/problem+json.
 */
export function normaliseOpenapi(document: Json, shared: Readonly<Record<string, object>>): OpenapiDocument {
  const names = Object.fromEntries(Object.entries(shared).map(([name, schema]) => [name, asJson(schema)]))
  const schemas = createSchemas(names)
  const paths: OpenapiDocument['paths'] = {}
  const raw = document['paths'] as Record<string, Record<string, Operation>>
  for (const [path, methods] of Object.entries(raw).sort(byName)) {
    // An address and its twin with a trailing slash are one address to a reader.
    if (path.length > 1 && path.endsWith('/') && path.slice(0, -1) in raw) continue
    const kept = Object.entries(methods).filter(([method]) => legalMethods.has(method))
    if (kept.length > 0)
      paths[path] = Object.fromEntries(kept.map(([method, operation]) => [method, normaliseOperation(path, operation, schemas)]))
  }
  const components = document['components'] as Json
  return {
    ...document,
    openapi: '3.1.0',
    info: document['info'] as Json,
    paths,
    components: {
      ...components,
      schemas: Object.fromEntries(Object.entries(names).map(([name, schema]) => [name, schemas.inside(schema)])),
    },
  }
}

function normaliseOperation(path: string, operation: Operation, schemas: Schemas): Operation {
  const { operationId, tags, summary, description, parameters, requestBody, responses, security, ...rest } = operation
  const answers = Object.fromEntries(
    Object.entries(responses ?? {}).map(([status, response]) => [status, normaliseResponse(status, response, schemas)]),
  )
  const isSocket = path.startsWith('/ws/')
  if (isSocket) {
    // What a socket says after the handshake is not HTTP; the description of the route tells it.
    delete answers['200']
    answers['101'] = { description: plainDescriptions['101'] }
  }
  const needsKey = JSON.stringify(answers).includes('`idempotency_key_required`')
  const fixed = (parameters ?? []).map((parameter) => normaliseParameter(parameter, schemas, needsKey))
  return {
    operationId,
    tags,
    summary,
    ...(description === undefined ? {} : { description }),
    security,
    ...(fixed.length === 0 ? {} : { parameters: fixed }),
    ...(requestBody === undefined
      ? {}
      : { requestBody: { required: true, content: normaliseContent(requestBody['content'] as Json, schemas) } }),
    responses: answers,
    ...(isSocket ? { 'x-websocket': true } : {}),
    ...rest,
  }
}

function normaliseParameter(parameter: Json, schemas: Schemas, needsKey: boolean): Json {
  const isKey = parameter['in'] === 'header' && parameter['name'] === 'idempotency-key'
  const { description, examples, ...rest } = parameter
  return {
    ...rest,
    ...(isKey ? { name: 'Idempotency-Key' } : {}),
    // The schema takes a request without the header, so that it is refused with a code of its own instead of invalid_input.
    required: rest['in'] === 'path' || (isKey && needsKey) || rest['required'] === true,
    ...(description === undefined ? {} : { description }),
    ...(Array.isArray(examples) ? { example: examples[0] } : {}),
    schema: schemas.of((rest['schema'] ?? { type: 'string' }) as Json),
  }
}

function normaliseResponse(status: string, response: Json, schemas: Schemas): Json {
  const description = response['description'] ?? plainDescriptions[status] ?? 'An answer.'
  const content = response['content'] as Json | undefined
  if (content === undefined || Object.keys(content).length === 0) return { description }
  const schema = Object.values(content as Record<string, Json>)[0]?.['schema'] as Json
  if (schemas.isProblem(schema))
    return { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } }
  return { description, content: normaliseContent(content, schemas) }
}

/** A body the route did not restrict is offered by the plugin in three forms; ours is JSON. */
function normaliseContent(content: Json, schemas: Schemas): Json {
  const types = Object.entries(content as Record<string, Json>)
  const isUnrestricted = types.length === 3 && 'application/json' in content && 'multipart/form-data' in content && 'text/plain' in content
  return Object.fromEntries(
    types
      .filter(([type]) => !isUnrestricted || type === 'application/json')
      .map(([type, media]) => [type, { ...media, schema: schemas.of(media['schema'] as Json) }]),
  )
}

interface Schemas {
  /** A schema for a document, a reference where it has a name. */
  of(schema: Json): Json
  /** The same without looking for its own name. */
  inside(schema: Json): Json
  isProblem(schema: Json | undefined): boolean
}

function createSchemas(named: Readonly<Record<string, Json>>): Schemas {
  const nameOf = new Map(Object.entries(named).map(([name, schema]) => [propertiesKey(schema), name]))
  const of = (schema: Json): Json => {
    const name = isObjectSchema(schema) ? nameOf.get(propertiesKey(schema)) : undefined
    if (name === undefined) return inside(schema)
    return {
      $ref: `#/components/schemas/${name}`,
      ...(schema['description'] === undefined || schema['description'] === named[name]?.['description']
        ? {}
        : { description: schema['description'] }),
    }
  }
  const inside = (schema: Json): Json => {
    const plain = flatten(schema)
    if (Array.isArray(plain['anyOf'])) return mergeUnion(plain, (plain['anyOf'] as Json[]).map(of))
    const { patternProperties, ...rest } = plain
    return {
      ...rest,
      ...(rest['properties'] === undefined ? {} : { properties: mapValues(rest['properties'] as Record<string, Json>, of) }),
      ...(rest['items'] === undefined ? {} : { items: of(rest['items'] as Json) }),
      // A record's values: any name is allowed, so the pattern says nothing.
      ...(patternProperties === undefined
        ? {}
        : { additionalProperties: of(Object.values(patternProperties as Record<string, Json>)[0] ?? {}) }),
    }
  }
  return { of, inside, isProblem: (schema) => schema !== undefined && nameOf.get(propertiesKey(schema)) === 'Problem' }
}

/** One scalar schema made plain: whole numbers are integers, dates are text, numbers that also come as text are numbers. */
function flatten(schema: Json): Json {
  const union = schema['anyOf'] as Json[] | undefined
  if (union?.some((member) => member['format'] === 'numeric' || member['format'] === 'integer')) {
    // A number in a query or path: t.Numeric is a union of text and number.
    const { anyOf: _, ...rest } = schema
    return flatten({ ...union.find((member) => member['type'] === 'number' || member['type'] === 'integer'), ...rest })
  }
  if (union?.some((member) => member['type'] === 'Date'))
    return { type: 'string', format: 'date-time', ...('description' in schema ? { description: schema['description'] } : {}) }
  if (schema['type'] === 'number' && schema['multipleOf'] === 1) {
    const { multipleOf: _, ...rest } = schema
    return { ...rest, type: 'integer' }
  }
  if (schema['type'] === 'Date') return { ...schema, type: 'string', format: 'date-time' }
  return schema
}

/** Literals become an enumeration and "or null" joins the type, as tools that generate clients expect. */
function mergeUnion(schema: Json, members: Json[]): Json {
  const { anyOf: _, ...rest } = schema
  const isNull = (member: Json): boolean => member['type'] === 'null'
  const values = members.filter((member) => !isNull(member))
  const isNullable = values.length < members.length
  const literals = values.map((member) => member['const'])
  if (values.length > 0 && values.every((member) => 'const' in member && typeof member['const'] === 'string')) {
    return { type: isNullable ? ['string', 'null'] : 'string', enum: isNullable ? [...literals, null] : literals, ...rest }
  }
  const [only] = values
  if (isNullable && values.length === 1 && only !== undefined && typeof only['type'] === 'string')
    return { ...only, type: [only['type'], 'null'], ...rest }
  return { anyOf: members, ...rest }
}

const isObjectSchema = (schema: Json): boolean => schema['type'] === 'object' && schema['properties'] !== undefined
const propertiesKey = (schema: Json): string =>
  JSON.stringify(mapValues((schema['properties'] ?? {}) as Record<string, Json>, ({ description: _, ...rest }) => rest))
const mapValues = <From, To>(object: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]))
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)
const asJson = (schema: object): Json => JSON.parse(JSON.stringify(schema)) as Json
