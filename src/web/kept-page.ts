/** A finished page as it is sent out: one text, its packed copies made when first asked for, and the headers that do not change. */
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { chooseCoding, packAs, type Coding } from './pack-text.ts'

const brotliLater = promisify(brotliCompress)

// Asked for this often, a page is worth packing as small as it goes, beside the requests and not in them.
const worthPacking = 3

export class KeptPage {
  readonly html: string
  /** The route that made it, under which its requests are counted. */
  route: string | undefined
  readonly #headers: Readonly<Record<string, string>>
  readonly #etag: string
  readonly #packed = new Map<Coding, Uint8Array<ArrayBuffer>>()
  #brotlis = 0

  constructor(html: string, headers: Readonly<Record<string, string>>) {
    this.html = html
    this.#headers = headers
    this.#etag = Bun.hash(html).toString(36)
  }

  /** The answer for a request: 304 when the browser has it, else the smallest copy it can read. */
  answer(request: Request): Response {
    const coding = chooseCoding(request.headers, this.html.length)
    // Weak: the copies differ in bytes and not in what they say.
    const headers: Record<string, string> = { ...this.#headers, etag: `W/"${this.#etag}"` }
    const known = request.headers.get('if-none-match')
    if (known !== null && known.includes(this.#etag)) return new Response(null, { status: 304, headers })
    if (coding !== undefined) headers['content-encoding'] = coding
    return new Response(request.method === 'HEAD' ? null : this.#copy(coding ?? 'identity'), { headers })
  }

  #copy(coding: Coding | 'identity'): Uint8Array<ArrayBuffer> | string {
    if (coding === 'identity') return this.html
    let copy = this.#packed.get(coding)
    if (copy === undefined) {
      copy = packAs(this.html, coding)
      this.#packed.set(coding, copy)
    }
    if (coding === 'br' && ++this.#brotlis === worthPacking) void this.#packWell()
    return copy
  }

  async #packWell(): Promise<void> {
    const smallest = await brotliLater(this.html, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
    this.#packed.set('br', new Uint8Array(smallest))
  }
}
