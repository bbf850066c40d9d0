import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Pictures on disk, outside the web root's reach except by exact name. */
export interface Media {
  /** Keeps bytes under a name and answers the name. */
  put(name: string, bytes: string | Uint8Array): Promise<string>
  /** The answer for a name, or undefined when there is none or the name is not one of ours. */
  serve(name: string, acceptEncoding: string | null): Promise<Response | undefined>
}

const safeName = /^[a-z0-9][a-z0-9-]{0,120}\.(svg|webp|jpg)$/
const types = { svg: 'image/svg+xml', webp: 'image/webp', jpg: 'image/jpeg' } as const

/** A media store in a folder. Names are flat and checked, so no name can leave the folder. */
export function createMedia(folder: string): Media {
  const root = resolve(folder)
  return {
    async put(name, bytes) {
      if (!safeName.test(name)) throw new RangeError('media: the name is not safe')
      await mkdir(root, { recursive: true })
      await Bun.write(join(root, name), bytes)
      // Drawings are text and shrink to a third; photographs are packed already.
      if (name.endsWith('.svg')) await Bun.write(join(root, `${name}.gz`), Bun.gzipSync(Buffer.from(bytes), { level: 9 }))
      return name
    },
    async serve(name, acceptEncoding) {
      if (!safeName.test(name)) return undefined
      const isPacked = name.endsWith('.svg') && /\bgzip\b/.test(acceptEncoding ?? '')
      const file = Bun.file(join(root, isPacked ? `${name}.gz` : name))
      if (!(await file.exists())) return undefined
      return new Response(file, {
        headers: {
          ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
          ...(name.endsWith('.svg') ? { vary: 'accept-encoding' } : {}),
          'content-type': types[name.split('.').at(-1) as keyof typeof types],
          'cache-control': 'public, max-age=31536000, immutable',
          // A picture may style itself and nothing more, also when it is opened by itself.
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
      })
    },
  }
}
