/** Counts the JUnit reports of a run and the steps that bring none, and prints the one line that ends it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Step {
  readonly name: string
  readonly code: number
  readonly seconds: number
  readonly report: string
}

interface Count {
  readonly tests: number
  readonly failed: number
  readonly skipped: number
}

const folder = process.argv[2] ?? '.'
const steps: Step[] = readFileSync(join(folder, 'steps.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [name = '', code = '1', seconds = '0', report = '-'] = line.split('\t')
    return { name, code: Number(code), seconds: Number(seconds), report }
  })

/** The totals of a report's root element; undefined when there is no report. */
function countReport(path: string): Count | undefined {
  if (path === '-' || !existsSync(path)) return undefined
  const [root = ''] = /<testsuites[^>]*>/.exec(readFileSync(path, 'utf8')) ?? []
  const total = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0)
  return { tests: total('tests'), failed: total('failures') + total('errors'), skipped: total('skipped') }
}

const counts = steps.map((step) => ({ step, count: countReport(step.report) }))
// A step without a report is one test, skipped when it was to bring one and ended well without; a step whose report shows no failure although it ended badly (a file that does not load,
// a time-out) is one failure more.
const ownCases = counts.flatMap(({ step, count }) => {
  const isFailed = step.code !== 0
  if (count === undefined) return [{ name: step.name, isFailed, isSkipped: !isFailed && step.report !== '-', seconds: step.seconds }]
  return isFailed && count.failed === 0
    ? [{ name: `${step.name} ended with ${step.code}`, isFailed, isSkipped: false, seconds: step.seconds }]
    : []
})
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
const ownFailures = ownCases.filter(({ isFailed }) => isFailed).length
const ownSkips = ownCases.filter(({ isSkipped }) => isSkipped).length
const ownReport = join(folder, 'steps.xml')
writeFileSync(
  ownReport,
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="steps" tests="${ownCases.length}" failures="${ownFailures}" skipped="${ownSkips}">\n<testsuite name="steps" tests="${ownCases.length}" failures="${ownFailures}">\n${ownCases
    .map(
      ({ name, isFailed, isSkipped, seconds }) =>
        `<testcase name="${escape(name)}" time="${seconds}">${isFailed ? '<failure/>' : isSkipped ? '<skipped/>' : ''}</testcase>`,
    )
    .join('\n')}\n</testsuite>\n</testsuites>\n`,
)

const all = [...counts.map(({ count }) => count), countReport(ownReport)].filter((count) => count !== undefined)
const sum = (of: (count: Count) => number): number => all.reduce((total, count) => total + of(count), 0)
const [failed, skipped] = [sum((count) => count.failed), sum((count) => count.skipped)]
process.stdout.write(
  `\n${steps.map(({ name, code, seconds }) => `${code === 0 ? 'ok  ' : 'FAIL'} ${String(seconds).padStart(4)} s  ${name}`).join('\n')}\n\n`,
)
process.stdout.write(
  `${sum((count) => count.tests) - failed - skipped} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
)
process.exit(failed === 0 && steps.every(({ code }) => code === 0) ? 0 : 1)
