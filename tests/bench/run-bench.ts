/** `bun run bench [name]`: one line of JSON for each figure. Reads no timing into a verdict; people compare the ratios. */
import { basename, join } from 'node:path'
import type { Bench } from './figure.ts'

const wanted = process.argv[2]
const files = [...new Bun.Glob('*.bench.ts').scanSync({ cwd: import.meta.dirname })].sort()
const chosen = files.filter((file) => wanted === undefined || basename(file, '.bench.ts') === wanted)
if (chosen.length === 0) {
  process.stderr.write(`There is no benchmark named ${wanted}. There are: ${files.map((file) => basename(file, '.bench.ts')).join(', ')}\n`)
  process.exit(1)
}
for (const file of chosen) {
  const { bench } = (await import(join(import.meta.dirname, file))) as { bench: Bench }
  for (const { name, value, unit, reference } of await bench()) {
    const round = (number: number): number => Math.round(number * 100) / 100
    process.stdout.write(
      `${JSON.stringify({ name, value: round(value), unit, reference: round(reference), ratio: round(value / reference) })}\n`,
    )
  }
}
