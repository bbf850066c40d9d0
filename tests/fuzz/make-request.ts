import type { Json, OpenapiDocument } from '../../src/platform/docs/normalise-openapi.ts'
import { bodySchema, type KnownOperation, plainValue, resolved } from '../support/openapi-sampler.ts'
import type { Random } from '../support/random.ts'
import { badNumbers, badTexts, badThings } from './bad-values.ts'

/** A request as it can be written down and sent again. */
export interface MadeRequest {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  /** The body as text; undefined for none. */
  readonly body: string | undefined
  /** The body as a value, where it is well-formed JSON that says one thing. */
  readonly value?: unknown
}

/** Real ids by the name of the parameter or member that takes one. */
export type RealIds = Readonly<Record<string, readonly string[]>>

/** A value that fits a schema, varied. */
export function goodValue(document: OpenapiDocument, schema: Json, ids: RealIds, random: Random, name = ''): unknown {
  const plain = resolved(document, schema)
  const real = ids[name]
  if (real !== undefined && random.chance(0.8)) return random.pick(real)
  if ('const' in plain) return plain['const']
  if (Array.isArray(plain['enum'])) return random.pick(plain['enum'] as unknown[])
  if (Array.isArray(plain['anyOf'])) return goodValue(document, random.pick(plain['anyOf'] as Json[]), ids, random, name)
  const kind = Array.isArray(plain['type']) ? random.pick(plain['type'] as string[]) : plain['type']
  if (kind === 'object') {
    const required = (plain['required'] ?? []) as string[]
    return Object.fromEntries(
      Object.entries((plain['properties'] ?? {}) as Record<string, Json>)
        .filter(([each]) => required.includes(each) || random.chance(0.5))
        .map(([each, part]) => [each, goodValue(document, part, ids, random, each)]),
    )
  }
  if (kind === 'array') {
    const least = Number(plain['minItems'] ?? 0)
    const most = Math.min(Number(plain['maxItems'] ?? 4), least + 3)
    return Array.from({ length: least + random.below(most - least + 1) }, () =>
      goodValue(document, (plain['items'] ?? {}) as Json, ids, random, name),
    )
  }
  if (kind === 'integer' || kind === 'number') {
    const least = Number(plain['minimum'] ?? -10)
    const most = Number(plain['maximum'] ?? least + 1_000_000)
    const value = random.pick([least, most, least + random.next() * (most - least)])
    return kind === 'integer' ? Math.floor(value) : value
  }
  if (kind === 'boolean') return random.chance(0.5)
  if (kind === 'null') return null
  return goodText(plain, random)
}

function goodText(schema: Json, random: Random): string {
  if (schema['pattern'] !== undefined || schema['format'] !== undefined) return String(plainValue({} as OpenapiDocument, schema))
  const least = Number(schema['minLength'] ?? 0)
  const most = Number(schema['maxLength'] ?? 40)
  const fitting = badTexts.filter((text) => text.length >= least && text.length <= most)
  return fitting.length > 0 && random.chance(0.7)
    ? random.pick(fitting)
    : 'abcdefghij'.repeat(Math.ceil(most / 10)).slice(0, random.pick([least, most, Math.max(least, 3)]))
}

/** A request that the document allows. */
export function goodRequest(document: OpenapiDocument, known: KnownOperation, ids: RealIds, random: Random): MadeRequest {
  const { method, path, operation } = known
  const parameters = operation.parameters ?? []
  const ofPlace = (place: string): Json[] => parameters.filter((parameter) => parameter['in'] === place)
  const text = (parameter: Json): string => String(goodValue(document, parameter['schema'] as Json, ids, random, String(parameter['name'])))
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const real = ids[idName(path, name)] ?? ids[name]
    return encode(real !== undefined && random.chance(0.8) ? random.pick(real) : random.pick(badTexts) || 'x')
  })
  const query = ofPlace('query')
    .filter((parameter) => parameter['required'] === true || random.chance(0.5))
    .map((parameter) => `${encode(String(parameter['name']))}=${encode(text(parameter))}`)
  const schema = bodySchema(known)
  const value = schema === undefined ? undefined : goodValue(document, schema, ids, random)
  return {
    operationId: operation.operationId,
    method,
    path: `${address}${query.length > 0 ? `?${query.join('&')}` : ''}`,
    headers: {
      ...(value === undefined ? {} : { 'content-type': 'application/json' }),
      ...(parameters.some((parameter) => parameter['name'] === 'Idempotency-Key') ? { 'idempotency-key': crypto.randomUUID() } : {}),
    },
    body: value === undefined ? undefined : JSON.stringify(value),
    ...(value === undefined ? {} : { value }),
  }
}

/** The name under which the ids of a path's parameter are kept: `orders.number`, `deliveries.id`. */
const idName = (path: string, name: string): string => `${/([a-z-]+)\/\{/.exec(path)?.[1] ?? ''}.${name}`

