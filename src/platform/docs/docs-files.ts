import { gzipSync } from 'bun'
import { createHash } from 'node:crypto'

/** A text or picture kept in memory, with its compressed form and a tag made of its bytes. */
export interface DocsFile {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly gzip: Uint8Array<ArrayBuffer> | undefined
  readonly hash: string
}

/** Keeps the bytes; text is compressed once, here, because nothing else between us and the reader is sure to do it. */
export function docsFile(type: string, content: string | Uint8Array): DocsFile {
  const bytes = new Uint8Array(typeof content === 'string' ? new TextEncoder().encode(content) : content)
  return {
    type,
    bytes,
    gzip: type.startsWith('image/') ? undefined : gzipSync(bytes),
    hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
  }
}

/** Answers with a kept file: 304 when the client has it, compressed when the client takes that. */
export function answerFile(
  request: Request,
  file: DocsFile,
  cacheControl: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const takesGzip =
    file.gzip !== undefined && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(request.headers.get('accept-encoding') ?? '')
  // Two encodings are two representations, so they differ in their tag as well.
  const etag = `"${file.hash}${takesGzip ? '-gzip' : ''}"`
  const common = { etag, vary: 'accept-encoding', 'cache-control': cacheControl, ...headers }
  if (request.headers.get('if-none-match')?.includes(etag)) return new Response(null, { status: 304, headers: common })
  return new Response(takesGzip ? file.gzip : file.bytes, {
    headers: { ...common, 'content-type': file.type, ...(takesGzip ? { 'content-encoding': 'gzip' } : {}) },
  })
}
