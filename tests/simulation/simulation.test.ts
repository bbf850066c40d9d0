import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { testServerUrl } from '../support/database.ts'
import { patched, plants } from './plants.ts'
import { runSeed } from './run-seed.ts'
import { buildStage, type Stage } from './stage.ts'
import { throwSwarm } from './swarm.ts'
import { dice } from './dice.ts'
import type { Report, Task } from './worker.ts'

/** A small part of `bun run simulate`: some seeds, some planted bugs, and that a seed repeats itself. */

let stage: Stage
beforeAll(async () => {
  stage = await buildStage()
})
afterAll(async () => await stage.close())

test('the shop keeps its laws through eight storms', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const { violation, swarm } = await runSeed(stage, String(seed))
    expect({ seed, violation, faults: violation === undefined ? [] : [...swarm.faults] }).toEqual({
      seed,
      violation: undefined,
      faults: [],
    })
  }
}, 60_000)

// Seeds that found something, kept with the repair.
test.each([
  ['127185813', 'news of a cancelled prompt called off the question about a claimed success'],
  ['127185971', 'a message whose commit had no answer was put back although it was done'],
])('seed %s: %s', async (seed) => expect((await runSeed(stage, seed)).violation).toBeUndefined(), 60_000)

test('the same seed gives the same run, step by step', async () => {
  const first = await runSeed(stage, '8', { isTraced: true })
  const second = await runSeed(stage, '8', { isTraced: true })
  expect(second.trace).toEqual(first.trace)
  expect(second.hash).toBe(first.hash)
}, 60_000)

test('calm seeds and wild ones occur', () => {
  const counts = Array.from({ length: 60 }, (_, seed) => throwSwarm(dice(String(seed)), String(seed)).faults.size)
  expect(Math.min(...counts)).toBe(0)
  expect(Math.max(...counts)).toBeGreaterThan(12)
})

describe('planted bugs', () => {
  test('there are twenty-five, and each still fits the text it is planted in', async () => {
    expect(plants.length).toBe(25)
    for (const plant of plants)
      for (const file of new Set(plant.patches.map((patch) => patch.file)))
        expect(patched(plant, file, await Bun.file(join(import.meta.dirname, '../..', file)).text())).not.toBe('')
  })

  test.each(['reply-before-commit', 'second-prompt-on-time-out', 'total-from-client'])(
    '%s is found',
    async (plant) => {
      const task: Task = { first: 1, count: 200, stride: 1, plant, isTraced: false, stopsAtFinding: true, reduction: {} }
      const child = Bun.spawn([process.execPath, join(import.meta.dirname, 'worker.ts'), JSON.stringify(task)], {
        env: { ...process.env, TEST_DATABASE_URL: await testServerUrl() },
        stdout: 'pipe',
        stderr: 'inherit',
      })
      const reports = (await new Response(child.stdout).text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Report)
      expect(await child.exited).toBe(0)
      expect(reports.find(({ finding }) => finding !== undefined)?.finding?.violation).toBeString()
    },
    60_000,
  )
})
