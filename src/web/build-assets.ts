/** Builds style sheet and client scripts into public/assets: hashed names, three compressed copies, one manifest. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { type AssetManifest, assetsFolder, manifestFile, sourcesKey, webFolder } from './asset-files.ts'

/**
 * Builds everything under `src/web` that a browser runs. Safe to run in several processes at once: files are named by their
 * content and the manifest, which alone makes them visible, arrives last and whole.
 */
export async function buildAssets(): Promise<AssetManifest> {
  // Imported here because the style compiler is a development dependency and production never builds.
  const { default: tailwind } = await import('bun-plugin-tailwind')
  const key = await sourcesKey()
  const scripts = [...new Bun.Glob('{enhance,islands,workers}/*.{ts,tsx}').scanSync({ cwd: webFolder })]
    .sort()
    .map((file) => join(webFolder, file))
  const shared = {
    target: 'browser',
    minify: true,
    throw: true,
    naming: { entry: '[name]-[hash].[ext]', chunk: 'part-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  } as const
  const builds = [
    await Bun.build({
      ...shared,
      entrypoints: ['app.css', 'desk.css', 'assistant.css'].map((name) => join(webFolder, 'styles', name)),
      plugins: [tailwind],
    }),
    ...(scripts.length > 0
      ? [
          await Bun.build({
            ...shared,
            entrypoints: scripts,
            format: 'esm',
            splitting: true,
            define: { 'process.env.NODE_ENV': '"production"' },
          }),
        ]
      : []),
  ]

  await mkdir(assetsFolder, { recursive: true })
  const files: Record<string, string> = {}
  for (const output of builds.flatMap((build) => build.outputs)) {
    const name = basename(output.path)
    const bytes = new Uint8Array(await output.arrayBuffer())
    if (output.kind !== 'chunk') files[name.replace(`-${output.hash}`, '')] = name
    else files[name] = name
    await writeCopies(name, bytes)
  }

  const manifest: AssetManifest = { key, files }
  const draft = join(assetsFolder, `.manifest-${process.pid}-${Bun.nanoseconds()}`)
  await Bun.write(draft, JSON.stringify(manifest, null, 1))
  await rename(draft, manifestFile)
  return manifest
}

async function writeCopies(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const path = join(assetsFolder, name)
  if (await Bun.file(`${path}.gz`).exists()) return
  await Bun.write(path, bytes)
  await Bun.write(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
  await Bun.write(`${path}.zst`, Bun.zstdCompressSync(bytes, { level: 19 }))
  await Bun.write(`${path}.gz`, Bun.gzipSync(bytes, { level: 9 }))
}

/** Removes files no manifest names any more. Only the build command does this: a running server may still serve old pages. */
async function sweep(manifest: AssetManifest): Promise<void> {
  const named = new Set(Object.values(manifest.files))
  for (const entry of await readdir(assetsFolder)) {
    const name = entry.replace(/\.(br|zst|gz)$/, '')
    if (entry !== basename(manifestFile) && !named.has(name)) await rm(join(assetsFolder, entry), { force: true })
  }
}

if (import.meta.main) {
  const manifest = await buildAssets()
  await sweep(manifest)
  for (const [name, file] of Object.entries(manifest.files)) {
    const path = join(assetsFolder, file)
    console.log(`${name.padEnd(24)} ${String(Bun.file(path).size).padStart(7)} bytes, brotli ${Bun.file(`${path}.br`).size}`)
  }
}
