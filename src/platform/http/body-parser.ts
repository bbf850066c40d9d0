import { Elysia } from 'elysia'
import { Refusal } from '../../lib/refusal.ts'
import { sha256Hex } from '../../lib/signature.ts'
import { decodeUtf8, isStorableText, parseStrictJson } from '../../lib/strict-json.ts'
import { requestScope } from './request-scope.ts'

const reasons = {
  syntax: new Refusal('malformed_json'),
  duplicate_key: new Refusal('malformed_json', { detail: 'The body names a member twice.' }),
  depth: new Refusal('malformed_json', { detail: 'The body is nested too deeply.' }),
  text: new Refusal('malformed_text'),
  name: new Refusal('malformed_json', { detail: 'The body has a member with a reserved name.' }),
  shape: new Refusal('malformed_json', { detail: 'The body is not a JSON object.' }),
} as const

// Names every object has. As members they shadow what code calls: the framework itself fails on a `toString` that is a text.
const everyObjectsNames: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'toJSON'])

/** Whether any member of a value has such a name. */
function shadowsObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(shadowsObject)
  return Object.entries(value).some(([name, part]) => everyObjectsNames.has(name) || shadowsObject(part))
}

const rawRoutes = /^(\/orders)?\/webhooks?\/|^\/sandbox\/paypal\/v1\/notifications\//

/**
 * Reads JSON and form bodies strictly and within a size. Everything else is refused with 415, unless the route reads its own raw
 * bytes (webhooks) or files.
 */
export const bodyParser = (limitBytes: number) =>
  new Elysia({ name: 'body-parser' }).onParse({ as: 'global' }, async ({ request, contentType, route }) => {
    // Providers' messages are verified on their exact bytes: those routes, and the simulated verifier, read the body themselves.
    if (rawRoutes.test(route)) return undefined
    // Pictures are read by their route, within a limit of their own.
    if (request.method === 'POST' && route.endsWith('/pictures')) return undefined
    const type = contentType.toLowerCase()
    if (type === 'application/json') {
      const read = parseStrictJson(await readBytes(request, limitBytes))
      if (!read.ok) throw reasons[read.reason]
      if (shadowsObject(read.value)) throw reasons.name
      // The framework does not look at a scalar where the body is optional, and no route takes anything but an object.
      if (typeof read.value !== 'object' || read.value === null || Array.isArray(read.value)) throw reasons.shape
      return read.value
    }
    if (type === 'application/x-www-form-urlencoded') return parseForm(await readBytes(request, limitBytes))
    // Nothing was sent, or the route reads its files itself.
    if (request.body === null || type === 'multipart/form-data') return undefined
    throw new Refusal('unsupported_media_type')
  })

/** A request's bytes, refused with `body_too_large` past the limit while they stream in. */
export async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array> {
  const told = request.headers.get('content-length')
  if (Number(told ?? 0) > limitBytes) throw new Refusal('body_too_large')
  // The server takes no more bytes than were told, so that a body of a known length needs no counting on the way.
  if (told !== null && !request.headers.has('transfer-encoding')) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.length > limitBytes) throw new Refusal('body_too_large')
    return bytes
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > limitBytes) throw new Refusal('body_too_large')
    chunks.push(chunk)
  }
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
  const scope = requestScope()
  if (scope !== undefined && request.headers.has('x-signature')) scope.bodySha256 = sha256Hex(bytes)
  return bytes
}

/** A form as an object; a name that repeats becomes a list. Object.create(null), so that a field called __proto__ is only a field. */
function parseForm(bytes: Uint8Array): Record<string, string | string[]> {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw new Refusal('malformed_text')
  const form: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    if (!isStorableText(name) || !isStorableText(value)) throw new Refusal('malformed_text')
    const before = form[name]
    form[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return form
}
