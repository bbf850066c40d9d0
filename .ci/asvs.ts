/**
 * Goes through docs/asvs.tsv (OWASP ASVS 5.0, levels 1 and 2 without the chapters on self-contained tokens, OAuth and WebRTC, which the
 * shop does not use) and checks that every requirement is answered and that every test named as evidence exists. `bun .ci/asvs.ts`
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const [, ...lines] = readFileSync(join(root, 'docs/asvs.tsv'), 'utf8').trimEnd().split('\n')
const rows = lines.map((line) => {
  const [requirement = '', level = '', status = '', evidence = '', how = ''] = line.split('\t')
  return { requirement, level, status, evidence: evidence.split('; ').filter((each) => each !== ''), how }
})

const wrong: string[] = []
for (const { requirement, status, evidence, how } of rows) {
  if (!/^\d+\.\d+\.\d+$/.test(requirement) || !['met', 'partly', 'n/a'].includes(status)) wrong.push(`${requirement}: not a row`)
  if (how === '') wrong.push(`${requirement}: says nothing`)
  if (status !== 'n/a' && evidence.length === 0) wrong.push(`${requirement}: names no evidence`)
  for (const each of evidence) {
    const [file = '', name = ''] = each.split(' > ')
    if (!existsSync(join(root, file))) wrong.push(`${requirement}: ${file} does not exist`)
    else if (name !== '' && !readFileSync(join(root, file), 'utf8').includes(name.trim()))
      wrong.push(`${requirement}: ${file} has no test named "${name}"`)
  }
}
if (new Set(rows.map(({ requirement }) => requirement)).size !== 210)
  wrong.push(`there are ${rows.length} rows and should be 210 different ones`)

const count = (status: string): number => rows.filter((row) => row.status === status).length
const applicable = rows.length - count('n/a')
const tested = rows.filter(({ status, evidence }) => status !== 'n/a' && evidence.some((each) => each.startsWith('tests/'))).length
for (const line of wrong) process.stdout.write(`${line}\n`)
process.stdout.write(
  `${rows.length} requirements: ${applicable} apply, ${count('met')} met, ${count('partly')} partly, ${tested} (${Math.round((100 * tested) / applicable)} %) with a test\n`,
)
process.exit(wrong.length === 0 ? 0 : 1)