/** Percent-encodes; what has no UTF-8 goes as it is, so that ill-formed text reaches the door in some way. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80'
}

/** The same request with one thing wrong. */
export function brokenRequest(document: OpenapiDocument, known: KnownOperation, ids: RealIds, random: Random): MadeRequest {
  const good = goodRequest(document, known, ids, random)
  const kinds =
    good.value === undefined
      ? ['query', 'path', 'method', 'header', 'body']
      : ['member', 'member', 'member', 'member', 'query', 'path', 'method', 'header', 'type', 'text']
  switch (random.pick(kinds)) {
    case 'member': {
      const value = breakValue(structuredClone(good.value), random)
      return { ...good, value, body: JSON.stringify(value) }
    }
    case 'query': {
      const extra = random.pick([
        'limit=-1',
        'limit=1e3',
        'limit=0x10',
        'limit=',
        'limit=5&limit=6',
        'cursor=%00',
        'cursor=W10',
        'q=%F0%28%8C%28',
        'a[b]=c',
        '&&==',
        'vendorId=x',
        `q=${encode(random.pick(badTexts))}`,
        `cursor=${encode(random.pick(badTexts))}`,
        `state=${encode(random.pick(badTexts))}`,
        `token=${encode(random.pick(badTexts))}`,
        `from=${encode(random.pick(badTexts))}&to=${encode(random.pick(badTexts))}`,
      ])
      return { ...good, path: `${good.path}${good.path.includes('?') ? '&' : '?'}${extra}` }
    }
    case 'path': {
      const parts = good.path.split('?')[0]?.split('/') ?? []
      parts[1 + random.below(Math.max(1, parts.length - 1))] = random.pick([
        encode(random.pick(badTexts)),
        '..',
        '.',
        '',
        '%2e%2e',
        '%E0%A4%A',
        '%',
        '%c0%ae',
        '*',
        '{id}',
      ])
      return { ...good, path: parts.join('/') || '/' }
    }
    case 'method':
      return { ...good, method: random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND', 'get']) }
    case 'header':
      return { ...good, headers: { ...good.headers, ...random.pick(oddHeaders) } }
    case 'type':
      return {
        ...good,
        headers: {
          ...good.headers,
          'content-type': random.pick([
            'text/plain',
            'application/xml',
            'application/json; charset=utf-7',
            'application/vnd.api+json',
            'multipart/form-data',
            'multipart/form-data; boundary=x',
            'application/x-www-form-urlencoded',
            '',
            'x',
          ]),
        },
      }
    case 'body':
      return {
        ...good,
        headers: { ...good.headers, 'content-type': 'application/json' },
        body: good.method === 'GET' || good.method === 'HEAD' ? undefined : random.pick(['{}', '[]', 'null', '{', '"x"', '0']),
      }
    default:
      return { ...withoutValue(good), body: breakText(good.body ?? '', random) }
  }
}

const withoutValue = ({ value: _, ...rest }: MadeRequest): MadeRequest => rest

const oddHeaders: readonly Record<string, string>[] = [
  { authorization: 'Bearer ' },
  { authorization: `Bearer ${'x'.repeat(4_000)}` },
  { authorization: 'Basic YTpi' },
  { authorization: 'Bearer rok_AAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
  { 'x-key-id': 'rok_AAAAAAAA', 'x-timestamp': '1', 'x-signature': 'zz' },
  { 'x-key-id': 'a\u00ff', 'x-timestamp': '9'.repeat(40), 'x-signature': '0'.repeat(64) },
  { 'x-csrf-token': '' },
  { 'x-csrf-token': '....' },
  { 'x-csrf-token': 'x'.repeat(900) },
  { cookie: 'sid=; bag=' },
  { cookie: `sid=${'a'.repeat(300)}; bag=%00` },
  { cookie: 'sid={"a":1}; bag=j:{}; ;;==' },
  { 'idempotency-key': '' },
  { 'idempotency-key': 'x'.repeat(300) },
  { 'idempotency-key': "' or 1=1--" },
  { 'x-request-id': 'a b c' },
  { 'x-forwarded-for': '999.1.1.1, ::::, unknown' },
  { 'x-vendor-id': "'" },
  { 'accept-language': 'x'.repeat(2_000) },
  { accept: 'text/html' },
  { 'if-none-match': '"' },
  { range: 'bytes=0-,5-,-1' },
  { origin: 'null' },
  { origin: 'https://evil.example' },
  { 'sec-fetch-site': 'cross-site' },
  { 'content-encoding': 'gzip' },
  { 'content-length': '-1' },
  { 'last-event-id': '\u00e9' },
  { expect: '200-ok' },
]

/** Makes one place of a value wrong: takes it out, adds a stranger, or puts something else there. */
function breakValue(value: unknown, random: Random): unknown {
  const other = (): unknown => random.pick([random.pick(badTexts), random.pick(badNumbers), random.pick(badThings)])
  if (typeof value !== 'object' || value === null || random.chance(0.05)) return other()
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.3)) return [...value, other()]
    const at = random.below(value.length)
    return value.map((part, index): unknown => (index === at ? breakValue(part, random) : part))
  }
  const object = value as Record<string, unknown>
  const names = Object.keys(object)
  if (names.length === 0 || random.chance(0.1))
    return { ...object, [random.pick(['extra', 'id', 'roles', 'isAdmin', 'amountMinor', 'accountId', 'state'])]: other() }
  const name = random.pick(names)
  if (random.chance(0.15)) {
    const { [name]: _, ...rest } = object
    return rest
  }
  const inner = object[name]
  return { ...object, [name]: typeof inner === 'object' && inner !== null && random.chance(0.7) ? breakValue(inner, random) : other() }
}

/** Makes the text of a body wrong. */
function breakText(text: string, random: Random): string {
  switch (random.below(8)) {
    case 0:
      return text.slice(0, random.below(text.length + 1))
    case 1:
      return text.replace('{', '{"a":1,"a":2,')
    case 2:
      return '['.repeat(40) + ']'.repeat(40)
    case 3:
      return `\ufeff${text}`
    case 4:
      return text.replace(/"([^"]*)"\s*:/, '"$1":"\\ud800","$1":')
    case 5:
      return text.replaceAll('"', "'")
    case 6:
      return `${text}${text}`
    default:
      return 'x'.repeat(70_000)
  }
}
