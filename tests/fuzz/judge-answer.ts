import type { Json, OpenapiDocument } from '../../src/platform/docs/normalise-openapi.ts'
import { schemaErrors } from '../support/json-schema.ts'
import { bodySchema, type KnownOperation } from '../support/openapi-sampler.ts'
import type { MadeRequest } from './make-request.ts'

/**
 * What is wrong with an answer to any input: a fault of the server, a status the document does not name, a body that is not what the
 * document says, or an input that the document forbids and the shop took all the same.
 */
export function judgeAnswer(
  document: OpenapiDocument,
  known: KnownOperation,
  sent: MadeRequest,
  answer: { status: number; type: string; text: string },
): string[] {
  const { status, type, text } = answer
  const wrong: string[] = []
  if (status >= 500) wrong.push(`a fault of the server: ${status} ${text.slice(0, 200)}`)
  if (status !== 404 && isElsewhere(known, sent)) return wrong
  const documented = known.operation.responses[String(status)]
  if (documented === undefined) return [...wrong, `an undocumented status: ${status} ${text.slice(0, 120)}`]
  const content = documented['content'] as Record<string, { schema?: Json }> | undefined
  if (text !== '' && content !== undefined && !type.startsWith('text/event-stream')) {
    const media = content[type.split(';')[0] ?? '']
    if (media === undefined) wrong.push(`${status} in a form the document does not name: ${type}`)
    else if (media.schema !== undefined && type.includes('json'))
      wrong.push(
        ...schemaErrors(document, media.schema, JSON.parse(text))
          .map((error) => `${status} is not what the document says: ${error}`)
          .slice(0, 3),
      )
  }
  const schema = bodySchema(known)
  if (status < 300 && schema !== undefined && 'value' in sent && schemaErrors(document, schema, sent.value).length > 0)
    wrong.push(`took what the document forbids: ${schemaErrors(document, schema, sent.value).slice(0, 2).join('; ')}`)
  return wrong
}

/** Whether the request was changed so that it goes to another operation, or to none. */
function isElsewhere({ method, path }: KnownOperation, sent: MadeRequest): boolean {
  if (sent.method !== method) return true
  const template = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
  return !template.test(new URL(`http://x${sent.path.startsWith('/') ? '' : '/'}${sent.path}`).pathname)
}
