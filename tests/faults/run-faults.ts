/**
 * `bun run faults [name] [--seconds n]`: breaks a part of a running shop under load and prints one line of JSON a figure, with what was
 * asked of it. Ends with 1 when one does not hold. Without a name, all drills.
 */
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { stopTestServers } from '../support/database.ts'
import type { Drill } from './drill.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seconds: { type: 'string', default: '60' } } })
const files = [...new Bun.Glob('*.fault.ts').scanSync({ cwd: import.meta.dirname })].sort()
const chosen = files.filter((file) => positionals.length === 0 || positionals.includes(basename(file, '.fault.ts')))
if (chosen.length === 0) {
  process.stderr.write(`There is no such drill. There are: ${files.map((file) => basename(file, '.fault.ts')).join(', ')}\n`)
  process.exit(1)
}
let isWell = true
for (const file of chosen) {
  if (chosen.length > 1) {
    // Each in a process of its own: drills bring servers of their own, and one must not find the other's.
    const child = Bun.spawn([process.execPath, import.meta.path, basename(file, '.fault.ts'), '--seconds', values.seconds], {
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'inherit',
    })
    isWell = (await child.exited) === 0 && isWell
    continue
  }
  const { drill } = (await import(join(import.meta.dirname, file))) as { drill: Drill }
  for (const finding of await drill({ seconds: Math.max(2, Number(values.seconds) || 60) })) {
    isWell &&= finding.holds
    process.stdout.write(`${JSON.stringify({ drill: basename(file, '.fault.ts'), ...finding })}\n`)
  }
}
await stopTestServers()
process.exit(isWell ? 0 : 1)
