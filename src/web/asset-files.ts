/** Where built assets lie, and how to tell whether they are still those of the sources. */
import { join } from 'node:path'

export const webFolder = import.meta.dir
export const assetsFolder = join(webFolder, '../../public/assets')
export const manifestFile = join(assetsFolder, 'manifest.json')

export type AssetManifest = {
  /** Content hash of everything under src/web that the build reads. */
  readonly key: string
  /** Name as pages ask for it, to the file that holds it now: `app.css` to `app-1a2b3c4d.css`. */
  readonly files: Readonly<Record<string, string>>
}

/** The manifest of the last build; undefined when there is none or it cannot be read. */
export async function readManifest(): Promise<AssetManifest | undefined> {
  try {
    return (await Bun.file(manifestFile).json()) as AssetManifest
  } catch {
    return undefined
  }
}

/** Content hash of the sources. Pages count too, because the style sheet holds exactly the classes they use. */
export async function sourcesKey(): Promise<string> {
  const hasher = new Bun.CryptoHasher('sha256')
  hasher.update(Bun.version)
  for (const file of [...new Bun.Glob('**/*.{css,ts,tsx}').scanSync({ cwd: webFolder })].sort()) {
    hasher.update(file).update(await Bun.file(join(webFolder, file)).arrayBuffer())
  }
  return hasher.digest('hex').slice(0, 16)
}
