/**
 * Writes the bill of materials of the running shop in CycloneDX 1.6: every package of the lock file that production installs, with
 * version and integrity hash. `bun .ci/sbom.ts sbom.cdx.json`
 */
import { dirname, join } from 'node:path'
import packageFile from '../package.json' with { type: 'json' }

type Entry = readonly [
  id: string,
  registry: string,
  about: { readonly dependencies?: Readonly<Record<string, string>>; readonly optionalDependencies?: Readonly<Record<string, string>> },
  integrity?: string,
]

const root = join(dirname(import.meta.dirname))
// bun.lock is JSON with trailing commas.
const lock = Bun.JSONC.parse(await Bun.file(join(root, 'bun.lock')).text()) as { readonly packages: Readonly<Record<string, Entry>> }

/** A dependency as it is seen from a package: its own nested copy when there is one, else the one further out. */
function resolve(name: string, from: string): string | undefined {
  for (let place = from; place !== ''; place = place.includes('/') ? place.slice(0, place.lastIndexOf('/')) : '') {
    if (`${place}/${name}` in lock.packages) return `${place}/${name}`
  }
  return name in lock.packages ? name : undefined
}

const reached = new Set<string>()
const waiting = Object.keys(packageFile.dependencies)
while (waiting.length > 0) {
  const place = waiting.pop() ?? ''
  if (reached.has(place)) continue
  reached.add(place)
  const about = lock.packages[place]?.[2]
  for (const name of Object.keys({ ...about?.dependencies, ...about?.optionalDependencies })) {
    const found = resolve(name, place)
    if (found !== undefined) waiting.push(found)
  }
}

const components = [...reached].sort().flatMap((place) => {
  const [id = '', , , integrity] = lock.packages[place] ?? []
  const at = id.lastIndexOf('@')
  if (at <= 0) return []
  const [name, version] = [id.slice(0, at), id.slice(at + 1)]
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    'bom-ref': `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(integrity === undefined
      ? {}
      : { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') }] }),
  }
})
const unique = [...new Map(components.map((component) => [component.purl, component])).values()]
const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name: packageFile.name, version: packageFile.version, 'bom-ref': packageFile.name } },
  components: unique,
}
const target = process.argv[2] ?? 'sbom.cdx.json'
await Bun.write(target, `${JSON.stringify(bill, null, 2)}\n`)
process.stdout.write(`${unique.length} packages in ${target}\n`)
