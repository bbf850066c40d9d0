/** Serves the built style sheet and scripts from memory, already compressed, under names that never change their content. */
import { join } from 'node:path'
import { assetsFolder, readManifest, sourcesKey } from './asset-files.ts'

type Encoding = 'br' | 'zstd' | 'gzip'
type Stored = {
  readonly type: string
  readonly etag: string
  readonly plain: Uint8Array<ArrayBuffer>
  readonly packed: ReadonlyMap<Encoding, Uint8Array<ArrayBuffer>>
}

const prefix = '/assets/'
const suffixes: readonly (readonly [Encoding, string])[] = [
  ['zstd', '.zst'],
  ['br', '.br'],
  ['gzip', '.gz'],
]
const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  png: 'image/png',
}

let files: Readonly<Record<string, string>> = {}
let stored: ReadonlyMap<string, Stored> = new Map()
let inlined = { text: '', hash: "'none'" }
let dictionary: PageDictionary | undefined

/** The dictionary pages are packed by for browsers that have kept it. */
export interface PageDictionary {
  readonly path: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** SHA-256 of the bytes. */
  readonly hash: Uint8Array<ArrayBuffer>
  /** As a browser names it in Available-Dictionary. */
  readonly id: string
}

/**
 * Makes the assets ready before the first request. Outside production missing or stale ones are built first; production only
 * reads what `bun run build` left, and throws when there is nothing.
 */
export async function loadAssets({ isProduction }: { isProduction: boolean }): Promise<void> {
  let manifest = await readManifest()
  if (!isProduction && manifest?.key !== (await sourcesKey())) {
    const { buildAssets } = await import('./build-assets.ts')
    manifest = await buildAssets()
  }
  if (!manifest) throw new Error('public/assets is empty: run `bun run build` before starting in production')

  const loaded = await Promise.all(Object.values(manifest.files).map(async (file) => [prefix + file, await load(file)] as const))
  stored = new Map(loaded)
  files = manifest.files

  const css = stored.get(asset('app.css'))
  if (!css) throw new Error('The build has no style sheet: run `bun run build` again')
  inlined = {
    text: new TextDecoder().decode(css.plain),
    hash: `'sha256-${new Bun.CryptoHasher('sha256').update(css.plain).digest('base64')}'`,
  }
}

/** Makes a text the dictionary of this process's pages. It is public: nothing of a visitor may be in it. */
export function useDictionary(text: string): void {
  const bytes = new TextEncoder().encode(text)
  const hash = new Uint8Array(new Bun.CryptoHasher('sha256').update(bytes).digest())
  const name = `page-${Bun.hash(bytes).toString(36)}.dict`
  dictionary = { path: prefix + name, bytes, hash, id: `:${hash.toBase64()}:` }
  const packed = new Map<Encoding, Uint8Array<ArrayBuffer>>([['zstd', new Uint8Array(Bun.zstdCompressSync(bytes, { level: 19 }))]])
  stored = new Map([...stored, [dictionary.path, { type: 'text/plain; charset=utf-8', etag: name, plain: bytes, packed }]])
}

/** The dictionary, once there is one. */
export const pageDictionary = (): PageDictionary | undefined => dictionary

/** The address of a built file: `asset('shop.js')`. Throws for a name that was not built, so that a typing error fails a test and not a visitor. */
export function asset(name: string): string {
  const file = files[name]
  if (file === undefined) throw new Error(`There is no asset called ${name}`)
  return prefix + file
}

/** The whole style sheet for a style element, and its source expression for `style-src`. */
export function inlineCss(): { text: string; hash: string } {
  return inlined
}

/** Answers a request for a built file; undefined when the path is not one. */
export function serveAsset(request: Request): Response | undefined {
  const file = stored.get(new URL(request.url).pathname)
  if (!file || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined

  const accepted = request.headers.get('accept-encoding') ?? ''
  const encoding = suffixes.map(([name]) => name).find((name) => file.packed.has(name) && accepts(accepted, name))
  const body = encoding ? file.packed.get(encoding) : file.plain
  // One tag a representation: bytes that differ must not share a strong validator.
  const etag = `"${file.etag}${encoding ? `-${encoding}` : ''}"`
  const headers: Record<string, string> = {
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': file.type,
    vary: 'Accept-Encoding',
    etag,
  }
  // Offered for every page: a browser that keeps it gets the next page as the difference.
  if (file === stored.get(dictionary?.path ?? '')) headers['use-as-dictionary'] = 'match="/*", match-dest=("document")'
  if (request.headers.get('if-none-match')?.includes(etag)) return new Response(null, { status: 304, headers })
  if (encoding) headers['content-encoding'] = encoding
  return new Response(request.method === 'HEAD' ? null : body, { headers })
}

/** Whether an Accept-Encoding header allows a coding; `q=0` forbids it. */
export function accepts(header: string, encoding: string): boolean {
  for (const part of header.split(',')) {
    const [name, ...parameters] = part.trim().toLowerCase().split(';')
    if (name === encoding) return !parameters.some((parameter) => /^\s*q=0(\.0*)?\s*$/.test(parameter))
  }
  return false
}

async function load(name: string): Promise<Stored> {
  const path = join(assetsFolder, name)
  const bytes = async (file: string) => new Uint8Array(await Bun.file(file).arrayBuffer())
  const plain = await bytes(path)
  const packed = new Map<Encoding, Uint8Array<ArrayBuffer>>()
  for (const [encoding, suffix] of suffixes) {
    if (!(await Bun.file(path + suffix).exists())) continue
    const copy = await bytes(path + suffix)
    if (copy.length < plain.length) packed.set(encoding, copy)
  }
  return { type: types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream', etag: Bun.hash(plain).toString(36), plain, packed }
}
